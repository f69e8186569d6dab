package io.sallyport.sync.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.resolver.Resolver;
import io.sallyport.sync.session.Sessions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code /metrics}, {@code /healthz} and {@code /readyz}. Every series exists from the start. */
final class Watch {
    /**
     * A counter's name with its labels, as the resolver spells it: {@code
     * queries_total{proto="udp"}}.
     */
    private static final Pattern SERIES = Pattern.compile("([a-z0-9_]+?)(?:_total)?(?:\\{(.*)})?");

    private static final Pattern LABEL = Pattern.compile("([a-z]+)=\"([^\"]*)\",?");

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final NodeApi.Rules rules;

    Watch(Resolver resolver, Firewall firewall, Sessions sessions, NodeApi.Rules rules) {
        this.rules = rules;
        resolver.counters().keySet().forEach(name -> count(name, resolver::counters));
        firewall.counters()
                .keySet()
                .forEach(kind ->
                        FunctionCounter.builder(
                                        "sallyport.kernel.dropped.packets",
                                        firewall,
                                        kernel -> kernel.counters().getOrDefault(kind, 0L))
                                .tag("kind", kind)
                                .register(registry));
        FunctionCounter.builder("sallyport.rules.repairs", rules, NodeApi.Rules::repairs)
                .register(registry);
        Gauge.builder("sallyport.rules.faults", rules, now -> now.faults().size())
                .register(registry);
        for (String state : List.of("pending", "bound")) {
            Gauge.builder(
                            "sallyport.sessions",
                            sessions,
                            now ->
                                    now.list().stream()
                                            .filter(network ->
                                                    (network.session() == null)
                                                            == state.equals("pending"))
                                            .count())
                    .tag("state", state)
                    .register(registry);
        }
    }

    void routes(HttpRouting.Builder routing) {
        routing.get("/metrics", this::metrics)
                .get("/healthz", (request, response) -> plain(response, Status.OK_200, "alive"))
                .get("/readyz", this::ready);
    }

    private void metrics(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                .send(registry.scrape().getBytes(StandardCharsets.UTF_8));
    }

    private void ready(ServerRequest request, ServerResponse response) {
        List<String> faults = rules.faults();
        if (faults.isEmpty()) {
            plain(response, Status.OK_200, "ready");
        } else {
            plain(
                    response,
                    Status.SERVICE_UNAVAILABLE_503,
                    "not ready: " + String.join("; ", faults));
        }
    }

    private void count(String series, Supplier<Map<String, Long>> counters) {
        Matcher parts = SERIES.matcher(series);
        if (!parts.matches()) {
            throw new IllegalStateException("not the name of a counter: " + series);
        }
        Tags tags = Tags.empty();
        Matcher label = LABEL.matcher(parts.group(2) == null ? "" : parts.group(2));
        while (label.find()) {
            tags = tags.and(label.group(1), label.group(2));
        }
        String name = parts.group(1).replace('_', '.');
        if (series.contains("_total")) {
            FunctionCounter.builder(name, counters, now -> now.get().getOrDefault(series, 0L))
                    .tags(tags)
                    .register(registry);
        } else {
            Gauge.builder(name, counters, now -> now.get().getOrDefault(series, 0L))
                    .tags(tags)
                    .register(registry);
        }
    }

    private static void plain(ServerResponse response, Status status, String text) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .send((text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
