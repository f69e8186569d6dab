package io.sallyport.sync.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.resolver.policy.Policy;

/**
 * What was frozen, read and compiled already. A snapshot and its policy are kept as long as a
 * network holds them, what was read as long as its snapshot lives; so all are bounded by the
 * sessions there are.
 */
final class Compiled {
    /** A thousand sessions of an org have one between them, however often each was told it. */
    private static final Cache<String, Snapshot> SNAPSHOTS =
            Caffeine.newBuilder().weakValues().build();

    private static final Cache<String, Policy> POLICIES =
            Caffeine.newBuilder().weakValues().build();

    /** By identity: a field that a record cannot have. */
    private static final Cache<Snapshot, SnapshotV1> CONTENTS =
            Caffeine.newBuilder().weakKeys().build();

    private Compiled() {}

    static Snapshot snapshot(String digest, String json) {
        return SNAPSHOTS.get(digest, named -> new Snapshot(named, json));
    }

    static Policy policy(Snapshot snapshot) {
        return POLICIES.get(snapshot.digest(), digest -> Policy.compile(snapshot.rules()));
    }

    static SnapshotV1 content(Snapshot snapshot) {
        return CONTENTS.get(snapshot, reading -> SnapshotV1.parse(reading.json()));
    }
}
