package io.sallyport.sync.probe;

import io.sallyport.sync.probe.RawSocket.Refusal;
import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * IP packets that no honest program sends. Their answers, if any, come to an ordinary UDP socket.
 */
final class CraftedWays {
    private static final int PORT = 443;
    private static final byte[] HELLO = UdpWays.padded(40, 'h', 'i');
    private static final int IPPROTO_RAW = 255;
    private static final int SOL_IP = 0;
    private static final int IP_OPTIONS = 4;
    private static final int SOL_IPV6 = 41;
    private static final int IPV6_HOP_OPTIONS = 54;
    private static final int IPV6_DESTINATION_OPTIONS = 59;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final Path NEIGHBOURS = Path.of("/proc/net/arp");

    /** Eight octets of padding in one option. */
    private static final byte[] PADDING = {0, 0, 1, 4, 0, 0, 0, 0};

    /** Record route (RFC 791 §3.1), room for one hop, padded to eight. */
    private static final byte[] RECORD_ROUTE = {7, 7, 4, 0, 0, 0, 0, 0};

    private interface Sender {
        void send(InetAddress own, InetAddress target, byte[] udp) throws IOException;
    }

    private interface OptionSender {
        void prepare(RawSocket socket) throws IOException;
    }

    private final Scene scene;
    private final List<Way> ways = new ArrayList<>();

    private CraftedWays(Scene scene) {
        this.scene = scene;
    }

    static List<Way> list(Scene scene) {
        CraftedWays crafted = new CraftedWays(scene);
        scene.target(false).ifPresent(crafted::four);
        scene.target(true).ifPresent(crafted::six);
        return crafted.ways;
    }

    private void four(InetAddress target) {
        String where = Streams.text(target);
        crafted(
                "tiny-fragments",
                where + ", a UDP header and its data in two fragments",
                target,
                (own, to, udp) -> {
                    int id = ThreadLocalRandom.current().nextInt(1, 1 << 16);
                    ByteBuffer whole = ByteBuffer.wrap(udp);
                    raw(
                            to,
                            Packets.ip(
                                    own, to, Packets.UDP, id, 0, true, octets(whole.slice(0, 8))));
                    raw(
                            to,
                            Packets.ip(
                                    own,
                                    to,
                                    Packets.UDP,
                                    id,
                                    8,
                                    false,
                                    octets(whole.slice(8, udp.length - 8))));
                });
        crafted(
                "packet-socket",
                where + ", a frame past the sandbox's own rules",
                target,
                this::frame);
        ways.add(
                new Way(
                        "spoofed-source",
                        where + ", UDP from an address that is not ours",
                        () -> {
                            raw(
                                    target,
                                    Packets.ip(
                                            InetAddress.ofLiteral("8.8.8.8"),
                                            target,
                                            Packets.UDP,
                                            0,
                                            0,
                                            false,
                                            Packets.udp(PORT, PORT, HELLO)));
                            return Seen.unknown("sent; only the other side can tell");
                        }));
        options(
                "source-route",
                where + ", UDP with a loose source route",
                target,
                socket -> {
                    byte[] hop =
                            scene.surroundings().gateways().stream()
                                    .filter(gateway -> gateway.getAddress().length == 4)
                                    .findFirst()
                                    .orElse(target)
                                    .getAddress();
                    // Loose source and record route (RFC 791 §3.1): by the gateway to the target.
                    byte[] route =
                            ByteBuffer.allocate(8)
                                    .put(new byte[] {(byte) 131, 7, 4})
                                    .put(hop)
                                    .array();
                    socket.option(SOL_IP, IP_OPTIONS, route);
                });
        options(
                "ip-options",
                where + ", UDP with a record-route option",
                target,
                socket -> socket.option(SOL_IP, IP_OPTIONS, RECORD_ROUTE));
    }

    private void six(InetAddress target) {
        String where = Streams.text(target);
        options(
                "destination-options-v6",
                where + ", UDP behind a destination-options header",
                target,
                socket -> socket.option(SOL_IPV6, IPV6_DESTINATION_OPTIONS, PADDING));
        options(
                "hop-by-hop-v6",
                where + ", UDP behind a hop-by-hop header",
                target,
                socket -> socket.option(SOL_IPV6, IPV6_HOP_OPTIONS, PADDING));
    }

