package io.sallyport.resolver.upstream.stream;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Messages behind their lengths (RFC 1035 §4.2.2), whatever pieces they come in. */
final class Framing {
    private static final int PREFIX = 2;
    private static final int FIRST_ROOM = 512;
    private static final byte[] NOTHING = {};

    private byte[] partial = NOTHING;
    private int count;

    /** The next whole message, or null when there is none yet; takes what it can of the buffer. */
    byte @Nullable [] next(ByteBuf in) {
        if (count == 0 && in.readableBytes() >= PREFIX) {
            int length = in.getUnsignedShort(in.readerIndex());
            if (in.readableBytes() >= PREFIX + length) {
                byte[] message = new byte[length];
                in.skipBytes(PREFIX).readBytes(message);
                return message;
            }
        }
        if (count < PREFIX) {
            take(in, PREFIX - count);
        }
        if (count < PREFIX) {
            return null;
        }
        int length = (partial[0] & 0xff) << 8 | (partial[1] & 0xff);
        take(in, PREFIX + length - count);
        if (count < PREFIX + length) {
            return null;
        }
        byte[] message = Arrays.copyOfRange(partial, PREFIX, PREFIX + length);
        partial = NOTHING;
        count = 0;
        return message;
    }

    /** Room grows with what was really sent, never with what a length announces. */
    private void take(ByteBuf in, int wanted) {
        int length = Math.min(in.readableBytes(), wanted);
        if (count + length > partial.length) {
            int room = Math.max(FIRST_ROOM, Math.max(partial.length * 2, count + length));
            partial = Arrays.copyOf(partial, room);
        }
        in.readBytes(partial, count, length);
        count += length;
    }
}
