package io.sallyport.resolver.check;

import java.util.Set;
import java.util.TreeSet;

/**
 * The frame of a message, read as simply as RFC 1035 §4.1 puts it: counts, names, fixed parts and
 * lengths, ending exactly at the last octet. Looks into no record.
 */
final class Frame {
    private static final int FIXED = 10;

    private final byte[] octets;
    private final Set<Integer> types = new TreeSet<>();
    private int at = 12;

    private Frame(byte[] octets) {
        this.octets = octets;
    }

    static boolean isWhole(byte[] octets) {
        return octets.length >= 12 && new Frame(octets).isReadToTheEnd();
    }

    /** The types of the records of a message that is whole. */
    static Set<Integer> types(byte[] octets) {
        Frame frame = new Frame(octets);
        frame.isReadToTheEnd();
        return frame.types;
    }

    private boolean isReadToTheEnd() {
        int records = u16(6) + u16(8) + u16(10);
        for (int i = u16(4); i > 0; i--) {
            if (!stepOverName() || (at += 4) > octets.length) {
                return false;
            }
        }
        for (int i = records; i > 0; i--) {
            if (!stepOverName() || at + FIXED > octets.length) {
                return false;
            }
            types.add(u16(at));
            at += FIXED + u16(at + 8);
            if (at > octets.length) {
                return false;
            }
        }
        return at == octets.length;
    }

    private boolean stepOverName() {
        while (at < octets.length) {
            int label = octets[at++] & 0xff;
            if (label == 0) {
                return true;
            }
            if (label >= 0xc0) {
                return ++at <= octets.length;
            }
            if (label > 63) {
                return false;
            }
            at += label;
        }
        return false;
    }

    private int u16(int offset) {
        return (octets[offset] & 0xff) << 8 | (octets[offset + 1] & 0xff);
    }
}