    /** Sends UDP as only a raw socket can, and waits for the answer on an ordinary one. */
    private void crafted(String name, String tried, InetAddress target, Sender sender) {
        ways.add(
                new Way(
                        name,
                        tried,
                        () -> {
                            Optional<InterfaceAddress> own = scene.surroundings().own(false);
                            if (own.isEmpty()) {
                                return Seen.blocked("no route");
                            }
                            try (DatagramSocket socket =
                                    new DatagramSocket(0, own.get().getAddress())) {
                                sender.send(
                                        own.get().getAddress(),
                                        target,
                                        Packets.udp(socket.getLocalPort(), PORT, HELLO));
                                return UdpWays.receive(
                                        socket,
                                        scene,
                                        Optional.of(new InetSocketAddress(target, PORT)));
                            }
                        }));
    }

    /** Sends UDP with options that the kernel adds. */
    private void options(String name, String tried, InetAddress target, OptionSender sender) {
        int domain = target.getAddress().length == 4 ? RawSocket.INET4 : RawSocket.INET6;
        ways.add(
                new Way(
                        name,
                        tried,
                        () -> {
                            try (RawSocket socket =
                                    RawSocket.open(domain, RawSocket.DATAGRAM, Packets.UDP)) {
                                sender.prepare(socket);
                                socket.patience(scene.timeout());
                                try {
                                    byte[] destination = RawSocket.socketAddress(target, PORT);
                                    socket.connect(destination);
                                    socket.send(HELLO, destination);
                                    return socket.receive().isPresent()
                                            ? Seen.open("answered")
                                            : Seen.blocked("silence");
                                } catch (Refusal e) {
                                    return Seen.blocked(e.getMessage());
                                }
                            }
                        }));
    }

    private static void raw(InetAddress target, byte[] packet) throws IOException {
        try (RawSocket socket = RawSocket.open(RawSocket.INET4, RawSocket.RAW, IPPROTO_RAW)) {
            socket.send(packet, RawSocket.socketAddress(target, 0));
        }
    }

    private void frame(InetAddress own, InetAddress target, byte[] udp) throws IOException {
        NetworkInterface outside =
                scene.surroundings()
                        .outside()
                        .orElseThrow(() -> new IOException("no interface leads out"));
        // struct sockaddr_ll: family, protocol, interface, hardware type, packet type, address
        // length, address.
        byte[] destination =
                ByteBuffer.allocate(20)
                        .order(ByteOrder.nativeOrder())
                        .putShort((short) RawSocket.PACKET)
                        .order(ByteOrder.BIG_ENDIAN)
                        .putShort((short) ETHERTYPE_IPV4)
                        .order(ByteOrder.nativeOrder())
                        .putInt(outside.getIndex())
                        .putInt(0)
                        .position(11)
                        .put((byte) 6)
                        .put(gatewayHardware())
                        .array();
        try (RawSocket socket = RawSocket.open(RawSocket.PACKET, RawSocket.DATAGRAM, 0)) {
            socket.send(Packets.ip(own, target, Packets.UDP, 1, 0, false, udp), destination);
        }
    }

    private byte[] gatewayHardware() throws IOException {
        // The kernel knows it: the other ways have just been sent by the same gateway.
        List<String> gateways =
                scene.surroundings().gateways().stream().map(InetAddress::getHostAddress).toList();
        for (String line :
                Files.readString(NEIGHBOURS, StandardCharsets.US_ASCII).lines().toList()) {
            List<String> words = List.of(line.split(" +", -1));
            if (words.size() > 3 && gateways.contains(words.getFirst())) {
                return HexFormat.ofDelimiter(":").parseHex(words.get(3));
            }
        }
        throw new IOException("the gateway's hardware address is not known");
    }

    private static byte[] octets(ByteBuffer buffer) {
        byte[] octets = new byte[buffer.remaining()];
        buffer.get(octets);
        return octets;
    }
}
