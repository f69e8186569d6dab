package io.sallyport.resolver.rate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A rate with a burst, as one number: the moment at which the bucket would be full again (the
 * generic cell rate algorithm of ITU-T I.371). Spending moves it one interval on; it may lie one
 * burst ahead. Any thread, no lock; an empty bucket is only read, so that a flood does not make the
 * event loops fight for its cache line.
 */
public final class TokenBucket {
    private static final VarHandle FULL_AT;

    static {
        try {
            FULL_AT = MethodHandles.lookup().findVarHandle(TokenBucket.class, "fullAt", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final long SECOND = 1_000_000_000;

    /** Nothing was spent yet, whatever the clock says. */
    private static final long FULL = Long.MIN_VALUE;

    private final long interval;
    private final long ahead;
    private volatile long fullAt = FULL;

    /**
     * @param perSecond 0 for no limit
     * @param burst tokens of a full bucket; at least one, or nothing would ever pass
     */
    public TokenBucket(int perSecond, int burst) {
        interval = perSecond == 0 ? 0 : Math.max(1, SECOND / perSecond);
        ahead = interval * Math.max(1, burst);
    }

    /** Reads the bucket, for the processor to have it near when {@link #spend} comes. */
    public long fetch() {
        return fullAt;
    }

    /**
     * Takes a token; false if there is none.
     *
     * @param nowNanos of {@link System#nanoTime}, a batch's own: loops may differ by a little
     */
    public boolean spend(long nowNanos) {
        if (interval == 0) {
            return true;
        }
        while (true) {
            long seen = fullAt;
            boolean full = seen == FULL || seen - nowNanos <= 0;
            long next = (full ? nowNanos : seen) + interval;
            if (next - nowNanos > ahead) {
                return false;
            }
            if (FULL_AT.compareAndSet(this, seen, next)) {
                return true;
            }
        }
    }
}
