package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Probe.Finding;
import io.sallyport.sync.probe.Probe.Result;
import io.sallyport.sync.probe.Probe.Settings;
import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The allowed name resolves and connects; otherwise "blocked" would only mean that nothing works
 * here.
 */
record Control(Optional<Finding> finding, List<InetAddress> addresses) {

    static Control run(Settings settings, Surroundings surroundings) {
        if (settings.allowed().isEmpty()) {
            return new Control(Optional.empty(), List.of());
        }
        String name = settings.allowed().get();
        List<InetAddress> addresses = new ArrayList<>();
        Way way =
                new Way(
                        "allowed-name",
                        name + " resolves and connects on port " + settings.allowedPort(),
                        () -> {
                            if (surroundings.nameservers().isEmpty()) {
                                return Seen.unknown("not tried: resolv.conf names no server");
                            }
                            addresses.addAll(resolve(name, surroundings, settings));
                            if (addresses.isEmpty()) {
                                return Seen.blocked("does not resolve");
                            }
                            Seen seen =
                                    Streams.connectAny(
                                            addresses.stream()
                                                    .map(address ->
                                                            new InetSocketAddress(
                                                                    address,
                                                                    settings.allowedPort()))
                                                    .toList(),
                                            settings.timeout());
                            return seen.result() == Result.OPEN
                                    ? seen
                                    : Seen.blocked("resolves, but: " + seen.happened());
                        });
        Finding finding = way.attempt();
        return new Control(Optional.of(finding), List.copyOf(addresses));
    }

    private static List<InetAddress> resolve(
            String name, Surroundings surroundings, Settings settings) throws IOException {
        InetSocketAddress server =
                new InetSocketAddress(surroundings.nameservers().getFirst(), Asking.PORT);
        List<byte[]> queries =
                List.of(
                        Question.ordinary(name, Question.A),
                        Question.ordinary(name, Question.AAAA));
        return Asking.exchange(server, queries, settings.timeout()).stream()
                .flatMap(Optional::stream)
                .flatMap(reply -> reply.addresses().stream())
                .toList();
    }
}
