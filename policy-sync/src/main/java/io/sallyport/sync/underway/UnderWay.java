package io.sallyport.sync.underway;

import java.time.Duration;

/** The calls that a server is serving. Any thread. */
public final class UnderWay {
    private int calls;

    public synchronized void begin() {
        calls++;
    }

    public synchronized void end() {
        calls--;
        notifyAll();
    }

    /**
     * Waits until none is under way. One who is interrupted goes on waiting: what has begun is to
     * be over.
     *
     * @return whether that was so in time
     */
    public synchronized boolean awaitNone(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        for (long left = patience.toNanos();
                calls > 0 && left > 0;
                left = end - System.nanoTime()) {
            try {
                wait(left / 1_000_000 + 1);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return calls == 0;
    }
}
