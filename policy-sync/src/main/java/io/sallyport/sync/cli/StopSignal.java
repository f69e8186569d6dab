package io.sallyport.sync.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits until the process is told to end, and lets it end when the work is done, or too late. */
final class StopSignal {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

    /**
     * Answers in flight have 4.5 s at most, a session that is being started has 5 s before; a
     * service manager kills after tens of seconds.
     */
    private static final long STOP_SECONDS = 15;

    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    void await() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopWhenTold, "stop"));
        told.await();
    }

    /** As {@link #await()}, doing something again and again meanwhile. */
    void await(Duration period, Runnable beat) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopWhenTold, "stop"));
        while (!told.await(period.toMillis(), TimeUnit.MILLISECONDS)) {
            beat.run();
        }
    }

    /** Ends the wait from within. */
    void tell() {
        told.countDown();
    }

    void done() {
        stopped.countDown();
    }

    private void stopWhenTold() {
        told.countDown();
        try {
            if (!stopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("not stopped after {} s", STOP_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
