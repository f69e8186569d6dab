package io.sallyport.sync.session;

import io.sallyport.resolver.network.Networks.Decision;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions.Decided;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was decided for sessions that have ended, until somebody asks. Any thread. */
final class Tally {
    /** Some ten sessions at their fullest; where nobody asks it costs no more than 1 MB. */
    private static final int MOST = 4096;

    private final List<Decided> last = new ArrayList<>();

    synchronized void ended(@Nullable Session session, List<Decision> decisions) {
        if (session != null) {
            decisions.stream()
                    .limit(MOST - last.size())
                    .forEach(decision ->
                            last.add(new Decided(session.org(), session.id(), decision)));
        }
    }

    synchronized List<Decided> take() {
        List<Decided> taken = new ArrayList<>(last);
        last.clear();
        return taken;
    }
}
