package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.resolver.Resolver;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.lookup.Lookup;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.querylog.QueryLog;
import io.sallyport.resolver.upstream.Upstreams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others' programs read in the query log. */
@Needs({"dig", "fstrm_capture", "fstrm_dump", "dnstap-read"})
class DnstapTest {
    @TempDir private Path directory;

    private static Resolver resolver(String place) throws IOException {
        Networks networks = new Networks();
        networks.put(
                new Network(
                        "sandbox",
                        List.of(Cidr.parse("127.0.0.0/8")),
                        Policy.PENDING,
                        Pinner.WITHOUT_FIREWALL));
        return Resolver.start(
                new Resolver.Config(
                        List.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)),
                        Lookup.Config.of(
                                Upstreams.Config.of(
                                        List.of(new InetSocketAddress("127.0.0.9", 53)))),
                        1,
                        Optional.of(QueryLog.Config.parse(place, "all"))),
                networks);
    }

    private static void ask(Resolver resolver, String name, String... more) {
        String port = Integer.toString(resolver.addresses().getFirst().getPort());
        String options = String.join(" ", more);
        Result answer =
                Netns.host(
                        "sh",
                        "-c",
                        "dig @127.0.0.1 -p " + port + " +tries=1 " + options + " " + name);
        assertThat(answer.output()).contains("status: NXDOMAIN");
    }

    private static void await(Resolver resolver, String counter, long value) {
        Gate.await(
                counter,
                () ->
                        resolver.counters().getOrDefault("sallyport_query_log_" + counter, -1L)
                                >= value);
    }

    private static void isRead(Path file) {
        assertThat(Netns.host("fstrm_dump", file.toString()).ok().output())
                .contains("protobuf:dnstap.Dnstap")
                .contains("STOP");
        String read = Netns.host("dnstap-read", "-p", file.toString()).ok().output();
        assertThat(read)
                .contains(" CQ 127.0.0.1:0 -> ")
                .contains(" CR 127.0.0.1:0 <- ")
                .contains("TCP")
                .contains(";a.example.org.")
                .contains(";b.example.org.")
                .contains("status: NXDOMAIN")
                .contains("EDE: 14 (Not Ready)");
        String yaml = Netns.host("dnstap-read", "-y", file.toString()).ok().output();
        assertThat(yaml)
                .contains("identity: sallyport", "type: CLIENT_QUERY", "type: CLIENT_RESPONSE")
                .contains("query_address: \"127.0.0.1\"");
    }

    @Test
    void fileIsReadByOthers() throws IOException {
        Path file = directory.resolve("queries.tap");
        try (Resolver resolver = resolver("dnstap:" + file)) {
            ask(resolver, "a.example.org");
            ask(resolver, "b.example.org", "+tcp", "AAAA");
            await(resolver, "entries_total", 2);
        }
        isRead(file);
    }

    @Test
    void collectorThatComesLateAndAgainGetsWhatComesThen()
            throws IOException, InterruptedException {
        Path socket = directory.resolve("tap.sock");
        try (Resolver resolver = resolver("dnstap:unix:" + socket)) {
            ask(resolver, "nobody.listens.example.org");
            await(resolver, "dropped_total", 1);
            Path first = directory.resolve("first.tap");
            Process collector = capture(socket, first);
            long taken = askUntilTaken(resolver);
            ask(resolver, "a.example.org");
            ask(resolver, "b.example.org", "+tcp");
            await(resolver, "entries_total", taken + 2);
            end(collector);
            isRead(first);

            Path second = directory.resolve("second.tap");
            collector = capture(socket, second);
            askUntilTaken(resolver);
            end(collector);
            assertThat(Netns.host("dnstap-read", "-p", second.toString()).ok().output())
                    .contains("again.example.org");
        }
    }

    /** Returns how many there were when the last of these was taken, or dropped. */
    private static long askUntilTaken(Resolver resolver) {
        long before = count(resolver, "entries_total");
        long settled = before + count(resolver, "dropped_total");
        while (count(resolver, "entries_total") == before) {
            ask(resolver, "again.example.org");
            long all = ++settled;
            assertThat(all).as("the collector is found").isLessThan(10_000);
            Gate.await(
                    "it is taken or dropped",
                    () ->
                            count(resolver, "entries_total") + count(resolver, "dropped_total")
                                    >= all);
        }
        return count(resolver, "entries_total");
    }

    private static long count(Resolver resolver, String counter) {
        return resolver.counters().getOrDefault("sallyport_query_log_" + counter, 0L);
    }

    private static Process capture(Path socket, Path file) throws IOException {
        Files.deleteIfExists(socket);
        Process collector =
                new ProcessBuilder(
                                "fstrm_capture",
                                "-t",
                                "protobuf:dnstap.Dnstap",
                                "-u",
                                socket.toString(),
                                "-w",
                                file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        Gate.await("the collector listens", () -> Files.exists(socket));
        return collector;
    }

    /** It writes what it has when it ends. */
    private static void end(Process collector) throws InterruptedException {
        collector.destroy();
        assertThat(collector.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
}
