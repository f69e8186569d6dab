package io.sallyport.sync.store;

import io.sallyport.sync.port.FreePort;
import io.sallyport.sync.store.Database.Server;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A schema of its own in a server that all tests of a run share, and that ends with the run. */
record PostgresTestStore(String url, Path password) implements TestStore {
    private static final AtomicInteger SCHEMAS = new AtomicInteger();
    private static @Nullable EmbeddedPostgres server;

    static PostgresTestStore fresh(Path directory) throws IOException {
        return in(server().getJdbcUrl("postgres", "postgres"), directory);
    }

    /** A new schema in the server of {@code url}. */
    static PostgresTestStore in(String url, Path directory) throws IOException {
        String schema = "store" + SCHEMAS.incrementAndGet();
        String own = url.replaceFirst("\\?.*", "") + "?currentSchema=" + schema;
        Path password = Files.createDirectories(directory).resolve("password");
        Files.writeString(password, "postgres\n");
        PostgresTestStore store = new PostgresTestStore(own, password);
        try {
            store.sql("CREATE SCHEMA " + schema);
        } catch (SQLException e) {
            throw new IOException(e);
        }
        return store;
    }

    /** On a port that nobody else gets while it is being made, which takes seconds. */
    static EmbeddedPostgres.Builder embedded() throws IOException {
        return EmbeddedPostgres.builder()
                .setPort(FreePort.any())
                .setPGStartupWait(Duration.ofMinutes(1));
    }

    private static synchronized EmbeddedPostgres server() throws IOException {
        EmbeddedPostgres running = server;
        if (running == null) {
            running = embedded().start(); // stops with this process
            server = running;
        }
        return running;
    }

    @Override
    public Database open() throws IOException {
        return Database.open(new Server(url, "postgres", password));
    }

    @Override
    public Connection raw() throws SQLException {
        return DriverManager.getConnection(url, "postgres", "postgres");
    }

    @Override
    public List<String> arguments() {
        return List.of("postgresql", url, password.toString());
    }

    @Override
    public List<String> unlocking() {
        return List.of(
                "DROP TRIGGER audit_is_not_edited ON audit",
                "DROP TRIGGER audit_is_not_emptied ON audit",
                "DROP TRIGGER org_settings_are_not_edited ON org_settings");
    }
}
