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
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.resolver.Resolver;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.session.Sessions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /metrics}, {@code /healthz} and {@code /readyz}. Every series exists from the start. */
final class Watch {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    /**
     * A counter's name with its labels, as the resolver spells it: {@code
     * queries_total{proto="udp"}}.
     */
    private static final Pattern SERIES = Pattern.compile("([a-z0-9_]+?)(?:_total)?(?:\\{(.*)})?");

    private static final Pattern LABEL = Pattern.compile("([a-z]+)=\"([^\"]*)\",?");

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Resolver resolver;
    private final Firewall firewall;
    private final NodeApi.Rules rules;
    private final NodeApi.Told told;

    /**
     * What every series reads, taken once a scrape: listing the kernel's rules takes milliseconds.
     * The registry holds what it reads weakly, so that must be this object and nothing shorter
     * lived.
     */
    private volatile Map<String, Long> resolverNow;

    private volatile Map<String, Long> kernelNow;

    Watch(
            Resolver resolver,
            Firewall firewall,
            Sessions sessions,
            NodeApi.Rules rules,
            NodeApi.Told told) {
        this.told = told;
        this.resolver = resolver;
        this.firewall = firewall;
        this.rules = rules;
        resolverNow = counters();
        kernelNow = firewall.counters();
        resolverNow.keySet().forEach(this::count);
        kernelNow
                .keySet()
                .forEach(kind ->
                        FunctionCounter.builder(
                                        "sallyport.kernel.dropped.packets",
                                        this,
                                        watch -> watch.kernelNow.getOrDefault(kind, 0L))
                                .tag("kind", kind)
                                .register(registry));
        FunctionCounter.builder("sallyport.rules.repairs", rules, NodeApi.Rules::repairs)
                .register(registry);
        Gauge.builder("sallyport.rules.faults", rules, now -> now.faults().size())
                .register(registry);
        Gauge.builder("sallyport.sessions.observing", sessions, Watch::observing)
                .register(registry);
        Gauge.builder(
                        "sallyport.emergency.denials",
                        sessions,
                        now -> now.emergencies().denied().size())
                .register(registry);
        for (String state : List.of("pending", "bound", "closed")) {
            Gauge.builder("sallyport.sessions", sessions, now -> count(now, state))
                    .tag("state", state)
                    .register(registry);
        }
        FunctionCounter.builder("sallyport.leases.expired", sessions, Sessions::expired)
                .register(registry);
    }

    private static double count(Sessions sessions, String state) {
        return sessions.list().stream().filter(network -> network.state().equals(state)).count();
    }

    private static double observing(Sessions sessions) {
        return sessions.list().stream()
                .map(Network::session)
                .filter(session -> session != null && session.mode() == Mode.OBSERVE)
                .count();
    }

    private Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>(resolver.counters());
        counters.putAll(told.counters());
        return counters;
    }

    void routes(HttpRouting.Builder routing) {
        routing.get("/metrics", this::metrics)
                .get("/healthz", (request, response) -> plain(response, Status.OK_200, "alive"))
                .get("/readyz", this::ready);
    }

    private void metrics(ServerRequest request, ServerResponse response) {
        read();
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                .send(registry.scrape().getBytes(StandardCharsets.UTF_8));
    }

    private void read() {
        resolverNow = counters();
        try {
            kernelNow = firewall.counters();
        } catch (FirewallException e) {
            // The resolver's counters are worth having all the same; /readyz says what is wrong.
            LOG.warn("the kernel's counters could not be read: {}", e.getMessage());
        }
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

    private void count(String series) {
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
        ToDoubleFunction<Watch> value = watch -> watch.resolverNow.getOrDefault(series, 0L);
        if (series.contains("_total")) {
            FunctionCounter.builder(name, this, value).tags(tags).register(registry);
        } else {
            Gauge.builder(name, this, value).tags(tags).register(registry);
        }
    }

    private static void plain(ServerResponse response, Status status, String text) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .send((text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
