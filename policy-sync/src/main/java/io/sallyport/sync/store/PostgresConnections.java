package io.sallyport.sync.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.Database.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A pool of connections to a PostgreSQL server. */
final class PostgresConnections implements Connections {
    /**
     * Enough for as many threads as a control process has work for; ten processes share a server's
     * usual hundred.
     */
    private static final int MAX_CONNECTIONS = 10;

    /** Changes wait for each other with a connection in hand; reads must not wait with them. */
    private static final int MAX_WRITERS = MAX_CONNECTIONS / 2;

    /** A change takes milliseconds; seconds mean a stopped server, and the caller is told. */
    private static final long PATIENCE_MILLIS = 5_000;

    private static final String SOCKET_SECONDS = "15"; // longer than any statement may take

    private static final String LIMITS =
            "-c lock_timeout=5s -c statement_timeout=10s"
                    + " -c idle_in_transaction_session_timeout=10s"
                    // what was reported is on the server's disk, whatever its default
                    + " -c synchronous_commit=on -c default_transaction_isolation=read\\ committed";

    /** The lock that puts changes in order: a number nobody else would choose, "sallyprt". */
    private static final long ORDER = 0x73616c6c79707274L;

    private static final int MAX_PASSWORD = 4096;
    private static final Pattern SECRET =
            Pattern.compile("[?&](?i:password|sslpassword)=|//[^/]*@");

    private final HikariDataSource pool;
    private final String place;
    private final Semaphore writing = new Semaphore(MAX_WRITERS, true); // nobody starves

    private PostgresConnections(HikariDataSource pool, String place) {
        this.pool = pool;
        this.place = place;
    }

    static void check(String url) {
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("url: write jdbc:postgresql://HOST:PORT/DATABASE");
        }
        if (SECRET.matcher(url).find()) {
            throw new IllegalArgumentException(
                    "url: has a password in it, where logs and errors would show it; put it into a file"
                            + " and name that with password-file");
        }
    }

    static PostgresConnections open(Server server) throws IOException {
        HikariConfig config = new HikariConfig();
        config.setPoolName("store");
        config.setJdbcUrl(server.url());
        config.setUsername(server.user());
        config.setPassword(password(server));
        config.setMaximumPoolSize(MAX_CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(PATIENCE_MILLIS);
        config.addDataSourceProperty("connectTimeout", "5");
        config.addDataSourceProperty("socketTimeout", SOCKET_SECONDS);
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("ApplicationName", "sallyport");
        config.addDataSourceProperty("options", LIMITS);
        try {
            return new PostgresConnections(new HikariDataSource(config), server.url());
        } catch (PoolInitializationException e) {
            throw new IOException(
                    "the store " + server.url() + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static String password(Server server) throws IOException {
        if (Files.size(server.passwordFile()) > MAX_PASSWORD) {
            throw new IOException(server.passwordFile() + " is too long for a password");
        }
        return Files.readString(server.passwordFile()).strip();
    }

    @Override
    public <T> T read(Use<T> use) throws SQLException, IOException, Refusal {
        try (Connection open = pool.getConnection()) {
            return use.with(open);
        }
    }

    @Override
    public <T> T write(Use<T> use) throws SQLException, IOException, Refusal {
        awaitTurn();
        try {
            return together(use);
        } finally {
            writing.release();
        }
    }

    private void awaitTurn() throws SQLException {
        try {
            if (!writing.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new SQLTimeoutException("too many changes are waiting for their turn");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted while waiting for a turn to write", e);
        }
    }

    private <T> T together(Use<T> use) throws SQLException, IOException, Refusal {
        try (Connection open = pool.getConnection()) {
            open.setAutoCommit(false); // the pool sets it back, and rolls back what is open
            try {
                T result = use.with(open);
                open.commit();
                return result;
            } catch (SQLException | IOException | Refusal | RuntimeException | Error e) {
                undo(open, e);
                throw e;
            }
        }
    }

    private static void undo(Connection open, Throwable cause) {
        try {
            open.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e); // the server undoes what a lost connection left
        }
    }

    /** Held until the transaction's end; what is read after it is the newest. */
    @Override
    public void order(Connection open) throws SQLException {
        Statements.execute(open, "SELECT pg_advisory_xact_lock(" + ORDER + ")");
    }

    @Override
    public String dialect() {
        return "postgresql";
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public void close() {
        pool.close();
    }
}
