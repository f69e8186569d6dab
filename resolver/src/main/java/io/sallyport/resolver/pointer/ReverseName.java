package io.sallyport.resolver.pointer;

import io.sallyport.resolver.name.WireName;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the names of single addresses and no others, in the one spelling that each has: four
 * decimal labels without leading zeros (RFC 1035 §3.5) or 32 nibbles (RFC 3596 §2.5), last part
 * first.
 */
final class ReverseName {
    private static final byte[] FOUR = WireName.parse("in-addr.arpa").octets();
    private static final byte[] SIX = WireName.parse("ip6.arpa").octets();
    private static final int NIBBLES = 32;
    private static final int WRONG = -1;

    private ReverseName() {}

    /**
     * @param lowered a well-formed, lower-cased wire name from offset 0
     * @return null if it is not the name of one address
     */
    static @Nullable Address address(byte[] lowered, int length) {
        if (endsIn(lowered, length, SIX)) {
            return length == 2 * NIBBLES + SIX.length ? six(lowered) : null;
        }
        return endsIn(lowered, length, FOUR) ? four(lowered, length - FOUR.length) : null;
    }

    private static boolean endsIn(byte[] name, int length, byte[] zone) {
        int from = length - zone.length;
        return from > 0 && Arrays.equals(name, from, length, zone, 0, zone.length);
    }

    /** The octets of the zone may be the end of a longer label: then the labels do not add up. */
    private static @Nullable Address four(byte[] name, int end) {
        long address = 0;
        int at = 0;
        for (int part = 0; part < 4; part++) {
            int number = at < end ? decimal(name, at) : WRONG;
            if (number == WRONG) {
                return null;
            }
            address |= (long) number << (8 * part);
            at += name[at] + 1;
        }
        return at == end ? new Address(false, 0, address) : null;
    }

    private static int decimal(byte[] name, int at) {
        int digits = name[at];
        if (digits > 3 || (digits > 1 && name[at + 1] == '0')) {
            return WRONG;
        }
        int number = 0;
        for (int i = at + 1; i <= at + digits; i++) {
            if (name[i] < '0' || name[i] > '9') {
                return WRONG;
            }
            number = number * 10 + name[i] - '0';
        }
        return number <= 255 ? number : WRONG;
    }

    private static @Nullable Address six(byte[] name) {
        long high = 0;
        long low = 0;
        for (int part = NIBBLES - 1; part >= 0; part--) {
            int nibble = name[2 * part] == 1 ? nibble(name[2 * part + 1]) : WRONG;
            if (nibble == WRONG) {
                return null;
            }
            high = (high << 4) | (low >>> 60);
            low = (low << 4) | nibble;
        }
        return new Address(true, high, low);
    }

    private static int nibble(byte octet) {
        if (octet >= '0' && octet <= '9') {
            return octet - '0';
        }
        return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : WRONG;
    }
}
