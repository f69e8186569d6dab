package io.sallyport.iptables.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes netlink messages for netfilter into a buffer: attributes of {@code
 * [length:16][type:16][value]}, padded to four octets, may hold attributes. Numbers are in the
 * host's order, except where an attribute says otherwise.
 *
 * <pre>
 *  length:32 | type:16 flags:16 | sequence:32 | port:32        struct nlmsghdr
 *  family:8 version:8 resource:16                              struct nfgenmsg
 *  attributes …
 * </pre>
 */
final class Message {

    static final int HEADER = 16;
    static final int GENERIC = 4;

    private static final int NESTED = 0x8000;
    private static final int NETWORK_ORDER = 0x4000;

    private final ByteBuffer buffer;
    private int start;

    Message(ByteBuffer buffer) {
        this.buffer = buffer.order(ByteOrder.nativeOrder());
    }

    /** Empties the buffer. */
    Message clear() {
        buffer.clear();
        return this;
    }

    /** Room that is left in the buffer. */
    int room() {
        return buffer.remaining();
    }

    /** Begins a message behind those that the buffer has. */
    Message begin(int type, int flags, int sequence, int family) {
        start = buffer.position();
        buffer.putInt(0).putShort((short) type).putShort((short) flags).putInt(sequence).putInt(0);
        buffer.put((byte) family).put((byte) 0).putShort((short) 0);
        return this;
    }

    /** Ends a message; returns the octets of all that the buffer has. */
    int finish() {
        buffer.putInt(start, buffer.position() - start);
        return size();
    }

    int size() {
        return buffer.position();
    }

    /** Opens a nest; what it returns closes it. */
    int open(int type) {
        int start = buffer.position();
        buffer.putShort((short) 0).putShort((short) (type | NESTED));
        return start;
    }

    void close(int start) {
        buffer.putShort(start, (short) (buffer.position() - start));
    }

    Message octet(int type, int value) {
        buffer.putShort((short) 5).putShort((short) type).put((byte) value);
        return pad(3);
    }

    Message number(int type, int value) {
        buffer.putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    /** In network order, and marked so. */
    Message networkNumber(int type, int value) {
        buffer.putShort((short) 8).putShort((short) (type | NETWORK_ORDER));
        return big(value >>> 24).big(value >>> 16).big(value >>> 8).big(value);
    }

    Message networkShort(int type, int value) {
        buffer.putShort((short) 6).putShort((short) (type | NETWORK_ORDER));
        return big(value >>> 8).big(value).pad(2);
    }

    /** IPSET_ATTR_IPADDR_IPV4 (1) or IPSET_ATTR_IPADDR_IPV6 (2). */
    void address(boolean six, long high, long low) {
        if (!six) {
            networkNumber(1, (int) low);
            return;
        }
        buffer.putShort((short) 20).putShort((short) (2 | NETWORK_ORDER));
        buffer.order(ByteOrder.BIG_ENDIAN)
                .putLong(high)
                .putLong(low)
                .order(ByteOrder.nativeOrder());
    }

    Message octets(int type, byte[] value) {
        buffer.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        return pad(-value.length & 3);
    }

    /** Attributes that are ready, padding included. */
    void raw(byte[] attributes) {
        buffer.put(attributes);
    }

    private Message big(int octet) {
        buffer.put((byte) octet);
        return this;
    }

    private Message pad(int octets) {
        for (int i = 0; i < octets; i++) {
            buffer.put((byte) 0);
        }
        return this;
    }
}
