package io.sallyport.sync.source;

import io.sallyport.sync.snapshot.Snapshot;
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

    private final Map<String, Snapshot> byOrg = new LinkedHashMap<>(16, 0.75f, true);
    private long chars;

    synchronized Optional<Snapshot> of(String org, long version) {
        return Optional.ofNullable(byOrg.get(org)).filter(kept -> kept.version() == version);
    }

    synchronized void keep(Snapshot snapshot) {
        Snapshot before = byOrg.put(snapshot.org(), snapshot);
        chars += snapshot.json().length() - (before == null ? 0 : before.json().length());
        var oldest = byOrg.values().iterator();
        while (chars > MAX_CHARS && oldest.hasNext()) {
            chars -= oldest.next().json().length();
            oldest.remove();
        }
    }
}
