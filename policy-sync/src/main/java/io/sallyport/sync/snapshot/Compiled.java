package io.sallyport.sync.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.resolver.policy.Policy;

/**
 * What was read and compiled already. A policy is kept as long as a network holds it, what was read
 * as long as its snapshot lives; so both are bounded by the sessions there are.
 */
final class Compiled {
    private static final Cache<String, Policy> POLICIES =
            Caffeine.newBuilder().weakValues().build();

    /** By identity: a field that a record cannot have. */
    private static final Cache<Snapshot, SnapshotV1> CONTENTS =
            Caffeine.newBuilder().weakKeys().build();

    private Compiled() {}

    static Policy policy(Snapshot snapshot) {
        return POLICIES.get(snapshot.digest(), digest -> Policy.compile(snapshot.rules()));
    }

    static SnapshotV1 content(Snapshot snapshot) {
        return CONTENTS.get(snapshot, reading -> SnapshotV1.parse(reading.json()));
    }
}
