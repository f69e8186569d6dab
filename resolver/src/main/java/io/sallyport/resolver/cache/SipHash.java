package io.sallyport.resolver.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** SipHash-1-3 (Aumasson and Bernstein, 2012): a hash that needs its key to be predicted. */
final class SipHash {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long key0;
    private final long key1;

    SipHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    /**
     * @param tweak mixed in behind the octets: what else belongs to the key
     */
    long hash(byte[] octets, long tweak) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        int words = octets.length / 8;
        for (int i = 0;
                i < words + 2 + 3;
                i++) { // the words, the rest, the tweak, three rounds to finish
            long word = word(octets, tweak, i, words);
            if (i == words + 2) {
                v2 ^= 0xff;
            }
            v3 ^= word;
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
            v0 ^= word;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static long word(byte[] octets, long tweak, int index, int words) {
        if (index < words) {
            return (long) LONGS.get(octets, index * 8);
        }
        if (index == words) {
            long rest = (long) octets.length << 56;
            for (int i = words * 8; i < octets.length; i++) {
                rest |= (octets[i] & 0xffL) << (i % 8 * 8);
            }
            return rest;
        }
        return index == words + 1 ? tweak : 0;
    }
}
