package io.sallyport.sync.session;

import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Place;
import io.sallyport.sync.network.Network.Session;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The networks that are attached, in the order they came. Any thread; no work is done inside. */
final class Register {
    private final Map<String, Network> networks = new LinkedHashMap<>();
    private final Map<String, String> networkOfSession = new HashMap<>();

    synchronized Optional<Network> get(String id) {
        return Optional.ofNullable(networks.get(id));
    }

    synchronized Optional<Network> withSession(String sessionId) {
        return Optional.ofNullable(networkOfSession.get(sessionId)).map(networks::get);
    }

    synchronized List<Network> all() {
        return List.copyOf(networks.values());
    }

    /** The one that is attached at exactly this place. */
    synchronized Optional<Network> at(Place place) {
        return networks.values().stream()
                .filter(network -> network.place().isSameAs(place))
                .findFirst();
    }

    synchronized void put(Network network) {
        forgetSession(networks.put(network.id(), network));
        Session session = network.session();
        if (session != null) {
            networkOfSession.put(session.id(), network.id());
        }
    }

    synchronized void remove(String id) {
        forgetSession(networks.remove(id));
    }

    private void forgetSession(@Nullable Network before) {
        Session session = before == null ? null : before.session();
        if (session != null) {
            networkOfSession.remove(session.id());
        }
    }
}
