package io.sallyport.sync.session;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the sessions of a node need each second, though nobody asks. */
final class Keeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    /** A lease is told in seconds. */
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("sessions").daemon().factory());

    static Keeper start(Runnable work) {
        Keeper keeper = new Keeper();
        var _ =
                keeper.timer.scheduleWithFixedDelay(
                        enduring(work),
                        PERIOD.toMillis(),
                        PERIOD.toMillis(),
                        TimeUnit.MILLISECONDS);
        return keeper;
    }

    /** The timer would drop work that throws, and with it the end of every lease. */
    static Runnable enduring(Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                LOG.error(
                        "leases and closed networks were not looked after, by a fault of this program",
                        e);
            }
        };
    }

    /** Waits for work that is under way: half an end would be left otherwise. */
    @Override
    public void close() {
        timer.close();
    }
}
