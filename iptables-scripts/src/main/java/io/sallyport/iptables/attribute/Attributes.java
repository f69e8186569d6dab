package io.sallyport.iptables.attribute;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A block of netlink attributes, {@code [length:16][type:16][value]}, each padded to four octets,
 * in the host's order except where an attribute says otherwise.
 */
public final class Attributes {
    private static final int HEADER = 4;
    private static final int NESTED = 0x8000;
    private static final int NETWORK_ORDER = 0x4000;
    private static final int TYPE_MASK = 0x3fff;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    public Attributes octet(int type, int value) {
        return octets(type, new byte[] {(byte) value});
    }

    /** A word with the zero octet that ends it. */
    public Attributes word(int type, String value) {
        return octets(type, (value + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    public Attributes number(int type, int value) {
        return octets(
                type, ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array());
    }

    /** In network order, and marked so. */
    public Attributes networkNumber(int type, int value) {
        return octets(type | NETWORK_ORDER, ByteBuffer.allocate(4).putInt(value).array());
    }

    public Attributes nest(int type, Attributes inner) {
        return octets(type | NESTED, inner.octets());
    }

    public Attributes octets(int type, byte[] value) {
        written.writeBytes(
                ByteBuffer.allocate(HEADER)
                        .order(ByteOrder.nativeOrder())
                        .putShort((short) (HEADER + value.length))
                        .putShort((short) type)
                        .array());
        written.writeBytes(value);
        written.writeBytes(new byte[-value.length & 3]);
        return this;
    }

    public byte[] octets() {
        return written.toByteArray();
    }

    /** The value of the first attribute of a type. */
    public static Optional<ByteBuffer> find(ByteBuffer attributes, int type) {
        int at = attributes.position();
        while (at + HEADER <= attributes.limit()) {
            int length = length(attributes, at);
            if (length < HEADER) {
                return Optional.empty();
            }
            if ((attributes.getShort(at + 2) & TYPE_MASK) == type) {
                return Optional.of(value(attributes, at, length));
            }
            at += length + 3 & ~3;
        }
        return Optional.empty();
    }

    /** The values of all attributes of a block, whatever their type. */
    public static void each(ByteBuffer attributes, Consumer<ByteBuffer> each) {
        int at = attributes.position();
        while (at + HEADER <= attributes.limit()) {
            int length = length(attributes, at);
            if (length < HEADER) {
                return;
            }
            each.accept(value(attributes, at, length));
            at += length + 3 & ~3;
        }
    }

    /** 0 where the block is broken. */
    private static int length(ByteBuffer attributes, int at) {
        int length = attributes.getShort(at) & 0xffff;
        return at + length > attributes.limit() ? 0 : length;
    }

    private static ByteBuffer value(ByteBuffer attributes, int at, int length) {
        return attributes.slice(at + HEADER, length - HEADER).order(ByteOrder.nativeOrder());
    }

    /** A value as a word, without the zero octet that ends it. */
    public static String word(ByteBuffer value) {
        byte[] octets = copy(value);
        int end = 0;
        while (end < octets.length && octets[end] != 0) {
            end++;
        }
        return new String(octets, 0, end, StandardCharsets.US_ASCII);
    }

    /** A value as a number in network order, up to eight octets. */
    public static long network(ByteBuffer value) {
        long number = 0;
        for (byte octet : copy(value)) {
            number = number << 8 | (octet & 0xff);
        }
        return number;
    }

    public static byte[] copy(ByteBuffer value) {
        byte[] octets = new byte[value.remaining()];
        value.duplicate().get(octets);
        return octets;
    }
}
