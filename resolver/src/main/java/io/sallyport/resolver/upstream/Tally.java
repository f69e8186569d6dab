package io.sallyport.resolver.upstream;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The counters of this package. */
final class Tally {
    final LongAdder requests = new LongAdder();
    final LongAdder tcp = new LongAdder();
    final LongAdder timeouts = new LongAdder();
    final LongAdder mismatched = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder unreachable = new LongAdder();
    final LongAdder failures = new LongAdder();

    private final AtomicLong errors = new AtomicLong();

    /** Counts a fault of ours; whether it is the first. */
    boolean countError() {
        return errors.incrementAndGet() == 1;
    }

    void writeTo(Map<String, Long> counters) {
        counters.put("sallyport_upstream_requests_total", requests.sum());
        counters.put("sallyport_upstream_tcp_requests_total", tcp.sum());
        counters.put("sallyport_upstream_timeouts_total", timeouts.sum());
        counters.put("sallyport_upstream_mismatched_total", mismatched.sum());
        counters.put("sallyport_upstream_malformed_total", malformed.sum());
        counters.put("sallyport_upstream_unreachable_total", unreachable.sum());
        counters.put("sallyport_upstream_failures_total", failures.sum());
        counters.put("sallyport_upstream_errors_total", errors.get());
    }
}
