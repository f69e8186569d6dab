package io.sallyport.sync.world;

import io.sallyport.iptables.netns.Netns;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.xbill.DNS.Message;

/**
 * A host, an internet behind it and the sandboxes on it. One test class or test owns a world and
 * closes it.
 */
public final class World implements AutoCloseable {
    /** The honest upstream, nsd; it listens on port 53. */
    public static final String UPSTREAM4 = "198.41.0.4";

    public static final String UPSTREAM6 = "2001:503:ba3e::2:30";

    /**
     * An upstream that misbehaves by the first label of a name: silent, slow, lame, servfail,
     * broken, wrongid, wrongname, foreign, truncated; any other name has one honest address.
     */
    public static final String CROOKED4 = "198.41.0.5";

    public static final String CROOKED6 = "2001:503:ba3e::2:31";

    /**
     * Public addresses that no name has; like every address of the internet they answer on every
     * port.
     */
    public static final String PUBLIC4 = "93.184.216.200";

    public static final String PUBLIC6 = "2600:1f18:1::200";

    /** The metadata service of the host's cloud, port 80, in the host's namespace. */
    public static final String METADATA4 = "169.254.169.254";

    public static final String METADATA6 = "fd00:ec2::254";

    /** A web server of the host's own, on all its addresses. */
    public static final int HOST_SERVICE = 8000;

    /** The host's own address on its cable to the internet. */
    public static final String HOST4 = "185.199.0.2";

    static final String HOST6 = "2600:1f18:ff::2";

    /** The internet's end of the cable; the host's is {@code uplink}. */
    private static final String INTERFACE = "net0";

    private static final int DISCARD = 9;

    /** A second's. */
    private static final int LOOKS_BY_MARK = 200;

    private static final Duration QUIET = Duration.ofMillis(50);

    /**
     * One packet as it arrived at the internet.
     *
     * @param at when the kernel took it, by the clock of the machine
     * @param sourcePort 0 where the protocol has none, and for later fragments
     * @param payload what follows the transport header, each octet a character; cut at 600 octets
     *     of frame
     */
    public record Packet(
            Instant at,
            InetAddress source,
            InetAddress destination,
            int protocol,
            int sourcePort,
            int destinationPort,
            String payload) {
        static final int ICMP = 1;
        static final int ICMP6 = 58;
        public static final int TCP = 6;
        public static final int UDP = 17;

        /**
         * The name in the question, lower case, without the last dot; empty if this is no DNS
         * query.
         */
        public String question() {
            if (destinationPort != 53) {
                return "";
            }
            int offset = (protocol == TCP ? 2 : 0) + 12;
            StringBuilder name = new StringBuilder();
            while (offset < payload.length() && payload.charAt(offset) != 0) {
                int end = offset + 1 + payload.charAt(offset);
                if (end > payload.length()) {
                    return "";
                }
                name.append(name.isEmpty() ? "" : ".").append(payload, offset + 1, end);
                offset = end;
            }
            return name.toString().toLowerCase(Locale.ROOT);
        }
    }

    private final Path directory;
    private final Netns host;
    private final Netns internet;
    private final Internet hostServers;
    private final Internet servers;
    private final Upstream upstream;
    private final Capture capture;
    private final List<Sandbox> sandboxes = new ArrayList<>();
    private List<String> hiding = List.of();
    private final Thread atExit = new Thread(this::tearDown);

