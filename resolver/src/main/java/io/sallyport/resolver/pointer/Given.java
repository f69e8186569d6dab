package io.sallyport.resolver.pointer;

import io.sallyport.resolver.name.WireName;

/** One answer, as this binding got it. */
final class Given {
    /**
     * The answer's own array and so as good as the answer to know it by, which would be heavier to
     * hold on to.
     */
    final byte[][] addresses;

    final int count;
    final WireName name;

    /** By which {@link Recent} finds it. */
    final long key;

    volatile long untilNanos;

    /** Whether all of its addresses lead here; guarded by {@link Pointers}. */
    boolean whole = true;

    Given(byte[][] addresses, int count, WireName name, long key, long untilNanos) {
        this.addresses = addresses;
        this.count = count;
        this.name = name;
        this.key = key;
        this.untilNanos = untilNanos;
    }

    @SuppressWarnings("ReferenceEquality") // the same answer, not an equal one
    boolean is(byte[][] others, int otherCount) {
        return addresses == others && count == otherCount;
    }

    /** Once a second is often enough, and late is the safe side. */
    void extend(long until) {
        if (until - untilNanos >= Pointers.SECOND) {
            untilNanos = until;
        }
    }
}
