package io.sallyport.sync.world;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.world.World.Packet;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Every IP packet that comes in by one interface, as a running tcpdump sees it before any rule. */
final class Capture implements AutoCloseable {
    private static final int FILE_HEADER = 24;
    private static final int PACKET_HEADER = 16;
    private static final int ETHERNET_HEADER = 14;
    private static final int IPV6 = 0x86dd;
    private static final int SNAP_LENGTH = 600;

    private final Queue<Packet> packets = new ConcurrentLinkedQueue<>();
    private final Process tcpdump;

    private Capture(Process tcpdump) {
        this.tcpdump = tcpdump;
    }

    static Capture start(Netns netns, String interfaceName) {
        try {
            Process tcpdump =
                    netns.entered(
                                    "tcpdump",
                                    "-i",
                                    interfaceName,
                                    "-Q",
                                    "in",
                                    "-n",
                                    "-U",
                                    "--immediate-mode",
                                    "-Z",
                                    "root",
                                    "-s",
                                    Integer.toString(SNAP_LENGTH),
                                    "-w",
                                    "-",
                                    "ip or ip6")
                            .start();
            Capture capture = new Capture(tcpdump);
            Thread.ofPlatform().daemon().name("capture").start(capture::read);
            BufferedReader messages =
                    new BufferedReader(
                            new InputStreamReader(
                                    tcpdump.getErrorStream(), StandardCharsets.UTF_8));
            StringBuilder said = new StringBuilder();
            for (String line = messages.readLine(); line != null; line = messages.readLine()) {
                if (line.contains("listening on")) {
                    return capture;
                }
                said.append(line).append('\n');
            }
            throw new AssertionError("tcpdump: " + said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Packet> packets() {
        return List.copyOf(packets);
    }

    void forget() {
        packets.clear();
    }

    @Override
    public void close() {
        tcpdump.destroyForcibly();
    }

    private void read() {
        try (DataInputStream stream = new DataInputStream(tcpdump.getInputStream())) {
            stream.readFully(new byte[FILE_HEADER]);
            byte[] header = new byte[PACKET_HEADER];
            while (true) {
                stream.readFully(header);
                ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.nativeOrder());
                Instant at = Instant.ofEpochSecond(fields.getInt(0), fields.getInt(4) * 1_000L);
                byte[] frame = new byte[fields.getInt(8)];
                stream.readFully(frame);
                packets.add(decode(at, ByteBuffer.wrap(frame)));
            }
        } catch (IOException e) {
            // The end of tcpdump is the end of the capture.
            return;
        }
    }

    private static Packet decode(Instant at, ByteBuffer frame) throws IOException {
        boolean six = (frame.getShort(12) & 0xffff) == IPV6;
        int ip = ETHERNET_HEADER;
        int protocol = frame.get(ip + (six ? 6 : 9)) & 0xff;
        boolean laterFragment = !six && (frame.getShort(ip + 6) & 0x1fff) != 0;
        InetAddress source = address(frame, ip + (six ? 8 : 12), six ? 16 : 4);
        InetAddress destination = address(frame, ip + (six ? 24 : 16), six ? 16 : 4);
        int transport = ip + (six ? 40 : (frame.get(ip) & 0xf) * 4);
        int payload =
                switch (protocol) {
                    case Packet.TCP ->
                            transport
                                    + (frame.limit() > transport + 12
                                            ? (frame.get(transport + 12) >> 4 & 0xf) * 4
                                            : 0);
                    case Packet.UDP -> transport + 8;
                    default -> transport;
                };
        boolean ports =
                (protocol == Packet.TCP || protocol == Packet.UDP)
                        && !laterFragment
                        && frame.limit() >= transport + 4;
        return new Packet(
                at,
                source,
                destination,
                protocol,
                ports ? frame.getShort(transport) & 0xffff : 0,
                ports ? frame.getShort(transport + 2) & 0xffff : 0,
                text(frame, payload));
    }

    private static InetAddress address(ByteBuffer frame, int offset, int length)
            throws IOException {
        byte[] octets = new byte[length];
        frame.get(offset, octets);
        return InetAddress.getByAddress(octets);
    }

    private static String text(ByteBuffer frame, int offset) {
        byte[] octets = new byte[Math.max(0, frame.limit() - offset)];
        frame.get(Math.min(offset, frame.limit()), octets);
        return new String(octets, StandardCharsets.ISO_8859_1);
    }
}
