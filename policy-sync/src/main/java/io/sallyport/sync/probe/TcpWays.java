package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Way.Seen;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Connections to where no answer led. */
final class TcpWays {
    private static final List<Integer> USUAL = List.of(22, 80, 443);

    /** Mail, databases, proxies, version control, chat: what a port list may have forgotten. */
    private static final List<Integer> UNUSUAL =
            List.of(
                    21, 23, 25, 465, 587, 993, 1080, 3128, 3306, 3389, 5432, 6379, 6667, 8080, 8443,
                    9418, 27017);

    /**
     * What hosts run: shells, containers, clusters, databases, consoles, and Sallyport's own
     * control and metrics.
     */
    private static final List<Integer> HOST_SERVICES =
            List.of(
                    22, 80, 111, 443, 1054, 2375, 2376, 2379, 3000, 3306, 5000, 5432, 6379, 6443,
                    7053, 8000, 8080, 8443, 9090, 9100, 9153, 10250, 10255);

    private static final List<Integer> DNS_OVER_TLS = List.of(853);

    /** Port 80 of the resolver's own address is the page that says why, and nothing of the host. */
    private static final List<Integer> BESIDE_THE_PAGE =
            HOST_SERVICES.stream().filter(port -> port != 80).toList();

    private static final List<Integer> WEB = List.of(80, 443);
    private static final List<InetAddress> PUBLIC_RESOLVERS =
            literals(
                    "8.8.8.8",
                    "8.8.4.4",
                    "1.1.1.1",
                    "9.9.9.9",
                    "208.67.222.222",
                    "2001:4860:4860::8888",
                    "2606:4700:4700::1111",
                    "2620:fe::fe");

    /** Of the clouds: link-local, containers', unique local, and two public-looking ones. */
    private static final List<InetAddress> METADATA =
            literals(
                    "169.254.169.254",
                    "169.254.170.2",
                    "169.254.169.253",
                    "100.100.100.200",
                    "168.63.129.16",
                    "fd00:ec2::254",
                    "fd20:ce::254");

    private static final List<InetAddress> PRIVATE =
            literals(
                    "10.0.0.1",
                    "172.16.0.1",
                    "172.17.0.1",
                    "192.168.0.1",
                    "192.168.1.1",
                    "100.64.0.1",
                    "fd00::1",
                    "fc00::1",
                    "fec0::1");

    private TcpWays() {}

    static List<Way> list(Scene scene) {
        List<Way> ways = new ArrayList<>();
        for (boolean six : new boolean[] {false, true}) {
            Function<List<InetAddress>, List<InetAddress>> family =
                    addresses -> Scene.of(addresses, six);
            List<InetAddress> targets = scene.targets(six);
            String version = "-" + Scene.family(six);
            add(
                    ways,
                    scene,
                    "tcp-direct" + version,
                    "an address that no answer named",
                    targets,
                    USUAL);
            add(
                    ways,
                    scene,
                    "tcp-unusual-ports" + version,
                    "an address that no answer named",
                    targets,
                    UNUSUAL);
            List<InetAddress> pinned = family.apply(scene.pinned());
            add(
                    ways,
                    scene,
                    "tcp-pinned-other-ports" + version,
                    "the allowed name's address",
                    pinned,
                    UNUSUAL);
            List<InetAddress> resolvers = family.apply(PUBLIC_RESOLVERS);
            add(ways, scene, "dns-over-tls" + version, "public resolvers", resolvers, DNS_OVER_TLS);
            add(
                    ways,
                    scene,
                    "dns-over-https" + version,
                    "public resolvers",
                    resolvers,
                    List.of(443));
            add(
                    ways,
                    scene,
                    "metadata" + version,
                    "clouds' metadata services",
                    family.apply(METADATA),
                    WEB);
            add(ways, scene, "private" + version, "private networks", family.apply(PRIVATE), USUAL);
            List<InetAddress> nameservers = family.apply(scene.surroundings().nameservers());
            List<InetAddress> gateways = family.apply(scene.surroundings().gateways());
            boolean same = gateways.stream().anyMatch(nameservers::contains);
            add(
                    ways,
                    scene,
                    "host-services" + version,
                    "the host's end of the cable",
                    gateways,
                    same ? BESIDE_THE_PAGE : HOST_SERVICES);
            add(
                    ways,
                    scene,
                    "resolver-other-ports" + version,
                    "the resolver's address",
                    nameservers,
                    BESIDE_THE_PAGE);
            scene.target(six).ifPresent(target -> ways.add(fromDnsPort(scene, target, version)));
        }
        scene.target(false)
                .ifPresent(target -> {
                    add(
                            ways,
                            scene,
                            "tcp-translated-v6",
                            "IPv6 forms of an IPv4 address",
                            translated(target),
                            WEB);
                    ways.add(mapped(scene, target));
                });
        return ways;
    }

