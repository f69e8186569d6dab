package io.sallyport.resolver.upstream;

import io.sallyport.resolver.upstream.Query.Carrier;
import io.sallyport.resolver.upstream.stream.Streams;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The counters of this package. Labels are what was configured, never what a client chose. */
final class Tally {
    private static final String PREFIX = "sallyport_upstream_";

    final LongAdder timeouts = new LongAdder();
    final LongAdder mismatched = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder unreachable = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder hedges = new LongAdder();
    final LongAdder hedgesWon = new LongAdder();
    final LongAdder denied = new LongAdder();
    final LongAdder retries = new LongAdder();
    final LongAdder padded = new LongAdder();
    final LongAdder probes = new LongAdder();
    final Streams.Counts streams = new Streams.Counts();

    private final EnumMap<Carrier, LongAdder> queries = new EnumMap<>(Carrier.class);
    private final AtomicLong errors = new AtomicLong();

    Tally() {
        for (Carrier carrier : Carrier.values()) {
            queries.put(carrier, new LongAdder());
        }
    }

    LongAdder queries(Carrier carrier) {
        return Objects.requireNonNull(queries.get(carrier), "all are there from the start");
    }

    /** Counts a fault of ours; whether it is the first. */
    boolean countError() {
        return errors.incrementAndGet() == 1;
    }

    void writeTo(Map<String, Long> counters) {
        long requests = 0;
        for (Carrier carrier : Carrier.values()) {
            String transport = carrier.name().toLowerCase(Locale.ROOT);
            long count = queries(carrier).sum();
            counters.put(PREFIX + "queries_total{transport=\"" + transport + "\"}", count);
            requests += count;
        }
        counters.put(PREFIX + "requests_total", requests);
        counters.put(PREFIX + "timeouts_total", timeouts.sum());
        counters.put(PREFIX + "mismatched_total", mismatched.sum() + streams.strangers());
        counters.put(PREFIX + "malformed_total", malformed.sum());
        counters.put(PREFIX + "unreachable_total", unreachable.sum());
        counters.put(PREFIX + "failures_total", failures.sum());
        counters.put(PREFIX + "hedges_total", hedges.sum());
        counters.put(PREFIX + "hedges_won_total", hedgesWon.sum());
        counters.put(PREFIX + "retries_total", retries.sum());
        counters.put(PREFIX + "extra_queries_denied_total", denied.sum());
        counters.put(PREFIX + "padded_queries_total", padded.sum());
        counters.put(PREFIX + "probes_total", probes.sum());
        counters.put(PREFIX + "errors_total", errors.get());
        streams.writeTo(counters);
    }

    /** Whether each server is up, and how far away it is: gauges. */
    static void writeGauges(Routes routes, Map<String, Long> gauges) {
        for (Group group : routes.groups()) {
            for (Server server : group.servers()) {
                String labels = "{upstream=\"" + server + "\",domain=\"" + group.label() + "\"}";
                gauges.put(PREFIX + "up" + labels, server.isUp() ? 1L : 0L);
                gauges.put(PREFIX + "rtt_nanoseconds" + labels, server.roundTripNanos());
            }
        }
    }
}
