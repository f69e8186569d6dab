package io.sallyport.resolver.check;

import io.sallyport.resolver.name.WireName;
import java.util.Arrays;

/**
 * Reads compressed names of one message (RFC 1035 §4.1.4), lower-cased. A pointer must lead to
 * before the labels that it ends, so there are no loops; hops a name and octets a message are
 * counted, so there are no bombs.
 */
final class NameReader {
    static final int BROKEN = -1;

    /** A name has 127 labels at most; real servers point once or twice. */
    private static final int MAX_HOPS = 16;

    /** As many octets as the longest message has: 512 records with names of 127 octets. */
    private static final int MAX_OCTETS_A_MESSAGE = 64 * 1024;

    private static final int HEADER = 12;

    private final byte[] message;
    private final byte[] name = new byte[WireName.MAX_OCTETS];
    private int length;
    private int hops;
    private int left = MAX_OCTETS_A_MESSAGE;

    NameReader(byte[] message) {
        this.message = message;
    }

    /**
     * Reads the name at {@code start}, whose octets before any pointer end at {@code end} at the
     * latest.
     *
     * @return the offset behind it, or {@link #BROKEN}
     */
    int read(int start, int end) {
        length = 0;
        hops = 0;
        int behind = BROKEN;
        int sequence = start;
        int limit = end;
        int at = start;
        while (at < limit) {
            int octet = message[at] & 0xff;
            if (octet == 0) {
                name[length++] = 0;
                return behind == BROKEN ? at + 1 : behind;
            }
            if (octet <= WireName.MAX_LABEL) {
                if (at + octet >= limit || !append(at, octet)) {
                    return BROKEN;
                }
                at += octet + 1;
                continue;
            }
            if (octet < 0xc0 || at + 1 >= limit || ++hops > MAX_HOPS) {
                return BROKEN;
            }
            int target = Octets.u16(message, at) & 0x3fff;
            if (target >= sequence || target < HEADER) {
                return BROKEN;
            }
            behind = behind == BROKEN ? at + 2 : behind;
            limit = sequence;
            sequence = target;
            at = target;
        }
        return BROKEN;
    }

    /** Whether the last name read was written out, without a pointer. */
    boolean isPlain() {
        return hops == 0;
    }

    /** The last name read. */
    byte[] name() {
        return Arrays.copyOf(name, length);
    }

    boolean isRoot() {
        return length == 1;
    }

    /** Copies a label with its length octet and leaves room for the root label. */
    private boolean append(int at, int label) {
        left -= label + 1;
        if (left < 0 || length + label + 1 >= WireName.MAX_OCTETS) {
            return false;
        }
        name[length++] = (byte) label;
        for (int i = at + 1; i <= at + label; i++) {
            name[length++] = WireName.lower(message[i]);
        }
        return true;
    }
}
