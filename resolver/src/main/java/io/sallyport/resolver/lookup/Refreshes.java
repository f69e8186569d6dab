package io.sallyport.resolver.lookup;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** How much may be asked before anybody waits for it: a comfort, so it gets what is left over. */
final class Refreshes {
    /** A sixteenth part of the flights there may be: nobody who waits is kept out by these. */
    static final int MAX_AT_ONCE = 256;

    /** With the longest TTL of 300 s this keeps 60,000 popular names fresh. */
    static final int MAX_A_SECOND = 200;

    private static final long SECOND = 1_000_000_000L;

    private final AtomicInteger under = new AtomicInteger();
    private final AtomicLong secondStart;
    private final AtomicInteger inSecond = new AtomicInteger();
    private final LongAdder begun = new LongAdder();

    Refreshes(long nowNanos) {
        secondStart = new AtomicLong(nowNanos);
    }

    /** Whether one more may begin; then {@link #end} must be called. */
    boolean begin(long nowNanos) {
        long start = secondStart.get();
        if (nowNanos - start >= SECOND && secondStart.compareAndSet(start, nowNanos)) {
            inSecond.set(0);
        }
        if (inSecond.incrementAndGet() > MAX_A_SECOND) {
            return false;
        }
        if (under.incrementAndGet() > MAX_AT_ONCE) {
            under.decrementAndGet();
            return false;
        }
        begun.increment();
        return true;
    }

    void end() {
        under.decrementAndGet();
    }

    long begun() {
        return begun.sum();
    }
}
