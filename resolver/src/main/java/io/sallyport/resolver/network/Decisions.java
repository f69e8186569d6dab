package io.sallyport.resolver.network;

import io.sallyport.resolver.network.Networks.Decision;
import io.sallyport.resolver.network.Networks.DeniedName;
import io.sallyport.resolver.network.Networks.Verdict;
import io.sallyport.resolver.policy.Policy.Reason;
import java.util.ArrayList;
import java.util.List;

/** What was decided for one binding. Written by every event loop without a lock. */
final class Decisions {
    private final NameLog denied = new NameLog(Verdict.DENIED, NameLog.SLOTS);
    private final NameLog observed;
    private final NameLog allowed;
    private long allowedTold;
    private long since;

    /**
     * A network at level all has as much room for allowed names as one that observes for observed
     * ones: by them its org finds the list that it needs.
     *
     * @param now seconds since the epoch, as everywhere here
     */
    Decisions(Networks.Network network, long now) {
        since = now;
        observed = new NameLog(Verdict.OBSERVED, network.observe() ? NameLog.OBSERVED_SLOTS : 1);
        allowed =
                new NameLog(
                        Verdict.ALLOWED,
                        network.policy().allowsEveryName()
                                ? NameLog.OBSERVED_SLOTS
                                : NameLog.SLOTS);
    }

    NameLog denied() {
        return denied;
    }

    void observed(byte[] lowered, int length, long hash, long now) {
        observed.record(lowered, length, hash, Reason.NOT_ALLOWED, now);
    }

    void answered(byte[] lowered, int length, long hash, long now) {
        allowed.record(lowered, length, hash, Reason.NOT_ALLOWED, now);
    }

    List<DeniedName> deniedNames() {
        return denied.names();
    }

    List<DeniedName> observedNames() {
        return observed.names();
    }

    /**
     * What came since the last time.
     *
     * @param allowedQueries of the binding until now; names are noted only when an answer is new to
     *     it
     */
    synchronized List<Decision> drain(long allowedQueries, long now) {
        List<Decision> fresh = new ArrayList<>(denied.drain());
        fresh.addAll(observed.drain());
        List<Decision> named = allowed.drain();
        fresh.addAll(named);
        allowedTold += named.stream().mapToLong(Decision::count).sum();
        long rest = allowedQueries - allowedTold;
        if (rest > 0) {
            allowedTold += rest;
            fresh.add(
                    new Decision(
                            Verdict.ALLOWED,
                            NameLog.OTHER_NAMES,
                            Reason.NOT_ALLOWED,
                            rest,
                            since,
                            now));
        }
        since = now;
        return fresh;
    }
}
