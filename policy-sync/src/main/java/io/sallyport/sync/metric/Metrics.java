package io.sallyport.sync.metric;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The metrics of a process, and the page they are on. */
public final class Metrics {
    private static final String OPEN_METRICS = "application/openmetrics-text";
    private static final String OPEN_METRICS_1 = OPEN_METRICS + "; version=1.0.0; charset=utf-8";
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(10)
    };

    /**
     * How long something took, how often.
     *
     * @param series its name and labels
     * @param bounds upper ends of the buckets but for the last one, in seconds
     * @param counts of each bucket alone
     */
    public record Histogram(
            String series, List<Double> bounds, List<Long> counts, double sumSeconds) {
        public Histogram {
            bounds = List.copyOf(bounds);
            counts = List.copyOf(counts);
        }
    }

    /** Somebody's numbers, read at each scrape. */
    public interface Source {
        /**
         * By series. What ends in {@code _total} counts, the rest is of this moment; what ends in
         * {@code _nanoseconds} is told in seconds.
         */
        Map<String, ? extends Number> values();

        default List<Histogram> histograms() {
            return List.of();
        }
    }

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /**
     * @param component what this process is: {@code node} or {@code control}
     */
    public Metrics(String component) {
        registry.getPrometheusRegistry().register(Build.of(component));
        add(new Machine());
    }

    /** For meters of Micrometer. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Begins to tell what a source has. */
    public void add(Source source) {
        registry.getPrometheusRegistry().register(new Page(source));
    }

    /** A timer with the buckets that all timers here have, registered under its name. */
    public Timer timer(String name, String meaning, String... tags) {
        return Timer.builder(name)
                .description(meaning)
                .tags(tags)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    /** Answers a scrape. */
    public void answer(ServerRequest request, ServerResponse response) {
        String wanted = request.headers().first(HeaderNames.ACCEPT).orElse("");
        String type = wanted.contains(OPEN_METRICS) ? OPEN_METRICS_1 : TEXT;
        response.header(HeaderNames.CONTENT_TYPE, type)
                .send(registry.scrape(type).getBytes(StandardCharsets.UTF_8));
    }
}
