/**
 * What a process tells those who watch it: {@code /metrics}, for Prometheus.
 *
 * <p>In: counters and gauges as their owners spell them, {@code name{label="value"}}, read anew at
 * each scrape, and Micrometer's timers. Out: OpenMetrics or the older text, as asked for. Every
 * series exists from the start; labels come from closed sets, never from a name, a client, a
 * session or an org. What each metric means stands in {@code Meanings}.
 */
@NullMarked
package io.sallyport.sync.metric;

import org.jspecify.annotations.NullMarked;
