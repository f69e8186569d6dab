package io.sallyport.sync.session;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the sessions of a node need each second, though nobody asks. */
final class Keeper implements Sessions.Kept {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    /** A lease is told in seconds. */
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("sessions").daemon().factory());

    private volatile boolean resting;

    static Keeper start(Runnable work) {
        Keeper keeper = new Keeper();
        var _ =
                keeper.timer.scheduleWithFixedDelay(
                        () -> keeper.look(work),
                        PERIOD.toMillis(),
                        PERIOD.toMillis(),
                        TimeUnit.MILLISECONDS);
        return keeper;
    }

    /** The timer would drop work that throws, and with it the end of every lease. */
    private void look(Runnable work) {
        if (resting) {
            return;
        }
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            LOG.error("sessions were not looked after, by a fault of this program", e);
        }
    }

    @Override
    public void rest() {
        resting = true;
        try {
            timer.submit(() -> {}).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing throws nothing", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void resume() {
        resting = false;
    }

    /** Waits for work that is under way: half an end would be left otherwise. */
    @Override
    public void close() {
        timer.close();
    }
}
