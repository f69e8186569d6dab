package io.sallyport.sync.probe;

import io.sallyport.sync.probe.RawSocket.Received;
import io.sallyport.sync.probe.RawSocket.Refusal;
import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** ICMP and the other protocols beside TCP and UDP. */
final class RawWays {
    /**
     * Each is a tunnel or a transport that a rule about TCP and UDP forgets; 253 is for experiments
     * (RFC 3692).
     */
    private static final Map<Integer, String> PROTOCOLS =
            Map.of(
                    4, "IPIP",
                    33, "DCCP",
                    41, "6in4",
                    47, "GRE",
                    50, "ESP",
                    132, "SCTP",
                    136, "UDP-Lite",
                    253, "253");

    /** Between looks at two sockets that are listened to in turn. */
    private static final Duration GLANCE = Duration.ofMillis(20);

    private static final int MOST_LATE = 1000;

    private static final int ECHO_REPLY4 = 0;
    private static final int UNREACHABLE4 = 3;
    private static final int ECHO_REPLY6 = 129;
    private static final int UNREACHABLE6 = 1;
    private static final int PARAMETER_PROBLEM6 = 4;

    private RawWays() {}

    static List<Way> list(Scene scene) {
        List<Way> ways = new ArrayList<>();
        for (boolean six : new boolean[] {false, true}) {
            String version = "-" + Scene.family(six);
            scene.target(six)
                    .ifPresent(target -> {
                        ways.add(ping(scene, "icmp-echo" + version, target));
                        String names =
                                PROTOCOLS.values().stream()
                                        .sorted()
                                        .collect(Collectors.joining(" "));
                        ways.add(
                                new Way(
                                        "other-protocols" + version,
                                        Streams.text(target) + " " + names,
                                        () -> others(scene, target)));
                    });
            Scene.of(scene.pinned(), six).stream()
                    .findFirst()
                    .ifPresent(
                            pinned -> ways.add(ping(scene, "icmp-echo-pinned" + version, pinned)));
            Scene.of(scene.surroundings().gateways(), six).stream()
                    .findFirst()
                    .ifPresent(
                            gateway -> ways.add(ping(scene, "icmp-echo-host" + version, gateway)));
        }
        ways.addAll(CraftedWays.list(scene));
        return ways;
    }

    private static Way ping(Scene scene, String name, InetAddress target) {
        boolean six = target.getAddress().length == 16;
        int protocol = six ? Packets.ICMP6 : Packets.ICMP;
        return new Way(
                name,
                "ping " + Streams.text(target),
                () -> {
                    int id = ThreadLocalRandom.current().nextInt(1 << 16);
                    try (RawSocket socket = RawSocket.open(domain(six), RawSocket.RAW, protocol)) {
                        socket.patience(GLANCE);
                        return send(socket, target, Packets.echo(six, id))
                                .orElseGet(() ->
                                        listen(
                                                scene,
                                                socket,
                                                received -> echoed(received, target, six, id)));
                    }
                });
    }

    /**
     * A packet of each protocol; open if the target itself answers, be it to say that it does not
     * know the protocol.
     */
    private static Seen others(Scene scene, InetAddress target) throws IOException {
        boolean six = target.getAddress().length == 16;
        try (RawSocket errors =
                RawSocket.open(domain(six), RawSocket.RAW, six ? Packets.ICMP6 : Packets.ICMP)) {
            errors.patience(GLANCE);
            String refusal = "";
            for (int protocol : PROTOCOLS.keySet()) {
                try (RawSocket socket = RawSocket.open(domain(six), RawSocket.RAW, protocol)) {
                    socket.send(
                            Packets.udp(40_000 + protocol, 443, new byte[24]),
                            RawSocket.socketAddress(target, 0));
                } catch (Refusal e) {
                    refusal = e.getMessage();
                }
            }
            String silence = refusal.isEmpty() ? "silence" : refusal;
            Seen seen = listen(scene, errors, received -> complaint(received, target, six));
            return seen.happened().equals("silence") ? Seen.blocked(silence) : seen;
        }
    }

    private static Optional<Seen> send(RawSocket socket, InetAddress target, byte[] packet) {
        try {
            socket.send(packet, RawSocket.socketAddress(target, 0));
            return Optional.empty();
        } catch (Refusal e) {
            return Optional.of(Seen.blocked(e.getMessage()));
        }
    }

    private interface Ear {
        Optional<Seen> hear(Received received);
    }

    private static Seen listen(Scene scene, RawSocket socket, Ear ear) {
        long end = System.nanoTime() + scene.timeout().toNanos();
        // What has come by the end is heard, however late this looks, but not without an end.
        for (int late = 0; late < MOST_LATE; late += System.nanoTime() < end ? 0 : 1) {
            try {
                Optional<Received> received = socket.receive();
                Optional<Seen> seen = received.flatMap(ear::hear);
                if (seen.isPresent()) {
                    return seen.get();
                }
                if (received.isEmpty() && System.nanoTime() >= end) {
                    break;
                }
            } catch (IOException e) {
                return Seen.blocked(String.valueOf(e.getMessage()));
            }
        }
        return Seen.blocked("silence");
    }

    private static Optional<Seen> echoed(
            Received received, InetAddress target, boolean six, int id) {
        ByteBuffer icmp = icmp(received.content(), six);
        boolean ours =
                icmp.remaining() >= 24
                        && icmp.get(0) == (byte) (six ? ECHO_REPLY6 : ECHO_REPLY4)
                        && icmp.getLong(16) == id
                        && received.sender().equals(target);
        return ours ? Optional.of(Seen.open("echo reply")) : Optional.empty();
    }

    /**
     * An error about a packet to the target of one of our protocols: from the target open, from a
     * router a refusal.
     */
    private static Optional<Seen> complaint(Received received, InetAddress target, boolean six) {
        ByteBuffer icmp = icmp(received.content(), six);
        int header = six ? 40 : 20;
        if (icmp.remaining() < 8 + header) {
            return Optional.empty();
        }
        int type = icmp.get(0) & 0xff;
        boolean error =
                six ? type == UNREACHABLE6 || type == PARAMETER_PROBLEM6 : type == UNREACHABLE4;
        int protocol = icmp.get(8 + (six ? 6 : 9)) & 0xff;
        byte[] destination = new byte[six ? 16 : 4];
        icmp.get(8 + (six ? 24 : 16), destination);
        if (!error
                || !PROTOCOLS.containsKey(protocol)
                || !ByteBuffer.wrap(destination).equals(ByteBuffer.wrap(target.getAddress()))) {
            return Optional.empty();
        }
        String name = PROTOCOLS.get(protocol);
        // A router's refusal of one protocol says nothing of the others: listen on.
        return received.sender().equals(target)
                ? Optional.of(Seen.open("the target itself answered to " + name))
                : Optional.empty();
    }

    private static ByteBuffer icmp(ByteBuffer packet, boolean six) {
        int header = six || packet.limit() == 0 ? 0 : (packet.get(0) & 0xf) * 4;
        return header > packet.limit()
                ? ByteBuffer.allocate(0)
                : packet.slice(header, packet.limit() - header);
    }

    private static int domain(boolean six) {
        return six ? RawSocket.INET6 : RawSocket.INET4;
    }
}
