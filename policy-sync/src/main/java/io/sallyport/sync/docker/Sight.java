package io.sallyport.sync.docker;

import io.sallyport.sync.docker.Part.Container;
import io.sallyport.sync.docker.Part.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the engine has at one moment. */
record Sight(List<Network> networks, List<Container> containers) {
    /** Less of an id would be a guess; the engine's own short form is 12. */
    private static final int SHORTEST_ID = 4;

    static Sight of(Engine engine) throws IOException {
        return new Sight(engine.networks(), engine.containers());
    }

    /** Every network and every end of a container, by id. */
    Map<String, Place> places() {
        Map<String, Place> places = new LinkedHashMap<>();
        for (Network network : networks) {
            Place.of(network).ifPresent(place -> places.put(place.id(), place));
        }
        for (Container container : containers) {
            Place.of(container, networks).forEach(place -> places.put(place.id(), place));
        }
        return places;
    }

    /**
     * Those whose labels ask for a session. A network's holds for all in it, so that a container's
     * counts only elsewhere.
     */
    List<Place> wanted() {
        List<Place> wanted = new ArrayList<>();
        List<Network> open = new ArrayList<>();
        for (Network network : networks) {
            Place.of(network)
                    .filter(place -> place.org().isPresent())
                    .ifPresentOrElse(wanted::add, () -> open.add(network));
        }
        for (Container container : containers) {
            Place.of(container, open).stream()
                    .filter(place -> place.org().isPresent())
                    .forEach(wanted::add);
        }
        return wanted;
    }

    /** Whether the engine means the network to have no way out, which no session then opens. */
    boolean isInternal(Place place) {
        return networks.stream()
                .filter(Network::internal)
                .anyMatch(network -> place.id().startsWith(Place.PREFIX + network.shortId()));
    }

    /** Labelled networks that no rule of this host can hold. */
    List<Network> beyondReach() {
        return networks.stream()
                .filter(network -> network.labels().containsKey(Place.ORG))
                .filter(network -> Place.of(network).isEmpty())
                .toList();
    }

    /** Containers in a place that ask the engine's own name server. */
    List<Container> inside(Place place) {
        return containers.stream()
                .filter(container ->
                        networks.stream()
                                .filter(Network::hasOwnNames)
                                .filter(network -> container.ends().containsKey(network.id()))
                                .anyMatch(network ->
                                        place.id().equals(Place.PREFIX + network.shortId())
                                                || place.id()
                                                        .equals(
                                                                Place.PREFIX
                                                                        + network.shortId()
                                                                        + "-"
                                                                        + container.shortId())))
                .toList();
    }

    /**
     * The network, or the ends of the container, of that name or id.
     *
     * @throws IllegalArgumentException if there is none, several, or none that can be guarded
     */
    List<Place> find(String wanted) {
        List<Network> named =
                networks.stream()
                        .filter(network ->
                                network.name().equals(wanted) || isId(network.id(), wanted))
                        .toList();
        List<Container> running =
                containers.stream()
                        .filter(container ->
                                container.names().contains(wanted) || isId(container.id(), wanted))
                        .toList();
        if (named.size() + running.size() > 1) {
            throw new IllegalArgumentException(
                    "\"" + wanted + "\" is more than one network or container; give the id");
        }
        if (named.isEmpty() && running.isEmpty()) {
            throw new IllegalArgumentException(
                    "the engine has no network and no running container \"" + wanted + "\"");
        }
        List<Place> places =
                named.isEmpty()
                        ? Place.of(running.getFirst(), networks)
                        : Place.of(named.getFirst()).stream().toList();
        if (places.isEmpty()) {
            throw new IllegalArgumentException(
                    named.isEmpty()
                            ? "container "
                                    + wanted
                                    + " has no address in a bridge network; it"
                                    + " must be in one, or its packets do not pass this host's rules"
                            : beyond(named.getFirst()));
        }
        return places;
    }

    static String beyond(Network network) {
        return "network "
                + network.name()
                + " has the driver "
                + network.driver()
                + ": its packets do not all pass this host's rules, so that no session can hold"
                + " there; use a bridge network";
    }

    private static boolean isId(String id, String wanted) {
        return wanted.length() >= SHORTEST_ID && id.startsWith(wanted);
    }
}
