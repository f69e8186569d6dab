package io.sallyport.sync.docker;

import io.sallyport.sync.docker.Part.Container;
import io.sallyport.sync.docker.Part.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network, or one end of a container in a network, as the node needs to know it.
 *
 * @param id of the node's network: the same as long as the engine's part is the same
 * @param session the id of the session that its label asks for: one for each start of a container,
 *     so that none begins again that was told to end
 * @param what for a person
 * @param org whose session it says it wants; empty if it says nothing
 */
record Place(
        String id,
        String session,
        String what,
        String bridge,
        List<String> addresses,
        Optional<String> org,
        Optional<String> agent) {
    /** Of ids of the node's networks that were made here. */
    static final String PREFIX = "docker-";

    static final String ORG = "sallyport.org";
    static final String AGENT = "sallyport.agent";

    Place {
        addresses = List.copyOf(addresses);
    }

    /** Empty if the engine's driver lets packets pass where this host's rules do not see them. */
    static Optional<Place> of(Network network) {
        if (network.bridge().isEmpty() || network.subnets().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Place(
                        PREFIX + network.shortId(),
                        PREFIX + network.shortId(),
                        "network " + network.name(),
                        network.bridge().get(),
                        network.subnets(),
                        label(network.labels(), ORG),
                        label(network.labels(), AGENT)));
    }

    /** A container's ends; those in networks that are no place themselves are left out. */
    static List<Place> of(Container container, List<Network> networks) {
        List<Place> places = new ArrayList<>();
        for (Network network : networks) {
            Part.End end = container.ends().get(network.id());
            if (network.bridge().isPresent() && end != null) {
                String id = PREFIX + network.shortId() + "-" + container.shortId();
                places.add(
                        new Place(
                                id,
                                id + "-" + end.id(),
                                "container " + container.name() + " in " + network.name(),
                                network.bridge().get(),
                                end.addresses(),
                                label(container.labels(), ORG),
                                label(container.labels(), AGENT)));
            }
        }
        return places;
    }

    private static Optional<String> label(Map<String, String> labels, String key) {
        return Optional.ofNullable(labels.get(key)).filter(value -> !value.isBlank());
    }
}
