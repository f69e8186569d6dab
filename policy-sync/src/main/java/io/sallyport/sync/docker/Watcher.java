package io.sallyport.sync.docker;

import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.docker.Part.Container;
import io.sallyport.sync.docker.Post.Held;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the node guard what the labels say, now and after each change.
 *
 * <p>An event is only a reason to look again: what it says is not read, and none that is missed
 * matters for longer than {@link #PERIOD}. In each look what is gone is ended first, then what is
 * new is closed, then sessions begin, so that nothing that waits for a policy is open meanwhile.
 */
final class Watcher {
    private static final Logger LOG = LoggerFactory.getLogger(Watcher.class);

    /** Should the engine lose an event; two small requests. */
    private static final Duration PERIOD = Duration.ofSeconds(30);

    /** Before the engine, the node or a policy that was not there is asked for again. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Engine engine;
    private final Docker.Nodes nodes;
    private final Forwarding forwarding;
    private final Runnable ready;
    private boolean told;

    /** What was said last about each thing, so that it is said once. */
    private final Map<String, String> problems = new HashMap<>();

    Watcher(Engine engine, Docker.Nodes nodes, Forwarding forwarding, Runnable ready) {
        this.engine = engine;
        this.nodes = nodes;
        this.forwarding = forwarding;
        this.ready = ready;
    }

    void run() {
        while (!Thread.currentThread().isInterrupted()) {
            // Listening first, so that nothing that happens during the look is missed.
            try (Exchange changes = engine.changes()) {
                follow(changes);
            } catch (IOException e) {
                // Told to stop: a channel that was waited for says so in its own way.
                if (!Thread.currentThread().isInterrupted()) {
                    problem("the engine or the node", String.valueOf(e.getMessage()));
                }
            } catch (NodeClient.Refused e) {
                problem("the node", String.valueOf(e.getMessage()));
            }
            rest();
        }
    }

    private void follow(Exchange changes) throws IOException, NodeClient.Refused {
        while (!Thread.currentThread().isInterrupted()) {
            Map<String, String> found = look();
            problems.keySet().retainAll(found.keySet());
            found.forEach(this::problem);
            if (!told) {
                told = true;
                ready.run();
            }
            Optional<byte[]> change = changes.line(found.isEmpty() ? PERIOD : PAUSE);
            while (change.isPresent() && changes.hasMore()) {
                change = changes.line(PAUSE);
            }
        }
    }

    /** Makes it so; returns what could not be, by what it is about. */
    private Map<String, String> look() throws IOException, NodeClient.Refused {
        Map<String, String> found = new TreeMap<>();
        Sight sight = Sight.of(engine);
        Post post = new Post(nodes.client());
        Map<String, Held> held = new HashMap<>(post.held());
        Map<String, Place> places = sight.places();
        for (Held each : List.copyOf(held.values())) {
            Place place = places.get(each.id());
            if (place == null || !each.isAt(place)) {
                attempt(
                        found,
                        each.id(),
                        () -> {
                            post.end(each);
                            held.remove(each.id());
                            LOG.info(
                                    "ended, it is gone: {} on {}", each.id(), each.interfaceName());
                        });
            }
        }
        List<Place> wanted = sight.wanted();
        for (Place place : wanted) {
            if (!held.containsKey(place.id())) {
                attempt(found, place.what(), () -> post.close(place));
            }
        }
        stopWhatAsksPastTheGate(sight, held.keySet(), wanted, found);
        for (Place place : wanted) {
            Held there = held.get(place.id());
            boolean waits = there == null || there.session().isEmpty();
            if (waits && !sight.isInternal(place) && !found.containsKey(place.what())) {
                attempt(found, place.what(), () -> begin(post, place));
            }
        }
        sight.beyondReach()
                .forEach(network -> found.put("network " + network.name(), Sight.beyond(network)));
        return found;
    }

    private static void begin(Post post, Place place) throws IOException, NodeClient.Refused {
        var session =
                post.begin(place, place.session(), place.org().orElseThrow(), place.agent(), false);
        LOG.info("session {} for {}", session.path("id").asString(""), place.what());
    }

    /** What it asks by way of the host cannot be told from the host's own questions. */
    private void stopWhatAsksPastTheGate(
            Sight sight, Set<String> held, List<Place> wanted, Map<String, String> found)
            throws IOException, NodeClient.Refused {
        if (forwarding.pastTheGate(List.of()).isEmpty()) {
            return;
        }
        Map<String, Place> guarded = new HashMap<>(sight.places());
        Set<String> ids = new HashSet<>(held);
        wanted.forEach(place -> ids.add(place.id()));
        guarded.keySet().retainAll(ids);
        Set<Container> inside = new HashSet<>();
        guarded.values().forEach(place -> inside.addAll(sight.inside(place)));
        for (Container container : inside) {
            Optional<String> server = forwarding.pastTheGate(engine.nameServers(container.id()));
            if (server.isPresent()) {
                String what = "container " + container.name();
                attempt(found, what, () -> engine.stop(container.id()));
                problem(what, "stopped: " + leak(container, server.get()));
            }
        }
    }

    static String leak(Container container, String server) {
        return "container "
                + container.name()
                + " would ask the host's own server "
                + server
                + " for names, past every rule: the engine's name server does so where the host's"
                + " resolv.conf names a loopback address. Give it --dns 169.254.53.53 (dns: in"
                + " Compose)";
    }

    private interface Step {
        void take() throws IOException, NodeClient.Refused;
    }

    /** One that fails keeps no other from being closed. */
    private static void attempt(Map<String, String> found, String what, Step step)
            throws IOException {
        try {
            step.take();
        } catch (NodeClient.Refused e) {
            found.put(what, "it stays closed: " + e.getMessage());
        }
    }

    private void problem(String what, String sentence) {
        if (!sentence.equals(problems.put(what, sentence))) {
            LOG.error("{}: {}", what, sentence);
        }
    }

    private static void rest() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
