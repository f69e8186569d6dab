package io.sallyport.iptables.block;

import java.util.List;
import java.util.stream.Stream;

/**
 * The special-purpose address registries of IANA (RFC 6890) and the metadata services of the large
 * clouds.
 */
final class Reserved {

    static final List<Block> NEVER_FOUR =
            blocks(
                    "0.0.0.0/8", // this host, RFC 1122 §3.2.1.3
                    "100.100.100.200/32", // metadata of Alibaba Cloud, within the shared address
                    // space
                    "127.0.0.0/8", // loopback
                    "168.63.129.16/32", // the platform service of Azure, a public address
                    "169.254.0.0/16", // link-local, RFC 3927; metadata of nearly all clouds
                    "192.0.0.0/24", // IETF protocol assignments, RFC 6890; metadata of Oracle Cloud
                    // Classic
                    "192.88.99.0/24", // 6to4 relays, RFC 7526
                    "224.0.0.0/4", // multicast
                    "240.0.0.0/4"); // reserved, and broadcast

    static final List<Block> PRIVATE_FOUR =
            blocks(
                    "10.0.0.0/8", // RFC 1918
                    "100.64.0.0/10", // shared address space, RFC 6598
                    "172.16.0.0/12",
                    "192.0.2.0/24", // documentation, RFC 5737
                    "192.168.0.0/16",
                    "198.18.0.0/15", // benchmarks, RFC 2544
                    "198.51.100.0/24",
                    "203.0.113.0/24");

    static final List<Block> NEVER_SIX =
            blocks(
                    "::/96", // unspecified, loopback and the IPv4-compatible form, RFC 4291
                    // §2.5.5.1
                    "::ffff:0.0.0.0/96", // IPv4-mapped
                    "64:ff9b::/96", // NAT64, RFC 6052
                    "64:ff9b:1::/48", // local NAT64, RFC 8215
                    "100::/64", // discard, RFC 6666
                    "2001::/32", // Teredo, RFC 4380
                    "2002::/16", // 6to4, RFC 3056
                    "fd00:42::42/128", // metadata of Scaleway
                    "fd00:c1::a9fe:a9fe/128", // metadata of Oracle Cloud
                    "fd00:ec2::/32", // metadata, DNS and time of AWS
                    "fd20:ce::254/128", // metadata of Google Cloud
                    "fe80::/10", // link-local
                    "fec0::/10", // site-local, RFC 3879
                    "ff00::/8"); // multicast

    static final List<Block> PRIVATE_SIX =
            blocks(
                    "2001:2::/48", // benchmarks, RFC 5180
                    "2001:10::/28", // ORCHID, RFC 4843
                    "2001:20::/28", // ORCHIDv2, RFC 7343
                    "2001:db8::/32", // documentation, RFC 3849
                    "3fff::/20", // documentation, RFC 9637
                    "fc00::/7"); // unique local, RFC 4193

    /** All that is routed publicly, RFC 4291 §2.4 as allocated by IANA. */
    static final Block GLOBAL_UNICAST = Block.parse("2000::/3");

    private Reserved() {}

    private static List<Block> blocks(String... texts) {
        return Stream.of(texts).map(Block::parse).toList();
    }
}
