package io.sallyport.resolver.upstream;

import io.sallyport.resolver.name.WireName;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Domains whose questions go on failing. They are asked as ever and not asked again: what a client
 * can make silent at will must not use up the repetitions that others need. Any thread, no lock;
 * two domains of one hash share their fate.
 */
final class Failing {
    /** So many in a row, and it is not chance any more. */
    static final int GIVEN_UP = 4;

    /** 4 kB. */
    private static final int SLOT_BITS = 10;

    private final AtomicIntegerArray inARow = new AtomicIntegerArray(1 << SLOT_BITS);

    boolean isGivenUp(WireName name) {
        return inARow.get(slot(name)) >= GIVEN_UP;
    }

    void failed(WireName name) {
        int slot = slot(name);
        if (inARow.get(slot) < GIVEN_UP) {
            inARow.incrementAndGet(slot);
        }
    }

    void answered(WireName name) {
        int slot = slot(name);
        if (inARow.get(slot) != 0) {
            inARow.set(slot, 0);
        }
    }

    /** The upper bits of a product depend on all bits of the hash. */
    private static int slot(WireName name) {
        return (Server.domainHash(name) * 0x9e37_79b9) >>> (Integer.SIZE - SLOT_BITS);
    }
}
