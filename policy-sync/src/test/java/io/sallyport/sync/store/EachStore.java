package io.sallyport.sync.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that run with each database, each on an empty store, at a time that they set. */
@ParameterizedClass
@EnumSource(Backend.class)
public abstract class EachStore {
    protected static final Instant NOON = Instant.parse("2026-05-03T12:00:00Z");

    protected final Backend backend;
    @TempDir protected Path directory;
    protected Instant now = NOON;

    @SuppressWarnings("NullAway.Init") // set before each test
    protected TestStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    protected Database database;

    protected EachStore(Backend backend) {
        this.backend = backend;
    }

    @BeforeEach
    final void openStore() throws IOException {
        store = backend.store(directory);
        database = store.open();
    }

    @AfterEach
    final void closeStore() {
        database.close();
    }
}
