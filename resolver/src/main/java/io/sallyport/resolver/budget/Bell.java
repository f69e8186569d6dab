package io.sallyport.resolver.budget;

import java.util.concurrent.atomic.AtomicLong;

/** Rings once a minute at most, however often it is pulled. Any thread, no lock. */
final class Bell {
    private static final long NEVER = Long.MIN_VALUE;

    private final AtomicLong rungAt = new AtomicLong(NEVER);

    boolean ring(long nowNanos) {
        long last = rungAt.get();
        boolean again = last == NEVER || nowNanos - last >= Budget.WINDOW_NANOS;
        return again && rungAt.compareAndSet(last, nowNanos);
    }
}
