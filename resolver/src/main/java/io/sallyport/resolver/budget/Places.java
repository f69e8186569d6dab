package io.sallyport.resolver.budget;

import java.util.concurrent.atomic.AtomicInteger;

/** A number of places that are taken and given back. Any thread, no lock. */
final class Places {
    private final int most;
    private final AtomicInteger taken = new AtomicInteger();

    /**
     * @param most 0 for no limit
     */
    Places(int most) {
        this.most = most;
    }

    boolean enter() {
        if (most != 0 && taken.get() >= most) {
            return false;
        }
        if (taken.incrementAndGet() <= most || most == 0) {
            return true;
        }
        taken.decrementAndGet();
        return false;
    }

    void leave() {
        taken.decrementAndGet();
    }
}
