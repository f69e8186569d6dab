package io.sallyport.resolver.querylog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Frame streams, as dnstap is carried: a frame is its length in 32 bits and its octets; a length of
 * 0 announces a control frame, {@code [length:32][type:32][fields]}.
 */
final class FrameStream {
    private static final byte[] TYPE = "protobuf:dnstap.Dnstap".getBytes(StandardCharsets.US_ASCII);
    private static final int CONTENT_TYPE = 1;

    private static final int ACCEPT = 1;
    private static final int START = 2;
    private static final int STOP = 3;
    private static final int READY = 4;

    private FrameStream() {}

    static byte[] ready() {
        return typed(READY);
    }

    static byte[] accept() {
        return typed(ACCEPT);
    }

    static byte[] start() {
        return typed(START);
    }

    static byte[] stop() {
        return ByteBuffer.allocate(12).putInt(0).putInt(4).putInt(STOP).array();
    }

    private static byte[] typed(int control) {
        return ByteBuffer.allocate(20 + TYPE.length)
                .putInt(0)
                .putInt(12 + TYPE.length)
                .putInt(control)
                .putInt(CONTENT_TYPE)
                .putInt(TYPE.length)
                .put(TYPE)
                .array();
    }
}
