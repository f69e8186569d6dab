package io.sallyport.sync.report;

import io.sallyport.sync.emergency.Emergencies;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Emergency denials on the disk, for the next start. They are written before they are in force, so
 * that a name that was seen to be denied is denied after a crash too; but a disk that hangs holds
 * up no denial for longer than {@link #PATIENCE}. Used by one thread.
 */
final class Keeping {
    /** Of the two seconds within which a denial is in force everywhere. */
    private static final Duration PATIENCE = Duration.ofMillis(400);

    private static final Logger LOG = LoggerFactory.getLogger(Keeping.class);

    private final Path file;
    private final ExecutorService disk =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("emergency-file").factory());
    private @Nullable Emergencies wanted;
    private @Nullable Future<?> underWay;
    private volatile @Nullable Emergencies kept;
    private volatile String problem = "";

    Keeping(Path file) {
        this.file = file;
    }

    /** On the disk on return, unless that is full, or slow: then {@link #again} is to be called. */
    void keep(Emergencies list) {
        wanted = list;
        again();
        await(PATIENCE);
        again(); // what waited behind an older list
    }

    /** Until it is on the disk, again and again: a full one may have room the next time. */
    void again() {
        Emergencies list = wanted;
        if (list != null && !list.equals(kept) && (underWay == null || underWay.isDone())) {
            underWay = disk.submit(() -> save(list));
        }
    }

    /** Waits for what is under way, and no longer than that. */
    void await(Duration patience) {
        Future<?> now = underWay;
        if (now == null) {
            return;
        }
        try {
            now.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            told("the disk takes longer than " + patience.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a fault of this program", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void save(Emergencies list) {
        try {
            list.save(file);
            kept = list;
            problem = "";
        } catch (IOException e) {
            told(e.toString());
        }
    }

    /** Logged once a change, not each second. */
    private void told(String now) {
        if (!now.equals(problem)) {
            problem = now;
            LOG.error("emergency denials are not kept and a restart forgets them: {}", now);
        }
    }
}
