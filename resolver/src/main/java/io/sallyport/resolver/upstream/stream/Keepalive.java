package io.sallyport.resolver.upstream.stream;

import java.util.concurrent.TimeUnit;

/** Finds in a message how long the server keeps an idle connection (RFC 7828). */
final class Keepalive {
    /** The server did not say. */
    static final long UNSAID = -1;

    private static final int HEADER = 12;
    private static final int OPT = 41;
    private static final int OPTION = 11;
    private static final long UNIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final byte[] message;
    private int at = HEADER;

    private Keepalive(byte[] message) {
        this.message = message;
    }

    /** In nanoseconds. Whatever the octets are: what cannot be read says nothing. */
    static long nanos(byte[] message) {
        return message.length < HEADER || u16(message, 10) == 0
                ? UNSAID
                : new Keepalive(message).read();
    }

    private long read() {
        for (int i = u16(message, 4); i > 0; i--) {
            skipName();
            at += 4;
        }
        for (int i = u16(message, 6) + u16(message, 8) + u16(message, 10); i > 0; i--) {
            skipName();
            int fixed = at;
            if (fixed + 10 > message.length) {
                return UNSAID;
            }
            at = fixed + 10 + u16(message, fixed + 8);
            if (u16(message, fixed) == OPT) {
                return options(fixed + 10, Math.min(at, message.length));
            }
        }
        return UNSAID;
    }

    private long options(int start, int end) {
        int option = start;
        while (option + 4 <= end) {
            int length = u16(message, option + 2);
            if (u16(message, option) == OPTION && length == 2 && option + 6 <= end) {
                return u16(message, option + 4) * UNIT_NANOS;
            }
            option += 4 + length;
        }
        return UNSAID;
    }

    /** Every label moves on, so this ends; beyond the end there is nothing. */
    private void skipName() {
        while (at < message.length) {
            int length = message[at] & 0xff;
            if (length >= 0xc0) {
                at += 2;
                return;
            }
            at += length + 1;
            if (length == 0) {
                return;
            }
        }
    }

    private static int u16(byte[] octets, int at) {
        return (octets[at] & 0xff) << 8 | (octets[at + 1] & 0xff);
    }
}
