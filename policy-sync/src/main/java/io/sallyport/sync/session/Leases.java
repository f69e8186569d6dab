package io.sallyport.sync.session;

import io.sallyport.sync.network.Network.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Until when sessions run whose orchestrator is not heard of. By a clock that nobody sets and that
 * stands still while the machine sleeps: the time of day may jump as it likes. Any thread.
 */
final class Leases {
    /** A heartbeat each third of it is one in seconds, not a flood. */
    static final int SHORTEST = 5;

    /** Longer than a node goes without a restart, after which it is counted anew. */
    static final int LONGEST = 30 * 24 * 60 * 60;

    /** After a restart, on top of the lease: heartbeats found nobody meanwhile. */
    static final int GRACE = 30;

    private static final long NANOS = 1_000_000_000;

    private record Lease(int seconds, long untilNanos) {}

    private final Map<String, Lease> leases = new ConcurrentHashMap<>();
    private final LongSupplier nanos;

    Leases(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void begin(Session session) {
        begin(session, 0);
    }

    void restored(Session session) {
        begin(session, GRACE);
    }

    private void begin(Session session, int more) {
        if (session.lease() > 0) {
            leases.put(session.id(), new Lease(session.lease(), until(session.lease() + more)));
        }
    }

    void end(String session) {
        leases.remove(session);
    }

    /** False if it has run out, or never was. */
    boolean renew(String session) {
        return leases.computeIfPresent(
                        session,
                        (_, lease) ->
                                // After a restart there may be more left than a heartbeat gives.
                                left(lease) > lease.seconds() * NANOS
                                        ? lease
                                        : new Lease(lease.seconds(), until(lease.seconds())))
                != null;
    }

    /** Whole seconds; empty where there is no lease. */
    OptionalLong left(String session) {
        Lease lease = leases.get(session);
        return lease == null
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, left(lease) / NANOS));
    }

    /** Those that have run out, each told once: from here on no heartbeat renews them. */
    List<String> expire() {
        List<String> over = new ArrayList<>();
        for (String session : leases.keySet()) {
            var _ =
                    leases.computeIfPresent(
                            session,
                            (_, lease) -> {
                                if (left(lease) > 0) {
                                    return lease;
                                }
                                over.add(session);
                                return null;
                            });
        }
        return over;
    }

    private long until(int seconds) {
        return nanos.getAsLong() + seconds * NANOS;
    }

    private long left(Lease lease) {
        return lease.untilNanos() - nanos.getAsLong();
    }
}
