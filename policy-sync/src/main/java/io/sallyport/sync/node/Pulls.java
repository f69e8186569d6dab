package io.sallyport.sync.node;

import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts how pulls of policies go. The source stays its owner's. */
final class Pulls implements PolicySource {
    private volatile @Nullable PolicySource source;
    private final LongAdder ok = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failed = new LongAdder();

    /** Until this is called all pulls fail. */
    void from(PolicySource from) {
        source = from;
    }

    @Override
    public Snapshot pull(String org, @Nullable String agent, @Nullable String namespace)
            throws Refused, IOException {
        LongAdder outcome = failed;
        PolicySource from = source;
        try {
            if (from == null) {
                throw new IOException("this node has not started yet");
            }
            Snapshot snapshot = from.pull(org, agent, namespace);
            outcome = ok;
            return snapshot;
        } catch (Refused e) {
            outcome = refused;
            throw e;
        } finally {
            outcome.increment();
        }
    }

    Map<String, Long> counters() {
        return Map.of(
                "sallyport_policy_pulls_total{result=\"ok\"}", ok.sum(),
                "sallyport_policy_pulls_total{result=\"refused\"}", refused.sum(),
                "sallyport_policy_pulls_total{result=\"failed\"}", failed.sum());
    }
}
