package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Installation;
import io.sallyport.iptables.firewall.Firewall.Network;
import io.sallyport.iptables.firewall.Firewall.Reach;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netns.Netns;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Two sandboxes, a host and an internet, each a namespace of its own.
 *
 * <pre>
 *  sandbox 10.77.1.2 fd77:1::2 ── sb1 ┐
 *  other   10.77.2.2 fd77:2::2 ── sb2 ┴ host ── internet: 9.9.1.1, 9.9.1.2, 2a00:9::1, 2a00:9::2, 10.50.0.1, 10.60.0.1
 * </pre>
 *
 * The resolver's addresses live on the host's loopback; a responder plays the resolver, others the
 * internet.
 */
final class World implements AutoCloseable {

    static final String SANDBOX = "10.77.1.2";
    static final String SANDBOX6 = "fd77:1::2";
    static final String DNS4 = "169.254.53.53";
    static final String DNS6 = "fd00:53::53";
    static final int REDIRECT = 5300;
    static final int PAGE = 5380;

    /** What every pin of these tests opens unless it says otherwise: TCP port 443. */
    static final Access PINNED = pinned(List.of());

    static final Access PUBLIC = access(Reach.PUBLIC, List.of());

    static Access pinned(List<Subnet> internal) {
        return access(Reach.PINNED, internal);
    }

    private static Access access(Reach reach, List<Subnet> internal) {
        return new Access(reach, List.of(tcp(443)), true, internal);
    }

    /**
     * What a probe found: {@code open}, {@code refused} or {@code silent}, by whom or why, and how
     * long it took.
     */
    record Outcome(String what, String detail, int millis) {
        @Override
        public String toString() {
            return what + " " + detail;
        }
    }

    final Netns sandbox = Netns.create("spsb");
    final Netns other = Netns.create("spsb");
    final Netns host = Netns.create("sphost");
    final Netns internet = Netns.create("spnet");
    private final List<Process> processes = new ArrayList<>();
    private final Map<Netns, Process> probers = new HashMap<>();

