package io.sallyport.resolver.querylog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what is queued, and goes on when that fails. */
final class Scribe implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Scribe.class);

    /** How often the place is looked at: a rotated file is left within that. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int BATCH = 256;
    private static final long LAST_MILLIS = 2000;

    private final BlockingQueue<Entry> queue;
    private final Sink sink;
    private final LongAdder written;
    private final LongAdder dropped;
    private final Thread thread = Thread.ofPlatform().name("query-log").daemon().unstarted(this);
    private volatile boolean closed;
    private boolean failing;
    private boolean ready;
    private long lookedAt;

    Scribe(BlockingQueue<Entry> queue, Sink sink, LongAdder written, LongAdder dropped) {
        this.queue = queue;
        this.sink = sink;
        this.written = written;
        this.dropped = dropped;
    }

    void start() {
        thread.start();
    }

    @Override
    public void run() {
        lookedAt = System.nanoTime() - LOOK_NANOS;
        List<Entry> batch = new ArrayList<>(BATCH);
        try {
            while (!closed || !queue.isEmpty()) {
                batch.clear();
                Entry first = queue.poll(LOOK_NANOS / 4, TimeUnit.NANOSECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, BATCH - 1);
                }
                write(batch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does; what is queued is lost
        } finally {
            sink.end();
        }
    }

    /** While it fails, entries are dropped at once and the place is tried once a second. */
    private void write(List<Entry> batch) {
        try {
            if (System.nanoTime() - lookedAt >= LOOK_NANOS) {
                lookedAt = System.nanoTime();
                ready = false;
                sink.attend();
                ready = true;
            }
            if (!ready) {
                dropped.add(batch.size());
            } else if (!batch.isEmpty()) {
                sink.write(batch);
                written.add(batch.size());
                told(false);
            }
        } catch (IOException | RuntimeException e) {
            ready = false;
            dropped.add(batch.size());
            if (!failing) {
                LOG.warn("the query log cannot be written, entries are dropped: {}", e.toString());
            }
            told(true);
        }
    }

    /** Once a change. */
    private void told(boolean fails) {
        if (failing && !fails) {
            LOG.info("the query log is written again");
        }
        failing = fails;
    }

    void close() {
        closed = true;
        try {
            thread.join(LAST_MILLIS);
            sink.cut();
            thread.join(LAST_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
