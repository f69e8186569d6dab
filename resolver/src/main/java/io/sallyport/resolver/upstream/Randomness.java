package io.sallyport.resolver.upstream;

import java.security.SecureRandom;

/**
 * Unpredictable octets, drawn from the system in blocks: a query needs some 40, a draw costs
 * microseconds.
 */
final class Randomness {
    private static final int BLOCK = 4096;

    private final SecureRandom source = new SecureRandom();
    private final byte[] block = new byte[BLOCK];
    private int next = BLOCK;

    /** Fills the first {@code count} octets. */
    synchronized void fill(byte[] target, int count) {
        if (next + count > BLOCK) {
            source.nextBytes(block);
            next = 0;
        }
        System.arraycopy(block, next, target, 0, count);
        next += count;
    }
}
