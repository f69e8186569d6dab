package io.sallyport.sync.session;

import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions.Stale;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Which sessions run with older settings than their org has now: each org is asked once. */
final class Older {
    /** The agent is asked for too: it may have lost the right to a session. */
    private record Key(String org, @Nullable String agent) {}

    private final PolicySource source;
    private final Map<Key, OptionalLong> current = new HashMap<>();

    Older(PolicySource source) {
        this.source = source;
    }

    List<Stale> among(List<Network> networks) throws IOException {
        List<Stale> stale = new ArrayList<>();
        for (Network network : networks) {
            Session session = network.session();
            if (session != null) {
                OptionalLong now = current(new Key(session.org(), session.agent()));
                if (now.isEmpty() || now.getAsLong() > session.snapshot().version()) {
                    stale.add(new Stale(network, now));
                }
            }
        }
        return stale;
    }

    private OptionalLong current(Key key) throws IOException {
        OptionalLong known = current.get(key);
        if (known == null) {
            known = pulled(key);
            current.put(key, known);
        }
        return known;
    }

    /** Empty where no session would start. */
    private OptionalLong pulled(Key key) throws IOException {
        try {
            return OptionalLong.of(source.pull(key.org(), key.agent()).version());
        } catch (PolicySource.Refused e) {
            return OptionalLong.empty();
        }
    }
}
