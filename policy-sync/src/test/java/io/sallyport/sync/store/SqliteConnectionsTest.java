package io.sallyport.sync.store;

import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteConnectionsTest {
    private static final int AT_ONCE = 4;

    /** One in eighty is refused by SQLite itself, however long it may wait. */
    private static final int ROUNDS = 150;

    /** {@code up} and the first {@code org create} beside it, say. */
    @Test
    void manyMayOpenANewFileAtOnce(@TempDir Path directory) throws Exception {
        CyclicBarrier start = new CyclicBarrier(AT_ONCE);
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
            for (int round = 0; round < ROUNDS; round++) {
                Path file = directory.resolve("store-" + round);
                Callable<Void> open =
                        () -> {
                            start.await();
                            SqliteConnections.open(file).close();
                            return null;
                        };
                for (Future<Void> each : workers.invokeAll(Collections.nCopies(AT_ONCE, open))) {
                    each.get();
                }
            }
        }
    }
}
