package io.sallyport.sync.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.resolver.Resolver;
import io.sallyport.resolver.count.Counters;
import io.sallyport.sync.metric.Metrics;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.session.Sessions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code /metrics}, {@code /healthz} and {@code /readyz} of a node. */
final class Watch implements Metrics.Source {
    private final Metrics metrics = new Metrics("node");
    private final StartTimes startTimes = new StartTimes(metrics);
    private final Resolver resolver;
    private final Kernel kernel;
    private final Sessions sessions;
    private final NodeApi.Rules rules;
    private final NodeApi.Told told;

    Watch(
            Resolver resolver,
            Firewall firewall,
            Sessions sessions,
            NodeApi.Rules rules,
            NodeApi.Told told) {
        this.resolver = resolver;
        this.kernel = new Kernel(firewall);
        this.sessions = sessions;
        this.rules = rules;
        this.told = told;
        metrics.add(this);
    }

    /** How long starts of sessions take. */
    StartTimes startTimes() {
        return startTimes;
    }

    @Override
    public Map<String, Long> values() {
        Map<String, Long> values = new TreeMap<>(resolver.counters());
        values.putAll(told.counters());
        kernel.refused()
                .forEach((kind, packets) ->
                        values.put(
                                "sallyport_kernel_dropped_packets_total{kind=\"" + kind + "\"}",
                                packets));
        values.put("sallyport_rules_repairs_total", rules.repairs());
        values.put("sallyport_rules_faults", (long) rules.faults().size());
        values.put("sallyport_emergency_denials", (long) sessions.emergencies().denied().size());
        values.put("sallyport_leases_expired_total", sessions.expired());
        count(sessions.list(), values);
        return values;
    }

    private static void count(List<Network> networks, Map<String, Long> values) {
        for (String state : List.of("pending", "bound", "closed")) {
            values.put(
                    "sallyport_sessions{state=\"" + state + "\"}",
                    networks.stream().filter(each -> each.state().equals(state)).count());
        }
        values.put(
                "sallyport_sessions_observing",
                networks.stream()
                        .map(Network::session)
                        .filter(session -> session != null && session.mode() == Mode.OBSERVE)
                        .count());
    }

    @Override
    public List<Metrics.Histogram> histograms() {
        List<Double> bounds = Counters.bounds();
        return resolver.histograms().stream()
                .map(each ->
                        new Metrics.Histogram(
                                each.series(), bounds, each.counts(), each.sumSeconds()))
                .toList();
    }

    void routes(HttpRouting.Builder routing) {
        routing.get("/metrics", metrics::answer)
                .get("/healthz", (request, response) -> plain(response, Status.OK_200, "alive"))
                .get("/readyz", this::ready);
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

    private static void plain(ServerResponse response, Status status, String text) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .send((text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
