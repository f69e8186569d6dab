package io.sallyport.resolver.filter;

import static io.sallyport.resolver.filter.Reach.NEVER;
import static io.sallyport.resolver.filter.Reach.PRIVATE;
import static io.sallyport.resolver.filter.Reach.PUBLIC;

/**
 * The IANA IPv4 special-purpose registry (RFC 6890), multicast, and the metadata services that live
 * elsewhere.
 */
final class Ipv4Ranges {
    private record Range(int network, int mask, Reach reach) {
        static Range of(int a, int b, int c, int d, int prefix, Reach reach) {
            return new Range(a << 24 | b << 16 | c << 8 | d, -1 << (32 - prefix), reach);
        }
    }

    /** The first match decides. */
    private static final Range[] RANGES = {
        Range.of(100, 100, 100, 200, 32, NEVER), // Alibaba Cloud metadata, inside 100.64/10
        Range.of(168, 63, 129, 16, 32, NEVER), // Azure host agent, a public address
        Range.of(0, 0, 0, 0, 8, NEVER), // this network, RFC 791; Linux connects 0.0.0.0 to itself
        Range.of(10, 0, 0, 0, 8, PRIVATE), // RFC 1918
        Range.of(100, 64, 0, 0, 10, PRIVATE), // CGNAT, RFC 6598
        Range.of(127, 0, 0, 0, 8, NEVER), // loopback
        Range.of(169, 254, 0, 0, 16, NEVER), // link-local, RFC 3927; metadata of most clouds
        Range.of(172, 16, 0, 0, 12, PRIVATE), // RFC 1918
        Range.of(192, 0, 0, 0, 24, NEVER), // IETF protocol assignments; Oracle metadata 192.0.0.192
        Range.of(192, 0, 2, 0, 24, PRIVATE), // documentation, RFC 5737; used in laboratories
        Range.of(192, 88, 99, 0, 24, NEVER), // 6to4 relays, RFC 7526
        Range.of(192, 168, 0, 0, 16, PRIVATE), // RFC 1918
        Range.of(198, 18, 0, 0, 15, PRIVATE), // benchmarks, RFC 2544
        Range.of(198, 51, 100, 0, 24, PRIVATE), // documentation
        Range.of(203, 0, 113, 0, 24, PRIVATE), // documentation
        Range.of(224, 0, 0, 0, 4, NEVER), // multicast, RFC 5771
        Range.of(240, 0, 0, 0, 4, NEVER), // reserved, RFC 1112; broadcast
    };

    private Ipv4Ranges() {}

    /** Of the four octets at {@code at}. */
    static Reach reach(byte[] octets, int at) {
        return reach(
                (octets[at] & 0xff) << 24
                        | (octets[at + 1] & 0xff) << 16
                        | (octets[at + 2] & 0xff) << 8
                        | (octets[at + 3] & 0xff));
    }

    static Reach reach(int address) {
        for (Range range : RANGES) {
            if ((address & range.mask) == range.network) {
                return range.reach;
            }
        }
        return PUBLIC;
    }
}
