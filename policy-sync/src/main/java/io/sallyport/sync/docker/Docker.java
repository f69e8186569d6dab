package io.sallyport.sync.docker;

import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.docker.Post.Held;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Puts networks and containers of one Docker engine under one node. */
public final class Docker {
    /** The node, found again each time: it may have been started anew. */
    public interface Nodes {
        NodeClient client() throws IOException;
    }

    /**
     * Something of the engine's that the node guards.
     *
     * @param what as the engine knows it; its id if the engine has it no more
     * @param session that runs there; while there is none, nothing gets out
     */
    public record Guarded(
            String id,
            String what,
            String interfaceName,
            List<String> addresses,
            Optional<String> session,
            Optional<String> org) {
        public Guarded {
            addresses = List.copyOf(addresses);
        }
    }

    private final Engine engine;
    private final Nodes nodes;
    private final Forwarding forwarding;

    private Docker(Engine engine, Nodes nodes, Forwarding forwarding) {
        this.engine = engine;
        this.nodes = nodes;
        this.forwarding = forwarding;
    }

    /** The engine that listens at a Unix socket of this host. */
    public static Docker at(Path socket, Nodes nodes) {
        return new Docker(new Engine(socket), nodes, Forwarding.ofHost());
    }

    /**
     * Starts a session for a network, or for each end of a container.
     *
     * @param name or id
     * @param org whose; null takes the label's
     * @return the sessions
     * @throws IllegalArgumentException if there is nothing of the name that could have one
     */
    public List<JsonNode> attach(
            String name, @Nullable String org, @Nullable String agent, boolean observe)
            throws IOException, NodeClient.Refused {
        Sight sight = Sight.of(engine);
        List<Place> places = sight.find(name);
        Post post = new Post(nodes.client());
        List<JsonNode> sessions = new ArrayList<>();
        for (Place place : places) {
            String owner =
                    Optional.ofNullable(org)
                            .or(place::org)
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            place.what()
                                                    + " has no label "
                                                    + Place.ORG
                                                    + "; say whose it is with --org"));
            if (sight.isInternal(place)) {
                throw new IllegalArgumentException(
                        place.what()
                                + ": the network is internal, so that it has no way out; a session"
                                + " would open one");
            }
            refuseWhatAsksPastTheGate(sight, place);
            Optional<String> which = Optional.ofNullable(agent).or(place::agent);
            boolean fresh = !post.held().containsKey(place.id());
            post.close(place);
            try {
                sessions.add(post.begin(place, null, owner, which, observe));
            } catch (IOException | NodeClient.Refused e) {
                if (fresh) {
                    post.end(new Held(place.id(), place.bridge(), Set.of(), Optional.empty()));
                }
                throw e;
            }
        }
        return sessions;
    }

    private void refuseWhatAsksPastTheGate(Sight sight, Place place) throws IOException {
        for (Part.Container container : sight.inside(place)) {
            Optional<String> server = forwarding.pastTheGate(engine.nameServers(container.id()));
            if (server.isPresent()) {
                throw new IOException(Watcher.leak(container, server.get()));
            }
        }
    }

    /**
     * Ends the sessions of a network or container and forgets it: Docker's own rules hold again.
     */
    public List<String> detach(String name) throws IOException, NodeClient.Refused {
        Post post = new Post(nodes.client());
        Map<String, Held> held = post.held();
        List<String> ids =
                held.containsKey(name)
                        ? List.of(name)
                        : Sight.of(engine).find(name).stream().map(Place::id).toList();
        List<String> ended = new ArrayList<>();
        for (String id : ids) {
            Held there = held.get(id);
            if (there != null) {
                post.end(there);
                ended.add(id);
            }
        }
        if (ended.isEmpty()) {
            throw new IllegalArgumentException("\"" + name + "\" is not attached");
        }
        return ended;
    }

    /** What the node guards of this engine. */
    public List<Guarded> list() throws IOException, NodeClient.Refused {
        Post post = new Post(nodes.client());
        Map<String, JsonNode> sessions = post.sessions();
        Map<String, Place> places = Sight.of(engine).places();
        List<Guarded> list = new ArrayList<>();
        for (Held held : post.held().values()) {
            Place place = places.get(held.id());
            list.add(
                    new Guarded(
                            held.id(),
                            place == null ? held.id() : place.what(),
                            held.interfaceName(),
                            List.copyOf(held.addresses()),
                            held.session(),
                            held.session()
                                    .map(sessions::get)
                                    .map(session -> session.path("org").asString(""))));
        }
        return list;
    }

    /**
     * Follows the engine until the thread is interrupted: what has a label gets a session at its
     * start, what is gone loses it.
     *
     * @param ready is told once, after the first look at everything
     */
    public void watch(Runnable ready) {
        new Watcher(engine, nodes, forwarding, ready).run();
    }
}
