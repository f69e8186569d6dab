package io.sallyport.sync.session;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.snapshot.Snapshot;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether a session may ever have been answered about a name that is denied now: only then can a
 * flow of an earlier run, whose name nobody knows any more, have come by it. In doubt it may.
 * Snapshots are looked at once each.
 */
final class Within {
    /** Comparisons of one snapshot, some tens of milliseconds; a sandbox waits for nothing here. */
    private static final long MOST_COMPARISONS = 1_000_000;

    private record Key(String digest, Collection<Entry> denied) {}

    private final Map<Key, Boolean> known = new HashMap<>();

    boolean mayHaveAllowed(Session session, Collection<Entry> denied) {
        if (session.mode() == Mode.OBSERVE) {
            return true;
        }
        return known.computeIfAbsent(
                new Key(session.snapshot().digest(), denied),
                _ -> mayHaveAllowed(session.snapshot(), denied));
    }

    private static boolean mayHaveAllowed(Snapshot snapshot, Collection<Entry> denied) {
        if (snapshot.policy().allowsEveryName()) {
            return true;
        }
        List<Entry> allowed = snapshot.rules().allow();
        if ((long) allowed.size() * denied.size() > MOST_COMPARISONS) {
            return true;
        }
        return denied.stream().anyMatch(entry -> mayHaveAllowed(snapshot, allowed, entry));
    }

    private static boolean mayHaveAllowed(Snapshot snapshot, List<Entry> allowed, Entry denied) {
        DomainPattern pattern = denied.pattern();
        if (pattern.scope() == Scope.EXACT) {
            return snapshot.policy().judge(pattern.name()) instanceof Policy.Allow;
        }
        return allowed.stream()
                .anyMatch(entry -> areInLine(entry.pattern().name(), pattern.name()));
    }

    /** One is the other, or below it. */
    private static boolean areInLine(WireName one, WireName other) {
        return one.isAtOrBelow(other) || other.isAtOrBelow(one);
    }
}
