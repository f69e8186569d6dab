package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Datagrams.Shot;
import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Datagrams to where no answer led, each such that a real server of its port answers it. */
final class UdpWays {
    /**
     * A QUIC long header of a version that nobody has: servers answer with those they have (RFC
     * 9000 §6.1).
     */
    private static final byte[] QUIC =
            padded(1200, 0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0);

    /** A client's request, version 4 (RFC 5905). */
    private static final byte[] TIME = padded(48, 0x23);

    /** A binding request (RFC 8489 §5): type 1, no attributes, the magic cookie. */
    private static final byte[] STUN = padded(20, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42);

    /** More than any path takes at once, so the kernel makes fragments. */
    private static final byte[] LARGE = padded(4000, 0x23);

    private static final byte[] HELLO = padded(64, 'h', 'i');
    private static final int DNS_OVER_QUIC = 853;
    private static final Map<Integer, byte[]> DIRECT =
            Map.of(123, TIME, 443, QUIC, 1194, HELLO, 3478, STUN, 4433, QUIC, 51820, HELLO);

    /** 443 is usually allowed for an allowed name. */
    private static final Map<Integer, byte[]> PINNED = Map.of(123, TIME, 3478, STUN, 4433, QUIC);

    private static final Map<Integer, byte[]> HOST =
            Map.of(
                    67, HELLO, 69, HELLO, 111, HELLO, 123, TIME, 161, HELLO, 514, HELLO, 4789,
                    HELLO, 8472, HELLO);

    private UdpWays() {}

    static List<Way> list(Scene scene) {
        List<Way> ways = new ArrayList<>();
        for (boolean six : new boolean[] {false, true}) {
            String version = "-" + Scene.family(six);
            List<InetAddress> targets = scene.targets(six);
            add(
                    ways,
                    scene,
                    "udp-direct" + version,
                    "an address that no answer named",
                    targets,
                    DIRECT);
            List<InetAddress> pinned = Scene.of(scene.pinned(), six);
            add(
                    ways,
                    scene,
                    "udp-pinned-other-ports" + version,
                    "the allowed name's address",
                    pinned,
                    PINNED);
            add(
                    ways,
                    scene,
                    "udp-fragments" + version,
                    "4000 octets",
                    targets,
                    Map.of(443, LARGE, 123, LARGE));
            List<InetAddress> resolvers = TcpWays.publicResolvers(six);
            Map<Integer, byte[]> doq = Map.of(DNS_OVER_QUIC, QUIC);
            add(ways, scene, "dns-over-quic" + version, "public resolvers", resolvers, doq);
            List<InetAddress> gateways = Scene.of(scene.surroundings().gateways(), six);
            add(
                    ways,
                    scene,
                    "host-datagrams" + version,
                    "the host's end of the cable",
                    gateways,
                    HOST);
            scene.target(six).ifPresent(target -> ways.add(fromDnsPort(scene, target, version)));
            ways.add(toMany(scene, six));
        }
        return ways;
    }

    private static void add(
            List<Way> ways,
            Scene scene,
            String name,
            String what,
            List<InetAddress> addresses,
            Map<Integer, byte[]> contents) {
        if (addresses.isEmpty()) {
            return;
        }
        List<Shot> shots =
                addresses.stream()
                        .flatMap(address ->
                                contents.entrySet().stream()
                                        .map(entry ->
                                                new Shot(
                                                        new InetSocketAddress(
                                                                address, entry.getKey()),
                                                        ByteBuffer.wrap(entry.getValue()))))
                        .toList();
        String where = addresses.stream().map(Streams::text).collect(Collectors.joining(" "));
        String which =
                contents.keySet().stream()
                        .sorted()
                        .map(String::valueOf)
                        .collect(Collectors.joining(" "));
        ways.add(
                new Way(
                        name,
                        what + ": " + where + ", UDP " + which,
                        () -> Datagrams.answeredAny(shots, scene.timeout())));
    }

    private static Way fromDnsPort(Scene scene, InetAddress target, String version) {
        InetSocketAddress destination = new InetSocketAddress(target, 443);
        return new Way(
                "udp-from-port-53" + version,
                Streams.text(destination) + " UDP, with source port 53",
                () -> {
                    Optional<InetSocketAddress> source = scene.dnsPort(target);
                    if (source.isEmpty()) {
                        return Seen.blocked("no route");
                    }
                    try (DatagramSocket socket = new DatagramSocket(source.get())) {
                        socket.connect(destination);
                        return heard(socket, destination, QUIC, scene);
                    }
                });
    }

    /** Neighbours and the host may answer what is sent to all: mDNS, SSDP, DHCP. */
    private static Way toMany(Scene scene, boolean six) {
        byte[] mdns =
                Question.of(
                        0, Question.labels("_services._dns-sd._udp.local"), 12, Question.INTERNET);
        byte[] ssdp =
                "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII);
        String tried =
                six
                        ? "ff02::fb UDP 5353, ff02::c UDP 1900"
                        : "224.0.0.251 UDP 5353, 239.255.255.250 UDP 1900,"
                                + " 255.255.255.255 UDP 67 9";
        return new Way(
                "multicast-" + Scene.family(six),
                tried,
                () -> {
                    Optional<NetworkInterface> outside = scene.surroundings().outside();
                    if (outside.isEmpty()) {
                        return Seen.blocked("no route");
                    }
                    try (DatagramSocket socket = new DatagramSocket()) {
                        socket.setBroadcast(true);
                        socket.setOption(StandardSocketOptions.IP_MULTICAST_IF, outside.get());
                        send(socket, six ? "ff02::fb" : "224.0.0.251", 5353, mdns);
                        send(socket, six ? "ff02::c" : "239.255.255.250", 1900, ssdp);
                        if (!six) {
                            send(socket, "255.255.255.255", 67, new byte[300]);
                            send(socket, "255.255.255.255", 9, new byte[64]);
                        }
                        return receive(socket, scene, Optional.empty());
                    } catch (IOException e) {
                        return Seen.blocked(Streams.reason(e));
                    }
                });
    }

    private static void send(DatagramSocket socket, String address, int port, byte[] content)
            throws IOException {
        InetSocketAddress destination = new InetSocketAddress(InetAddress.ofLiteral(address), port);
        socket.send(new DatagramPacket(content, content.length, destination));
    }

    private static Seen heard(
            DatagramSocket socket, InetSocketAddress destination, byte[] content, Scene scene) {
        try {
            socket.send(new DatagramPacket(content, content.length));
            return receive(socket, scene, Optional.of(destination));
        } catch (IOException e) {
            return Seen.blocked(Streams.reason(e));
        }
    }

    /** Open if something comes in, from the expected sender if there is one. */
    static Seen receive(DatagramSocket socket, Scene scene, Optional<InetSocketAddress> sender)
            throws IOException {
        socket.setSoTimeout((int) scene.timeout().toMillis());
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException e) {
            return Seen.blocked("silence");
        }
        boolean expected = sender.isEmpty() || sender.get().equals(packet.getSocketAddress());
        return expected
                ? Seen.open(
                        "answered by "
                                + Streams.text((InetSocketAddress) packet.getSocketAddress()))
                : Seen.blocked("silence");
    }

    static byte[] padded(int length, int... start) {
        byte[] octets = new byte[length];
        for (int i = 0; i < start.length; i++) {
            octets[i] = (byte) start[i];
        }
        return octets;
    }
}
