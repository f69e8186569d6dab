package io.sallyport.resolver.error;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One info code and its text, as the octets of an EDNS option (RFC 8914 §2). */
public final class ExtendedError {
    public static final int OTHER = 0;
    public static final int NOT_READY = 14;
    public static final int BLOCKED = 15;
    public static final int FILTERED = 17;
    public static final int PROHIBITED = 18;
    public static final int NOT_AUTHORITATIVE = 20;
    public static final int NOT_SUPPORTED = 21;

    private static final int OPTION = 15;

    /**
     * With the longest question, a SOA and an OPT this still fits into 512 octets; a label of any
     * length is cut.
     */
    private static final int MAX_TEXT = 180;

    private final byte[] whole;
    private final byte[] bare;

    public ExtendedError(int code, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        whole = option(code, utf8.length <= MAX_TEXT ? utf8 : cut(utf8));
        bare = option(code, new byte[0]);
    }

    /** The option with its text; shared, not to be changed. */
    @SuppressWarnings("EI_EXPOSE_REP")
    public byte[] whole() {
        return whole;
    }

    /** The option without text, for when room is short; shared, not to be changed. */
    @SuppressWarnings("EI_EXPOSE_REP")
    public byte[] bare() {
        return bare;
    }

    private static byte[] option(int code, byte[] text) {
        byte[] option = new byte[6 + text.length];
        option[1] = OPTION;
        option[2] = (byte) ((2 + text.length) >> 8);
        option[3] = (byte) (2 + text.length);
        option[4] = (byte) (code >> 8);
        option[5] = (byte) code;
        System.arraycopy(text, 0, option, 6, text.length);
        return option;
    }

    /** Cuts between characters: an octet 10xxxxxx goes on with the character before it. */
    private static byte[] cut(byte[] utf8) {
        int end = MAX_TEXT;
        while ((utf8[end] & 0xc0) == 0x80) {
            end--;
        }
        return Arrays.copyOf(utf8, end);
    }
}
