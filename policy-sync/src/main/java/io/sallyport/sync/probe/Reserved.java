package io.sallyport.sync.probe;

import io.sallyport.resolver.address.Cidr;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Addresses that no public name leads to, in IPv4 and in the IPv6 forms that carry one. */
final class Reserved {
    private static final List<Cidr> BLOCKS =
            Stream.of(
                            "0.0.0.0/8",
                            "10.0.0.0/8",
                            "100.64.0.0/10",
                            "127.0.0.0/8",
                            "169.254.0.0/16",
                            "172.16.0.0/12",
                            "192.168.0.0/16",
                            "224.0.0.0/3",
                            "::/127",
                            "fc00::/7",
                            "fe80::/10",
                            "ff00::/8")
                    .map(Cidr::parse)
                    .toList();

    /**
     * NAT64 (RFC 6052) and 6to4 (RFC 3056): where the IPv4 address begins. Java itself reads a
     * mapped one as IPv4.
     */
    private record Form(Cidr block, int offset) {}

    private static final List<Form> FORMS =
            List.of(new Form(Cidr.parse("64:ff9b::/96"), 12), new Form(Cidr.parse("2002::/16"), 2));

    private Reserved() {}

    static boolean holds(InetAddress address) {
        byte[] octets = address.getAddress();
        return holds(octets)
                || FORMS.stream()
                        .filter(form -> octets.length == 16 && form.block().contains(octets))
                        .anyMatch(form ->
                                holds(
                                        Arrays.copyOfRange(
                                                octets, form.offset(), form.offset() + 4)));
    }

    private static boolean holds(byte[] octets) {
        return BLOCKS.stream().anyMatch(block -> block.contains(octets));
    }
}
