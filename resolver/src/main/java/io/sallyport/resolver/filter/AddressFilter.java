package io.sallyport.resolver.filter;

import io.sallyport.resolver.address.Cidr;
import java.util.List;

/**
 * Which addresses an answer may hold. Private, loopback, link-local, metadata, multicast, CGNAT,
 * documentation and reserved ranges are refused in every form (mapped, compatible, 6to4, Teredo,
 * NAT64); an internal domain may name private blocks of its own, metadata and loopback never.
 *
 * @param internal the private blocks that are let through; empty for public names
 * @param whole nothing is sieved at all
 */
public record AddressFilter(List<Cidr> internal, boolean whole) {
    /** For every public name. */
    public static final AddressFilter PUBLIC = new AddressFilter(List.of());

    /**
     * For the validator alone, because signatures cover whole sets; what it lets through is sieved
     * before anybody is told.
     */
    public static final AddressFilter WHOLE = new AddressFilter(List.of(), true);

    public AddressFilter(List<Cidr> internal) {
        this(internal, false);
    }

    public AddressFilter {
        internal = List.copyOf(internal);
    }

    /**
     * @param address 4 or 16 octets
     */
    public boolean permits(byte[] address) {
        Reach reach =
                switch (address.length) {
                    case 4 -> Ipv4Ranges.reach(address, 0);
                    case 16 -> Ipv6Ranges.reach(address);
                    default -> Reach.NEVER;
                };
        return switch (reach) {
            case PUBLIC -> true;
            case PRIVATE -> isInternal(address);
            case NEVER -> false;
        };
    }

    private boolean isInternal(byte[] address) {
        for (Cidr block : internal) {
            if (block.contains(address)) {
                return true;
            }
        }
        return false;
    }
}
