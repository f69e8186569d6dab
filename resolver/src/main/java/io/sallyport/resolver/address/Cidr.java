package io.sallyport.resolver.address;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A block of addresses, IPv4 or IPv6. The host bits are zero: {@code 10.0.0.7/8} is refused with
 * the block that was probably meant.
 *
 * @param network 4 or 16 octets
 * @param prefix length in bits, 0 to 32 or 128
 */
@SuppressWarnings(
        "ArrayRecordComponent") // copied in and out; equals and hashCode look at the octets
public record Cidr(byte[] network, int prefix) {
    private static final Pattern LENGTH = Pattern.compile("\\d{1,3}");
    private static final Pattern DOTTED = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    public Cidr {
        if (network.length != 4 && network.length != 16) {
            throw new IllegalArgumentException(
                    "an address has 4 or 16 octets, not " + network.length);
        }
        if (prefix < 0 || prefix > network.length * 8) {
            throw new IllegalArgumentException(
                    "/" + prefix + " is not a prefix length of 0 to " + network.length * 8);
        }
        network = network.clone();
        if (!Arrays.equals(network, masked(network, prefix))) {
            throw new IllegalArgumentException(
                    text(network)
                            + "/"
                            + prefix
                            + " has host bits set; did you mean "
                            + text(masked(network, prefix))
                            + "/"
                            + prefix
                            + "?");
        }
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code fd00::/8} or a bare address (its own /32 or /128). Only
     * literals: nothing is looked up.
     *
     * @throws IllegalArgumentException with a sentence that names the fix
     */
    public static Cidr parse(String text) {
        String trimmed = text.strip();
        int slash = trimmed.indexOf('/');
        byte[] address = address(slash < 0 ? trimmed : trimmed.substring(0, slash));
        if (slash < 0) {
            return new Cidr(address, address.length * 8);
        }
        String length = trimmed.substring(slash + 1);
        if (!LENGTH.matcher(length).matches()) {
            throw new IllegalArgumentException(
                    "\"" + trimmed + "\" needs a prefix length after the slash, such as /24");
        }
        return new Cidr(address, Integer.parseInt(length));
    }

    /**
     * Reads one literal address.
     *
     * @return 4 or 16 octets; an IPv4-mapped IPv6 literal stays 16
     */
    public static byte[] address(String literal) {
        try {
            if (literal.indexOf(':') >= 0) {
                return java.net.Inet6Address.ofLiteral(literal).getAddress();
            }
            if (DOTTED.matcher(literal).matches()) {
                return java.net.Inet4Address.ofLiteral(literal).getAddress();
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + literal + "\" is not an IP address", e);
        }
        throw new IllegalArgumentException(
                "\"" + literal + "\" is not an IP address; write one such as 10.0.0.2 or fd00::2");
    }

    public boolean contains(byte[] address) {
        return address.length == network.length && Arrays.equals(masked(address, prefix), network);
    }

    /** The block's first address. */
    public InetAddress address() {
        return inet(network);
    }

    public boolean isIpv6() {
        return network.length == 16;
    }

    @Override
    public byte[] network() {
        return network.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cidr that
                && prefix == that.prefix
                && Arrays.equals(network, that.network);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(network) + prefix;
    }

    @Override
    public String toString() {
        return text(network) + "/" + prefix;
    }

    private static byte[] masked(byte[] address, int prefix) {
        byte[] masked = new byte[address.length];
        for (int i = 0; i < address.length; i++) {
            int bits = Math.clamp(prefix - i * 8L, 0, 8);
            masked[i] = (byte) (address[i] & (0xff00 >> bits));
        }
        return masked;
    }

    private static String text(byte[] address) {
        return InetAddresses.toAddrString(inet(address));
    }

    private static InetAddress inet(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 octets are an address", e);
        }
    }
}