    private World(Netns host, Netns internet) throws IOException {
        this.host = host;
        this.internet = internet;
        directory = Files.createTempDirectory("sallyport-world");
        Cabling.lay(host, internet);
        capture = Capture.start(internet, INTERFACE);
        upstream = Upstream.start(internet, directory);
        servers = Internet.open(internet);
        hostServers = Internet.openHost(host);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** A world with everything up and no firewall. */
    public static World start() {
        Netns host = Netns.create("world-host");
        Netns internet = Netns.create("world-internet");
        try {
            World world = new World(host, internet);
            world.awaitUpstream();
            world.forget();
            return world;
        } catch (IOException | RuntimeException | Error e) {
            Cabling.remove(host);
            Cabling.remove(internet);
            throw new AssertionError("no world", e);
        }
    }

    public Netns host() {
        return host;
    }

    public Netns internet() {
        return internet;
    }

    /** A new sandbox; {@code interfaceName} is the host side of its cable. */
    public Sandbox sandbox(String interfaceName) {
        Sandbox sandbox = new Sandbox(host, interfaceName, sandboxes.size() + 1, directory);
        sandboxes.add(sandbox);
        return sandbox;
    }

    /**
     * Builds a command of the host whose resolv.conf names {@link #UPSTREAM4}, in a mount namespace
     * of its own.
     */
    public ProcessBuilder asHost(String... command) {
        List<String> whole = new ArrayList<>(hiding);
        whole.addAll(List.of(command));
        return host.entered(
                Sandbox.withResolvConf(
                        Sandbox.resolvConf(directory, "host", UPSTREAM4),
                        whole.toArray(String[]::new)));
    }

    /** From now on {@link #asHost} finds this file empty. */
    public World without(String file) {
        hiding = List.of("sh", "-c", "mount --bind /dev/null \"$0\" && exec \"$@\"", file);
        return this;
    }

    /**
     * Runs code of this JVM in a namespace: sockets opened by the task's own thread belong to it.
     */
    public <T> T inside(Netns netns, Callable<T> task) {
        return Inside.call(netns, task);
    }

    /** A scripted name server on all addresses of a namespace, UDP and TCP. */
    public Closeable nameServer(Netns netns, int port, UnaryOperator<Message> script) {
        return Inside.call(
                netns,
                () -> new NameServer(port, (query, datagram) -> script.apply(query).toWire()));
    }

    /** The command line that runs the program from this JVM's class path. */
    public static List<String> sallyport(String... arguments) {
        return Sandbox.sallyport(arguments);
    }

    /**
     * Whether the name was in a query that arrived at the internet, at any server, over UDP or TCP.
     */
    public boolean upstreamSaw(String name) {
        String wanted = name.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        return arrived().stream().anyMatch(packet -> packet.question().equals(wanted));
    }

    /** The names of all queries that arrived at the internet, in order. */
    public List<String> questions() {
        return arrived().stream().map(Packet::question).filter(name -> !name.isEmpty()).toList();
    }

    /** Every packet that has arrived at the internet so far, without neighbour discovery. */
    public List<Packet> arrived() {
        String mark = "mark " + UUID.randomUUID();
        AtomicInteger looks = new AtomicInteger();
        Cabling.await(
                "the capture has seen all",
                () -> {
                    if (looks.getAndIncrement() % LOOKS_BY_MARK == 0) {
                        send(mark); // again, if the capture had no room for it
                    }
                    return capture.packets().stream()
                            .anyMatch(packet -> packet.payload().equals(mark));
                },
                () -> "");
        return capture.packets().stream().filter(World::counts).toList();
    }

    private void send(String mark) {
        byte[] octets = mark.getBytes(StandardCharsets.ISO_8859_1);
        Inside.call(
                host,
                () -> {
                    try (DatagramSocket socket = new DatagramSocket()) {
                        socket.send(
                                new DatagramPacket(
                                        octets,
                                        octets.length,
                                        new InetSocketAddress(PUBLIC4, DISCARD)));
                    }
                    return mark;
                });
    }

    /**
     * What arrived beside the host's own queries to the two upstreams: allowed traffic, and
     * whatever got out.
     */
    public List<Packet> escaped() {
        List<String> upstreams =
                Stream.of(UPSTREAM4, UPSTREAM6, CROOKED4, CROOKED6)
                        .map(address -> InetAddress.ofLiteral(address).getHostAddress())
                        .toList();
        List<String> hosts =
                Stream.of(HOST4, HOST6)
                        .map(address -> InetAddress.ofLiteral(address).getHostAddress())
                        .toList();
        return arrived().stream()
                .filter(packet ->
                        !(hosts.contains(packet.source().getHostAddress())
                                && upstreams.contains(packet.destination().getHostAddress())
                                && (packet.destinationPort() == 53
                                        || packet.protocol() == Packet.ICMP
                                        || packet.protocol() == Packet.ICMP6)))
                .toList();
    }

    /** Forgets all packets so far. */
    public void forget() {
        arrived();
        capture.forget();
    }

    /** As {@link #forget}, once nothing comes any more of connections that are being closed. */
    public void settle() {
        int before = -1;
        int now = arrived().size();
        for (int i = 0; i < 20 && before != now; i++) {
            LockSupport.parkNanos(QUIET.toNanos());
            before = now;
            now = arrived().size();
        }
        forget();
    }

    /** Ends nsd: queries to it are refused at once (ICMP). */
    public void stopUpstream() {
        upstream.close();
    }

    public void startUpstream() {
        upstream.restart();
        awaitUpstream();
    }

    /** Makes both upstreams unreachable without a word, or reachable again. */
    public void silenceUpstreams(boolean silent) {
        for (String address : List.of(UPSTREAM4, UPSTREAM6, CROOKED4, CROOKED6)) {
            String program = address.contains(":") ? "ip6tables" : "iptables";
            internet.run(
                            program,
                            "-w",
                            "-t",
                            "raw",
                            silent ? "-A" : "-D",
                            "PREROUTING",
                            "-d",
                            address,
                            "-j",
                            "DROP")
                    .ok();
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        tearDown();
    }

    private void tearDown() {
        try {
            capture.close();
            upstream.close();
            servers.close();
            hostServers.close();
            sandboxes.forEach(Sandbox::close);
            Cabling.remove(host);
            Cabling.remove(internet);
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitUpstream() {
        Cabling.await("nsd answers", () -> asks(UPSTREAM4) && asks(UPSTREAM6), upstream::log);
    }

    private static boolean counts(Packet packet) {
        boolean neighbours =
                packet.source().isLinkLocalAddress() || packet.source().isAnyLocalAddress();
        boolean discovery =
                packet.protocol() == Packet.ICMP6
                        && !packet.payload().isEmpty()
                        && packet.payload().charAt(0) >= 133
                        && packet.payload().charAt(0) <= 137;
        // The mark itself, its echo, and what the host says about an echo that came too late.
        boolean mark = packet.payload().contains("mark ");
        return !neighbours && !discovery && !mark;
    }

    /** Whether a name server answers a query for the root's SOA. */
    private boolean asks(String server) {
        byte[] query = HexFormat.of().parseHex("4242010000010000000000000000060001");
        return Inside.call(
                host,
                () -> {
                    try (DatagramSocket socket = new DatagramSocket()) {
                        socket.setSoTimeout(100);
                        socket.connect(new InetSocketAddress(server, 53));
                        socket.send(new DatagramPacket(query, query.length));
                        DatagramPacket answer = new DatagramPacket(new byte[512], 512);
                        socket.receive(answer);
                        return answer.getLength() > query.length;
                    } catch (IOException e) {
                        return false;
                    }
                });
    }
}