    World() {
        try {
            build();
        } catch (AssertionError | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void build() {
        for (Netns each : List.of(sandbox, other, host, internet)) {
            each.sysctl("net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0");
        }
        host.sysctl("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
        Netns.join(sandbox, "eth0", host, "sb1");
        Netns.join(other, "eth0", host, "sb2");
        Netns.join(internet, "eth0", host, "uplink");
        link(sandbox, "sb1", "1");
        link(other, "sb2", "2");
        host.ip(
                """
                address add 9.1.0.1/24 dev uplink
                address add 2a00:1::1/64 dev uplink nodad
                address add %s/32 dev lo
                address add %s/128 dev lo nodad
                route add default via 9.1.0.2
                route add ::/0 via 2a00:1::2
                route add 169.254.169.254/32 via 9.1.0.2
                """
                        .formatted(DNS4, DNS6));
        internet.ip(
                """
                address add 9.1.0.2/24 dev eth0
                address add 2a00:1::2/64 dev eth0 nodad
                address add 9.9.1.1/32 dev lo
                address add 9.9.1.2/32 dev lo
                address add 10.50.0.1/32 dev lo
                address add 10.60.0.1/32 dev lo
                address add 169.254.169.254/32 dev lo
                address add 2a00:9::1/128 dev lo nodad
                address add 2a00:9::2/128 dev lo nodad
                route add 10.77.0.0/16 via 9.1.0.1
                route add fd77::/16 via 2a00:1::1
                """);
        respond();
    }

    /** All at once, and then all are waited for. */
    private void respond() {
        List<String> resolver =
                on(List.of("tcp:53", "udp:53", "tcp:" + REDIRECT, "udp:" + REDIRECT), DNS4, DNS6);
        resolver.addAll(on(List.of("tcp:80", "tcp:" + PAGE), DNS4, DNS6));
        resolver.addAll(
                on(
                        List.of("tcp:22", "tcp:80", "tcp:" + PAGE, "udp:123"),
                        "10.77.1.1",
                        "fd77:1::1"));
        List.of(
                        respond(host, resolver),
                        respond(internet, internet()),
                        respond(other, on(List.of("tcp:443", "udp:443"), "10.77.2.2", "fd77:2::2")),
                        respond(sandbox, on(List.of("tcp:7000"), SANDBOX, SANDBOX6)))
                .forEach(World::awaitReady);
    }

    private static List<String> internet() {
        List<String> services =
                List.of("tcp:443", "udp:443", "tcp:8443", "tcp:853", "udp:853", "tcp:53", "udp:53");
        return on(
                services,
                "9.9.1.1",
                "9.9.1.2",
                "10.50.0.1",
                "10.60.0.1",
                "169.254.169.254",
                "2a00:9::1",
                "2a00:9::2");
    }

    private void link(Netns sandboxed, String hostInterface, String number) {
        host.ip(
                """
                address add 10.77.%2$s.1/30 dev %1$s
                address add fd77:%2$s::1/64 dev %1$s nodad
                """
                        .formatted(hostInterface, number));
        sandboxed.ip(
                """
                address add 10.77.%1$s.2/30 dev eth0
                address add fd77:%1$s::2/64 dev eth0 nodad
                route add default via 10.77.%1$s.1
                route add ::/0 via fd77:%1$s::1
                """
                        .formatted(number));
    }

    private static List<String> on(List<String> services, String... addresses) {
        List<String> all = new ArrayList<>();
        for (String address : addresses) {
            services.forEach(service -> all.add(service + ":" + address));
        }
        return all;
    }

    private Process respond(Netns netns, List<String> services) {
        return python(netns, "responder.py", services);
    }

    private Process python(Netns netns, String program, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("python3", resource(program)));
        command.addAll(arguments);
        Process process = netns.start(command.toArray(String[]::new));
        processes.add(process);
        return process;
    }

    private static void awaitReady(Process responder) {
        String line = line(reader(responder));
        if (!"ready".equals(line)) {
            throw new AssertionError("the responder said " + line);
        }
    }

    private static String line(BufferedReader reader) {
        try {
            return String.valueOf(reader.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void say(Process process, String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static BufferedReader reader(Process process) {
        return process.inputReader(StandardCharsets.UTF_8);
    }

    static String resource(String name) {
        try {
            return Path.of(World.class.getResource(name).toURI()).toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    Tools tools(Flavour flavour) {
        return new Tools(flavour, Optional.of(Path.of("/run/netns", host.name())));
    }

    static Installation installation(String... sandboxInterfaces) {
        return new Installation(
                "t1",
                (Inet4Address) address(DNS4),
                (Inet6Address) address(DNS6),
                REDIRECT,
                PAGE,
                List.of(sandboxInterfaces));
    }

    Firewall open(Flavour flavour, String... sandboxInterfaces) {
        return Firewall.open(installation(sandboxInterfaces), tools(flavour));
    }

    static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** The first sandbox's network. */
    static Network network(String binding) {
        return new Network(
                binding,
                "sb1",
                List.of(new Subnet(address(SANDBOX), 32), new Subnet(address(SANDBOX6), 128)),
                true);
    }

    /** The second sandbox's network. */
    static Network neighbour(String binding) {
        return new Network(
                binding,
                "sb2",
                List.of(
                        new Subnet(address("10.77.2.2"), 32),
                        new Subnet(address("fd77:2::2"), 128)),
                true);
    }

    static byte[][] octets(String... addresses) {
        byte[][] octets = new byte[addresses.length][];
        for (int i = 0; i < addresses.length; i++) {
            octets[i] = address(addresses[i]).getAddress();
        }
        return octets;
    }

    static int tcp(int port) {
        return 6 << 16 | port;
    }

    static int udp(int port) {
        return 17 << 16 | port;
    }

    /** Tries a way out of the first sandbox. */
    Outcome probe(String... arguments) {
        return probe(sandbox, arguments);
    }

    Outcome probe(Netns from, String... arguments) {
        Process prober =
                probers.computeIfAbsent(from, netns -> python(netns, "probe.py", List.of("serve")));
        say(prober, String.join(" ", arguments));
        String line = line(reader(prober));
        String[] words = line.split(" ", -1);
        if (words.length < 3) {
            throw new AssertionError("the prober said " + line);
        }
        return new Outcome(words[0], words[1], Integer.parseInt(words[words.length - 1]));
    }

    /** A connection out of the first sandbox that stays. */
    Held hold(String address, int port) {
        return new Held(
                python(sandbox, "probe.py", List.of("hold", address, String.valueOf(port))));
    }

    /** One open connection. */
    static final class Held {
        private final Process process;
        private final BufferedReader reader;

        private Held(Process process) {
            this.process = process;
            this.reader = reader(process);
            if (!"held".equals(line(reader))) {
                throw new AssertionError("the connection did not open");
            }
        }

        /** Sends and waits for the answer: {@code alive} or {@code dead} and why. */
        String ask() {
            say(process, "");
            return line(reader);
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
        List.of(sandbox, other, host, internet).forEach(Netns::close);
    }
}
