package io.sallyport.sync.session;

import io.sallyport.sync.session.Sessions.Network;
import io.sallyport.sync.session.Sessions.Rejected;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The networks that are attached, in the order they came. Changed by one thread at a time; {@link
 * #get} is any thread's, and waits for nobody.
 */
final class Register {
    private final Map<String, Network> networks = new LinkedHashMap<>();
    private volatile Map<String, Network> seen = Map.of();

    Optional<Network> get(String id) {
        return Optional.ofNullable(seen.get(id));
    }

    Collection<Network> all() {
        return networks.values();
    }

    void put(Network network) {
        networks.put(network.id(), network);
        seen = Map.copyOf(networks);
    }

    void remove(String id) {
        networks.remove(id);
        seen = Map.copyOf(networks);
    }

    Network withSession(String sessionId) throws Rejected {
        for (Network network : networks.values()) {
            if (network.session() != null && network.session().id().equals(sessionId)) {
                return network;
            }
        }
        throw new Rejected(
                Rejected.Kind.UNKNOWN, "session", "no session " + sessionId + " runs on this node");
    }
}
