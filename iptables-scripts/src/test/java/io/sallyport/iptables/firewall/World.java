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
import java.util.List;
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
            each.sysctl("net.ipv6.conf.default.accept_dad", "0")
                    .sysctl("net.ipv6.conf.all.accept_dad", "0");
        }
        host.sysctl("net.ipv4.ip_forward", "1").sysctl("net.ipv6.conf.all.forwarding", "1");
        Netns.join(sandbox, "eth0", host, "sb1");
        Netns.join(other, "eth0", host, "sb2");
        Netns.join(internet, "eth0", host, "uplink");
        link(sandbox, "sb1", "1");
        link(other, "sb2", "2");
        host.address("uplink", "9.1.0.1/24").address("uplink", "2a00:1::1/64");
        internet.address("eth0", "9.1.0.2/24").address("eth0", "2a00:1::2/64");
        host.route("default", "9.1.0.2").route("default", "2a00:1::2");
        host.address("lo", DNS4 + "/32").address("lo", DNS6 + "/128");
        for (String address :
                List.of(
                        "9.9.1.1/32",
                        "9.9.1.2/32",
                        "10.50.0.1/32",
                        "10.60.0.1/32",
                        "2a00:9::1/128",
                        "2a00:9::2/128",
                        "169.254.169.254/32")) {
            internet.address("lo", address);
        }
        host.run("ip", "route", "add", "169.254.169.254/32", "via", "9.1.0.2").ok();
        internet.run("ip", "route", "add", "10.77.0.0/16", "via", "9.1.0.1").ok();
        internet.run("ip", "-6", "route", "add", "fd77::/16", "via", "2a00:1::1").ok();
        internet();
        respond(
                host,
                on(List.of("tcp:53", "udp:53", "tcp:" + REDIRECT, "udp:" + REDIRECT), DNS4, DNS6));
        respond(host, on(List.of("tcp:80", "tcp:" + PAGE), DNS4, DNS6));
        respond(
                host,
                on(
                        List.of("tcp:22", "tcp:80", "tcp:" + PAGE, "udp:123"),
                        "10.77.1.1",
                        "fd77:1::1"));
        respond(other, on(List.of("tcp:443", "udp:443"), "10.77.2.2", "fd77:2::2"));
        respond(sandbox, on(List.of("tcp:7000"), SANDBOX, SANDBOX6));
    }

    private void internet() {
        List<String> services =
                List.of("tcp:443", "udp:443", "tcp:8443", "tcp:853", "udp:853", "tcp:53", "udp:53");
        List<String> all =
                new ArrayList<>(
                        on(
                                services,
                                "9.9.1.1",
                                "9.9.1.2",
                                "10.50.0.1",
                                "10.60.0.1",
                                "169.254.169.254"));
        all.addAll(on(services, "2a00:9::1", "2a00:9::2"));
        respond(internet, all);
    }

    private void link(Netns sandboxed, String hostInterface, String number) {
        host.address(hostInterface, "10.77." + number + ".1/30")
                .address(hostInterface, "fd77:" + number + "::1/64");
        sandboxed
                .address("eth0", "10.77." + number + ".2/30")
                .address("eth0", "fd77:" + number + "::2/64");
        sandboxed
                .route("default", "10.77." + number + ".1")
                .route("default", "fd77:" + number + "::1");
    }

    private static List<String> on(List<String> services, String... addresses) {
        List<String> all = new ArrayList<>();
        for (String address : addresses) {
            services.forEach(service -> all.add(service + ":" + address));
        }
        return all;
    }

    private void respond(Netns netns, List<String> services) {
        List<String> command = new ArrayList<>(List.of("python3", resource("responder.py")));
        command.addAll(services);
        Process process = netns.start(command.toArray(String[]::new));
        processes.add(process);
        try {
            String line = reader(process).readLine();
            if (!"ready".equals(line)) {
                throw new AssertionError("the responder said " + line);
            }
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

    static Outcome probe(Netns from, String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", resource("probe.py")));
        command.addAll(List.of(arguments));
        String[] words =
                from.run(command.toArray(String[]::new)).ok().output().strip().split(" ", -1);
        return new Outcome(words[0], words[1], Integer.parseInt(words[words.length - 1]));
    }

    /** A connection out of the first sandbox that stays. */
    Held hold(String address, int port) {
        Process process =
                sandbox.start(
                        "python3", resource("probe.py"), "hold", address, String.valueOf(port));
        processes.add(process);
        return new Held(process);
    }

    /** One open connection. */
    static final class Held {
        private final Process process;
        private final BufferedReader reader;

        private Held(Process process) {
            this.process = process;
            this.reader = reader(process);
            if (!"held".equals(line())) {
                throw new AssertionError("the connection did not open");
            }
        }

        /** Sends and waits for the answer: {@code alive} or {@code dead} and why. */
        String ask() {
            try {
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return line();
        }

        private String line() {
            try {
                return String.valueOf(reader.readLine());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
        List.of(sandbox, other, host, internet).forEach(Netns::close);
    }
}
