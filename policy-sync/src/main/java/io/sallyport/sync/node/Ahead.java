package io.sallyport.sync.node;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Opens what a node works with, on a thread of its own, while the kernel is busy with rules. */
final class Ahead implements AutoCloseable {
    private final FutureTask<Node.Around> opening;
    private @Nullable Thread thread;

    Ahead(Node.Opening opening) {
        this.opening = new FutureTask<>(opening::open);
    }

    /** From now on; a second time says nothing new. */
    void begin() {
        if (thread == null) {
            thread = Thread.ofPlatform().name("opening").start(opening);
        }
    }

    /** Waits for it; {@link #begin} came before. */
    Node.Around await() throws IOException {
        try {
            return opening.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the node started", e);
        }
    }

    /** Whoever closes what was opened must not come before it is open. */
    @Override
    public void close() {
        try {
            if (thread != null) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
