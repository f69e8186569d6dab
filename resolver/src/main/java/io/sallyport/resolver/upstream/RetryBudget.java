package io.sallyport.resolver.upstream;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What may be asked beyond one query a question: so much of what was asked already, so that servers
 * in trouble get no more than that on top of it. Every question earns, every extra query spends.
 */
final class RetryBudget {
    /** An extra query for every eighth question: 12.5 %. */
    static final int PRICE = 8;

    /** Saved up at most: enough for the retries of a quiet node's bad minute. */
    static final int MOST_EXTRA = 32;

    private final AtomicInteger credit = new AtomicInteger(PRICE * MOST_EXTRA);

    /** Losing a race loses a unit, and that is all. */
    void earn() {
        int now = credit.get();
        if (now < PRICE * MOST_EXTRA) {
            credit.compareAndSet(now, now + 1);
        }
    }

    boolean spend() {
        int now = credit.get();
        while (now >= PRICE) {
            if (credit.compareAndSet(now, now - PRICE)) {
                return true;
            }
            now = credit.get();
        }
        return false;
    }
}
