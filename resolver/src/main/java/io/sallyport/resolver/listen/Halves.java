package io.sallyport.resolver.listen;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** An address as two numbers in network order; IPv4 as {@code ::ffff:a.b.c.d}. */
final class Halves {
    private static final long MAPPED = 0x0000_ffff_0000_0000L;

    private Halves() {}

    static long high(InetSocketAddress address) {
        byte[] octets = address.getAddress().getAddress();
        return octets.length == 4 ? 0 : ByteBuffer.wrap(octets).getLong();
    }

    static long low(InetSocketAddress address) {
        byte[] octets = address.getAddress().getAddress();
        return octets.length == 4
                ? MAPPED | (ByteBuffer.wrap(octets).getInt() & 0xffff_ffffL)
                : ByteBuffer.wrap(octets).getLong(8);
    }
}
