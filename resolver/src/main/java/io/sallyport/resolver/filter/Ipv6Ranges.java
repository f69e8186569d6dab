package io.sallyport.resolver.filter;

import static io.sallyport.resolver.filter.Reach.NEVER;
import static io.sallyport.resolver.filter.Reach.PRIVATE;
import static io.sallyport.resolver.filter.Reach.PUBLIC;

/**
 * The IANA IPv6 special-purpose registry. Only 2000::/3 is handed out to the Internet (RFC 4291
 * §2.4), so whatever lies outside and is not private is refused without being listed: loopback,
 * mapped and compatible IPv4, link-local, multicast, discard-only, segment routing, local NAT64. An
 * IPv4 address inside an IPv6 address decides by itself.
 */
final class Ipv6Ranges {
    private record Range(long network, long mask, Reach reach) {
        static Range of(long network, int prefix, Reach reach) {
            return new Range(network, -1L << (64 - prefix), reach);
        }
    }

    /** By the upper 64 bits; the first match decides. */
    private static final Range[] RANGES = {
        Range.of(
                0xfd00_0ec2_0000_0000L,
                64,
                NEVER), // metadata of AWS, fd00:ec2::254 and its neighbours
        Range.of(0xfd20_00ce_0000_0000L, 64, NEVER), // metadata of Google Cloud, fd20:ce::254
        Range.of(0xfd00_00c1_0000_0000L, 64, NEVER), // metadata of Oracle Cloud, fd00:c1::a9fe:a9fe
        Range.of(0xfd00_0042_0000_0000L, 64, NEVER), // metadata of Scaleway, fd00:42::42
        Range.of(0xfd00_0053_0000_0000L, 64, NEVER), // this resolver's own address
        Range.of(0xfc00_0000_0000_0000L, 7, PRIVATE), // unique local, RFC 4193
        Range.of(0xfec0_0000_0000_0000L, 10, PRIVATE), // site-local, RFC 3879
        Range.of(
                0x2001_0000_0000_0000L,
                23,
                NEVER), // protocol assignments: Teredo, ORCHID, benchmarks
        Range.of(0x2001_0db8_0000_0000L, 32, PRIVATE), // documentation, RFC 3849
        Range.of(0x3fff_0000_0000_0000L, 20, PRIVATE), // documentation, RFC 9637
    };

    private static final long NAT64 = 0x0064_ff9b_0000_0000L; // 64:ff9b::/96, RFC 6052
    private static final int SIX_TO_FOUR = 0x2002; // RFC 3056
    private static final int GLOBAL_UNICAST = 1; // the upper three bits

    private Ipv6Ranges() {}

    static Reach reach(byte[] octets) {
        long upper = longAt(octets, 0);
        long lower = longAt(octets, 8);
        if (upper == NAT64 && lower >>> 32 == 0) {
            return embedded((int) lower);
        }
        if (upper >>> 48 == SIX_TO_FOUR) {
            return embedded((int) (upper >>> 16));
        }
        for (Range range : RANGES) {
            if ((upper & range.mask) == range.network) {
                return range.reach;
            }
        }
        return upper >>> 61 == GLOBAL_UNICAST ? PUBLIC : NEVER;
    }

    /**
     * A private address in disguise is no honest way to name an internal host: named block or not,
     * it is refused.
     */
    private static Reach embedded(int ipv4) {
        return Ipv4Ranges.reach(ipv4) == PUBLIC ? PUBLIC : NEVER;
    }

    private static long longAt(byte[] octets, int at) {
        long value = 0;
        for (int i = at; i < at + 8; i++) {
            value = value << 8 | (octets[i] & 0xff);
        }
        return value;
    }
}
