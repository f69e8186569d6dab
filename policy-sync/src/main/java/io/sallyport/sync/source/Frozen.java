package io.sallyport.sync.source;

import io.sallyport.sync.snapshot.Snapshot;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The snapshots that were pulled last, one an org: many sessions start between two changes. Whoever
 * asks knows which version is in force.
 */
final class Frozen {
    /** Some thousand orgs; one with 10,000 domains takes half a million. */
    static final long MAX_CHARS = 32L << 20;

    private record Kept(long version, Snapshot snapshot) {
        long chars() {
            return snapshot.json().length();
        }
    }

    private final long most;
    private final Map<String, Kept> byOrg = new LinkedHashMap<>(16, 0.75f, true); // by last use
    private long chars;

    Frozen(long most) {
        this.most = most;
    }

    synchronized Optional<Snapshot> of(String org, long version) {
        return Optional.ofNullable(byOrg.get(org))
                .filter(kept -> kept.version() == version)
                .map(Kept::snapshot);
    }

    synchronized void keep(String org, long version, Snapshot snapshot) {
        Kept kept = new Kept(version, snapshot);
        Kept before = byOrg.put(org, kept);
        chars += kept.chars() - (before == null ? 0 : before.chars());
        Iterator<Kept> oldest = byOrg.values().iterator();
        while (chars > most) {
            chars -= oldest.next().chars();
            oldest.remove();
        }
    }
}
