package io.sallyport.sync.probe;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/** Packets put together by hand. */
final class Packets {
    static final int ICMP = 1;
    static final int UDP = 17;
    static final int ICMP6 = 58;

    private static final int IP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int HOPS = 64;

    private Packets() {}

    /**
     * An echo request (RFC 792, RFC 4443 §4.1); the kernel fills in ICMPv6's checksum, as it needs
     * the addresses.
     */
    static byte[] echo(boolean six, int id) {
        ByteBuffer packet = ByteBuffer.allocate(24);
        packet.put((byte) (six ? 128 : 8)).put((byte) 0).putShort((short) 0);
        packet.putShort((short) id).putShort((short) 1).putLong(0x73616c6c79706f72L).putLong(id);
        if (!six) {
            packet.putShort(2, checksum(packet, 0, packet.capacity()));
        }
        return packet.array();
    }

    /** A UDP header and its content; without a checksum, which IPv4 permits. */
    static byte[] udp(int sourcePort, int destinationPort, byte[] content) {
        return ByteBuffer.allocate(UDP_HEADER + content.length)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .putShort((short) (UDP_HEADER + content.length))
                .putShort((short) 0)
                .put(content)
                .array();
    }

    /**
     * An IPv4 packet (RFC 791 §3.1), or one fragment of one: {@code offset} in octets, a multiple
     * of 8.
     */
    static byte[] ip(
            InetAddress source,
            InetAddress destination,
            int protocol,
            int id,
            int offset,
            boolean more,
            byte[] content) {
        ByteBuffer packet = ByteBuffer.allocate(IP_HEADER + content.length);
        packet.put((byte) 0x45).put((byte) 0).putShort((short) packet.capacity());
        packet.putShort((short) id).putShort((short) ((more ? MORE_FRAGMENTS : 0) | offset / 8));
        packet.put((byte) HOPS).put((byte) protocol).putShort((short) 0);
        packet.put(source.getAddress()).put(destination.getAddress());
        packet.putShort(10, checksum(packet, 0, IP_HEADER));
        return packet.put(content).array();
    }

    /** The internet checksum (RFC 1071). */
    private static short checksum(ByteBuffer packet, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += 2) {
            sum += packet.getShort(i) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~(sum + (sum >>> 16));
    }
}
