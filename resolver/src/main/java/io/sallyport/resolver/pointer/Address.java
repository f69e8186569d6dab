package io.sallyport.resolver.pointer;

import java.nio.ByteBuffer;

/**
 * An address as a key. Ordered because whoever runs the servers of an allowed name chooses the
 * addresses: a map keeps keys of one hash in a tree by their order, and in a long list without one.
 *
 * @param six tells ::ffff:192.0.2.1 and ::192.0.2.1 from 192.0.2.1
 */
record Address(boolean six, long high, long low) implements Comparable<Address> {

    /**
     * @param octets 4 or 16
     */
    static Address of(byte[] octets) {
        return octets.length == 4
                ? new Address(false, 0, number(octets, 0, 4))
                : new Address(true, number(octets, 0, 8), number(octets, 8, 8));
    }

    byte[] octets() {
        return six
                ? ByteBuffer.allocate(16).putLong(high).putLong(low).array()
                : ByteBuffer.allocate(4).putInt((int) low).array();
    }

    private static long number(byte[] octets, int at, int length) {
        long number = 0;
        for (int i = at; i < at + length; i++) {
            number = number << 8 | (octets[i] & 0xff);
        }
        return number;
    }

    @Override
    public int compareTo(Address other) {
        int family = Boolean.compare(six, other.six);
        int first = family != 0 ? family : Long.compare(high, other.high);
        return first != 0 ? first : Long.compare(low, other.low);
    }
}
