package io.sallyport.sync.control;

import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.fleet.Fleet;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many sessions and nodes there are, by the store. Asked by a scrape, but never so long that
 * the scrape fails with the store, nor more often than every few seconds.
 */
final class Census {
    private static final Logger LOG = LoggerFactory.getLogger(Census.class);

    /** Nodes report each second. */
    private static final Duration SILENT = Duration.ofMinutes(1);

    /** A node that was taken away is nobody's alert. */
    private static final Duration GONE = Duration.ofHours(1);

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PATIENCE_MILLIS = 500;

    private final Fleet fleet;
    private final AuditTrail audit;
    private final InstantSource clock;
    private final LongAdder failures = new LongAdder();
    private volatile Map<String, Long> last = numbers(Map.of(), List.of(), Instant.EPOCH, 0);
    private @Nullable CompletableFuture<Void> asking;
    private long askedAt = System.nanoTime() - PAUSE_NANOS;

    Census(Fleet fleet, AuditTrail audit, InstantSource clock) {
        this.fleet = fleet;
        this.audit = audit;
        this.clock = clock;
    }

    Map<String, Long> now() {
        CompletableFuture<Void> answer = ask();
        if (answer != null) {
            var _ = answer.completeOnTimeout(null, PATIENCE_MILLIS, TimeUnit.MILLISECONDS).join();
        }
        Map<String, Long> numbers = new TreeMap<>(last);
        numbers.put("sallyport_control_census_failures_total", failures.sum());
        return numbers;
    }

    private synchronized @Nullable CompletableFuture<Void> ask() {
        boolean due = System.nanoTime() - askedAt >= PAUSE_NANOS;
        if (due && (asking == null || asking.isDone())) {
            askedAt = System.nanoTime();
            asking = CompletableFuture.runAsync(this::count, Thread::startVirtualThread);
        }
        return asking == null ? null : asking.copy();
    }

    private void count() {
        try {
            last = numbers(fleet.states(), fleet.nodes(), clock.instant(), audit.size());
        } catch (IOException e) {
            failures.increment();
            LOG.debug("the store's numbers are those of before: {}", e.getMessage());
        }
    }

    private static Map<String, Long> numbers(
            Map<String, Long> sessions, List<Fleet.Node> nodes, Instant now, long audited) {
        Map<String, Long> numbers = new TreeMap<>();
        for (String state : List.of("pending", "bound", "closed")) {
            numbers.put(
                    "sallyport_control_sessions{state=\"" + state + "\"}",
                    sessions.getOrDefault(state, 0L));
        }
        List<Duration> silences =
                nodes.stream()
                        .map(node -> Duration.between(node.heard(), now))
                        .filter(silence -> silence.compareTo(GONE) < 0)
                        .toList();
        long silent = silences.stream().filter(each -> each.compareTo(SILENT) > 0).count();
        numbers.put("sallyport_control_nodes{state=\"silent\"}", silent);
        numbers.put("sallyport_control_nodes{state=\"reporting\"}", silences.size() - silent);
        numbers.put(
                "sallyport_control_feed_lag_seconds",
                silences.stream().mapToLong(Duration::toSeconds).max().orElse(0));
        numbers.put("sallyport_control_audit_events_total", audited);
        return numbers;
    }
}