    private static void add(
            List<Way> ways,
            Scene scene,
            String name,
            String what,
            List<InetAddress> addresses,
            List<Integer> ports) {
        if (addresses.isEmpty()) {
            return;
        }
        List<InetSocketAddress> destinations =
                addresses.stream()
                        .flatMap(address ->
                                ports.stream().map(port -> new InetSocketAddress(address, port)))
                        .toList();
        String where = addresses.stream().map(Streams::text).collect(Collectors.joining(" "));
        String which = ports.stream().map(String::valueOf).collect(Collectors.joining(" "));
        ways.add(
                new Way(
                        name,
                        what + ": " + where + ", TCP " + which,
                        () -> Streams.connectAny(destinations, scene.timeout())));
    }

    /** Rules that let a name server's answers pass by their source port let this pass too. */
    private static Way fromDnsPort(Scene scene, InetAddress target, String version) {
        InetSocketAddress destination = new InetSocketAddress(target, 443);
        return new Way(
                "tcp-from-port-53" + version,
                Streams.text(destination) + " TCP, with source port 53",
                () -> {
                    Optional<InetSocketAddress> source = scene.dnsPort(target);
                    return source.isEmpty()
                            ? Seen.blocked("no route")
                            : Streams.connectAny(source, List.of(destination), scene.timeout());
                });
    }

    /**
     * NAT64 (RFC 6052), 6to4 (RFC 3056), IPv4-compatible (RFC 4291 §2.5.5.1), Teredo (RFC 4380).
     */
    private static List<InetAddress> translated(InetAddress target) {
        String four = HexFormat.of().formatHex(target.getAddress());
        String high = four.substring(0, 4);
        String low = four.substring(4);
        return Stream.of(
                        "64:ff9b::%s:%s",
                        "64:ff9b:1::%s:%s", "2002:%s:%s::1", "::%s:%s", "2001:0:%s:%s::1")
                .map(form -> InetAddress.ofLiteral(form.formatted(high, low)))
                .toList();
    }

    /**
     * An IPv6 socket connected to ::ffff:a.b.c.d sends IPv4 packets, past filters that only look at
     * AF_INET.
     */
    private static Way mapped(Scene scene, InetAddress target) {
        String address = "::ffff:" + Streams.text(target);
        return new Way(
                "tcp-mapped-v4",
                address + ", TCP 443, from an IPv6 socket",
                () -> {
                    try (RawSocket socket = RawSocket.open(RawSocket.INET6, RawSocket.STREAM, 0)) {
                        socket.patience(scene.timeout());
                        socket.connect(RawSocket.mapped(target, 443));
                        return Seen.open("connected");
                    } catch (RawSocket.Refusal e) {
                        return Seen.blocked(e.getMessage());
                    }
                });
    }

    static List<InetAddress> literals(String... addresses) {
        return Stream.of(addresses).map(InetAddress::ofLiteral).toList();
    }

    static List<InetAddress> publicResolvers(boolean six) {
        return Scene.of(PUBLIC_RESOLVERS, six);
    }
}
