package io.sallyport.iptables.block;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A block of IPv4 or IPv6 addresses, printed the way {@code iptables-save} prints it.
 *
 * @param six whether IPv6
 * @param high the upper 64 bits of an IPv6 address, 0 for IPv4
 * @param low the lower 64 bits, or the 32 bits of an IPv4 address
 */
public record Block(boolean six, long high, long low, int prefix) {

    public Block {
        int width = six ? 128 : 32;
        if (prefix < 0 || prefix > width) {
            throw new IllegalArgumentException(
                    "prefix /" + prefix + " is not between 0 and " + width);
        }
        if (!six && (high != 0 || low >>> 32 != 0)) {
            throw new IllegalArgumentException("not an IPv4 address");
        }
        if ((high & ~highMask(six, prefix)) != 0
                || (low & ~lowMask(six, prefix) & wholeLow(six)) != 0) {
            throw new IllegalArgumentException(
                    text(six, high, low)
                            + "/"
                            + prefix
                            + " has bits set beyond its prefix: write /"
                            + width
                            + " for the one address, or the first address of the block");
        }
    }

    /** The block of an address of 4 or 16 octets. An IPv4 address in IPv6 clothes stays IPv6. */
    public static Block of(byte[] address, int prefix) {
        return switch (address.length) {
            case 4 -> new Block(false, 0, bits(address, 0, 4), prefix);
            case 16 -> new Block(true, bits(address, 0, 8), bits(address, 8, 8), prefix);
            default ->
                    throw new IllegalArgumentException(
                            "an address has 4 or 16 octets, not " + address.length);
        };
    }

    /** One address alone. */
    public static Block of(byte[] address) {
        return of(address, address.length * 8);
    }

    /** Reads {@code 10.0.0.0/8}, {@code 2001:db8::1} and the like; addresses only, never names. */
    public static Block parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        boolean six = address.contains(":");
        if (!address.matches(six ? "[0-9a-fA-F:.]{2,45}" : "[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
            throw new IllegalArgumentException("not an address: " + text);
        }
        try {
            byte[] octets = InetAddress.getByName(address).getAddress();
            byte[] whole = six && octets.length == 4 ? mapped(octets) : octets;
            return slash < 0 ? of(whole) : of(whole, Integer.parseInt(text.substring(slash + 1)));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + text, e);
        }
    }

    /**
     * Destinations that no setting opens: loopback, metadata, link-local, multicast, IPv4 in IPv6
     * clothes.
     */
    public static List<Block> never(boolean six) {
        return six ? Reserved.NEVER_SIX : Reserved.NEVER_FOUR;
    }

    /** Destinations that are open only where a binding names them as internal. */
    public static List<Block> notPublic(boolean six) {
        return six ? Reserved.PRIVATE_SIX : Reserved.PRIVATE_FOUR;
    }

    /**
     * Whether this block lies outside of what is routed publicly, or within what is never allowed.
     */
    public boolean reserved() {
        return overlapsAny(never(six))
                || overlapsAny(notPublic(six))
                || (six && !overlaps(Reserved.GLOBAL_UNICAST));
    }

    private boolean overlapsAny(List<Block> blocks) {
        for (Block block : blocks) {
            if (overlaps(block)) {
                return true;
            }
        }
        return false;
    }

    /** Whether one of the blocks has all of another in it. */
    public static boolean anyContains(List<Block> blocks, Block other) {
        for (Block block : blocks) {
            if (block.contains(other)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is one address. */
    public boolean single() {
        return prefix == (six ? 128 : 32);
    }

    /** Its first address, 4 or 16 octets. */
    public byte[] octets() {
        return six
                ? ByteBuffer.allocate(16).putLong(high).putLong(low).array()
                : ByteBuffer.allocate(4).putInt((int) low).array();
    }

    public boolean contains(Block other) {
        return six == other.six
                && prefix <= other.prefix
                && (other.high & highMask(six, prefix)) == high
                && (other.low & lowMask(six, prefix)) == low;
    }

    public boolean overlaps(Block other) {
        return contains(other) || other.contains(this);
    }

    @Override
    public String toString() {
        return text(six, high, low) + "/" + prefix;
    }

    private static long highMask(boolean six, int prefix) {
        return !six || prefix == 0 ? 0 : prefix >= 64 ? -1L : -1L << (64 - prefix);
    }

    private static long lowMask(boolean six, int prefix) {
        if (!six) {
            return prefix == 0 ? 0 : (-1L << (32 - prefix)) & wholeLow(false);
        }
        return prefix <= 64 ? 0 : -1L << (128 - prefix);
    }

    private static long wholeLow(boolean six) {
        return six ? -1L : 0xffff_ffffL;
    }

    private static long bits(byte[] octets, int from, int count) {
        long value = 0;
        for (int i = from; i < from + count; i++) {
            value = value << 8 | (octets[i] & 0xff);
        }
        return value;
    }

    private static byte[] mapped(byte[] four) {
        return new byte[] {
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, four[0], four[1], four[2], four[3]
        };
    }

    private static String text(boolean six, long high, long low) {
        if (!six) {
            return dotted(low);
        }
        if (high == 0 && low >>> 32 == 0xffff) {
            return "::ffff:" + dotted(low);
        }
        List<Integer> groups = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            groups.add((int) ((i < 4 ? high : low) >>> (48 - 16 * (i % 4))) & 0xffff);
        }
        return shortened(groups);
    }

    private static String dotted(long address) {
        return (address >>> 24 & 0xff)
                + "."
                + (address >>> 16 & 0xff)
                + "."
                + (address >>> 8 & 0xff)
                + "."
                + (address & 0xff);
    }

    /**
     * RFC 5952 §4.2: the first of the longest runs of two or more zero groups becomes {@code ::}.
     */
    private static String shortened(List<Integer> groups) {
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups.get(end) == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        if (start < 0) {
            return hex(groups);
        }
        return hex(groups.subList(0, start)) + "::" + hex(groups.subList(start + length, 8));
    }

    private static String hex(List<Integer> groups) {
        return String.join(":", groups.stream().map(Integer::toHexString).toList());
    }
}
