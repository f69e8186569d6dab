package io.sallyport.resolver.querylog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Fields of a protocol-buffers message, in the order in which they are written. */
final class Protobuf {
    private static final int VARINT = 0;
    private static final int OCTETS = 2;
    private static final int FIXED_32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Protobuf number(int field, long value) {
        varint(field << 3 | VARINT);
        varint(value);
        return this;
    }

    Protobuf fixed(int field, int value) {
        varint(field << 3 | FIXED_32);
        out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
        return this;
    }

    Protobuf octets(int field, byte[] value) {
        varint(field << 3 | OCTETS);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private void varint(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            out.write((int) ((left & 0x7f) | 0x80));
            left >>>= 7;
        }
        out.write((int) left);
    }

    byte[] octets() {
        return out.toByteArray();
    }
}
