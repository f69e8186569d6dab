package io.sallyport.resolver.special;

import io.sallyport.resolver.name.WireName;

/** The special-use names, matched by their last labels. */
public final class SpecialNames {
    /** Answered here whatever a policy allows. */
    private static final byte[][] NEVER =
            names(
                    "localhost", // RFC 6761 §6.3
                    "invalid", // RFC 6761 §6.4
                    "local", // RFC 6762: multicast DNS only
                    "onion", // RFC 7686
                    "alt", // RFC 9476
                    "in-addr.arpa", // RFC 6303, and all the rest of it
                    "ip6.arpa",
                    "ipv4only.arpa", // RFC 8880: no NAT64 here
                    "resolver.arpa", // RFC 9462: no designated resolver but this one
                    "sallyport.internal"); // ours

    /**
     * Answered here unless an entry of the policy names them: private use, which some have servers
     * for.
     */
    private static final byte[][] UNLESS_NAMED =
            names(
                    "test", // RFC 6761 §6.2
                    "example", // RFC 6761 §6.5; example.com and its sisters exist and resolve
                    "internal", // reserved by ICANN in 2024
                    "home.arpa"); // RFC 8375

    private SpecialNames() {}

    /**
     * @param lowered a lower-cased wire name from offset 0
     * @param named whether the policy allows the name by an entry, and not only by its level
     */
    public static boolean answeredHere(byte[] lowered, int length, boolean named) {
        return endsIn(lowered, length, NEVER) || (!named && endsIn(lowered, length, UNLESS_NAMED));
    }

    private static boolean endsIn(byte[] name, int length, byte[][] zones) {
        for (byte[] zone : zones) {
            // The octet before the root tells most names apart from most zones.
            if (length >= zone.length
                    && name[length - 2] == zone[zone.length - 2]
                    && isAtOrBelow(name, length, zone)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAtOrBelow(byte[] name, int length, byte[] zone) {
        int start = length - zone.length;
        int at = 0;
        while (at < start) {
            at += name[at] + 1;
        }
        return at == start && java.util.Arrays.equals(name, start, length, zone, 0, zone.length);
    }

    private static byte[][] names(String... texts) {
        byte[][] names = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            names[i] = WireName.parse(texts[i]).octets();
        }
        return names;
    }
}
