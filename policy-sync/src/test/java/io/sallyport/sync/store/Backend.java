package io.sallyport.sync.store;

import java.io.IOException;
import java.nio.file.Path;

/** The databases that every test of a store runs with. */
public enum Backend {
    SQLITE,
    POSTGRESQL;

    /** A store with nothing in it; {@code directory} holds its file or its password. */
    public TestStore store(Path directory) throws IOException {
        return switch (this) {
            case SQLITE -> new SqliteTestStore(directory);
            case POSTGRESQL -> PostgresTestStore.fresh(directory);
        };
    }
}
