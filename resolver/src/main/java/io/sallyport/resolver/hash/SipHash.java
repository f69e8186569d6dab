package io.sallyport.resolver.hash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * SipHash (Aumasson and Bernstein, 2012): a hash that needs its key to be predicted. The short
 * form, 1-3, for tables; the long one, 2-4, for what leaves the process (RFC 9018 §4.4).
 */
public final class SipHash {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int KEY_OCTETS = 16;

    private final long key0;
    private final long key1;

    public SipHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    /**
     * @param key 16 octets
     */
    public static SipHash of(byte[] key) {
        if (key.length != KEY_OCTETS) {
            throw new IllegalArgumentException("a key has 16 octets, not " + key.length);
        }
        return new SipHash((long) LONGS.get(key, 0), (long) LONGS.get(key, 8));
    }

    /**
     * SipHash-1-3 of all octets.
     *
     * @param tweak mixed in behind the octets: what else belongs to the key
     */
    public long hash(byte[] octets, long tweak) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        int words = octets.length / 8;
        for (int i = 0;
                i < words + 2 + 3;
                i++) { // the words, the rest, the tweak, three rounds to finish
            long word = i <= words ? word(octets, 0, octets.length, i) : i == words + 1 ? tweak : 0;
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

    /** SipHash-2-4 of {@code length} octets from an offset. */
    public long mac(byte[] octets, int from, int length) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        int last = 2 * (length / 8 + 1); // two rounds a word, then four to finish
        long word = 0;
        for (int round = 0; round < last + 4; round++) {
            boolean first = (round & 1) == 0;
            if (first) {
                word = round < last ? word(octets, from, length, round >> 1) : 0;
                v3 ^= word;
            }
            if (round == last) {
                v2 ^= 0xff;
            }
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
            v0 ^= first ? 0 : word;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    /** The word with this index; the last one is what is left, with the length on top. */
    private static long word(byte[] octets, int from, int length, int index) {
        int at = from + index * 8;
        if (index < length / 8) {
            return (long) LONGS.get(octets, at);
        }
        long rest = (long) length << 56;
        for (int i = 0; i < length % 8; i++) {
            rest |= (octets[at + i] & 0xffL) << (i * 8);
        }
        return rest;
    }
}
