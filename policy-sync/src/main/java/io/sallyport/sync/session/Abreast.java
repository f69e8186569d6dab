package io.sallyport.sync.session;

import java.util.Collection;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** The same work on many networks, several at once: what waits together is written together. */
final class Abreast {
    /** As many as the node serves callers at once. */
    private static final int AT_ONCE = 64;

    private Abreast() {}

    /** Returns when all is done; the work throws nothing. */
    static <T> void each(Collection<T> items, Consumer<T> work) {
        if (items.isEmpty()) {
            return;
        }
        try (ExecutorService threads =
                Executors.newFixedThreadPool(
                        Math.min(AT_ONCE, items.size()), Thread.ofVirtual().factory())) {
            items.forEach(item -> threads.execute(() -> work.accept(item)));
        }
    }
}
