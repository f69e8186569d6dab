package io.sallyport.sync.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One connection, used by one thread at a time. Every call takes well under a millisecond, so that
 * a pool would only add to the start.
 */
final class Database implements AutoCloseable {
    /** The schema that this program writes; each has its file {@code /store/N.sql}. */
    static final int SCHEMA = 1;

    /**
     * How long to wait for another process that writes. A change takes milliseconds; seconds mean a
     * stopped process.
     */
    private static final String BUSY_MILLIS = "5000";

    /** Work with the connection. */
    interface Work<T> {
        T run(Connection connection) throws SQLException, IOException, OrgStore.Refusal;
    }

    /** Makes a value of a row. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException, IOException;
    }

    private final Path file;
    private final Connection connection;
    private final ReentrantLock lock = new ReentrantLock();

    private Database(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    static Database open(Path file) throws IOException {
        if (file.toString().indexOf('?') >= 0) { // the driver would read what follows as settings
            throw new IOException(
                    file + " has a question mark in its path; choose another --data directory");
        }
        Properties settings = new Properties();
        settings.setProperty("busy_timeout", BUSY_MILLIS);
        settings.setProperty(
                "journal_mode", "WAL"); // readers and a writer do not wait for each other
        settings.setProperty(
                "synchronous", "FULL"); // a change that was reported survives a power cut
        settings.setProperty(
                "transaction_mode", "IMMEDIATE"); // the write lock first: what was read stays true
        try {
            Connection connection =
                    DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath(), settings);
            try {
                Database database = new Database(file, connection);
                database.migrate();
                return database;
            } catch (SQLException | IOException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw unusable(file, e);
        }
    }

    /** Brings an older schema up to this program's; refuses a newer one. */
    private void migrate() throws SQLException, IOException {
        if (schema() == SCHEMA) {
            return;
        }
        try {
            transact(open -> {
                execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)");
                for (int next = schema() + 1; next <= SCHEMA; next++) {
                    for (String statement : script(next)) {
                        execute(statement);
                    }
                    update("INSERT INTO schema_version (version) VALUES (?)", next);
                }
                return SCHEMA;
            });
        } catch (OrgStore.Refusal e) {
            throw new AssertionError("a migration refuses nothing", e);
        }
        if (schema() > SCHEMA) {
            throw new IOException(
                    file + " was written by a newer version of this program; use that one");
        }
    }

    private int schema() throws SQLException {
        try (ResultSet tables =
                connection.getMetaData().getTables(null, null, "schema_version", null)) {
            if (!tables.next()) {
                return 0;
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT COALESCE(MAX(version), 0) FROM schema_version")) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    private static List<String> script(int number) throws IOException {
        try (InputStream in = Database.class.getResourceAsStream("/store/" + number + ".sql")) {
            if (in == null) {
                throw new IOException("store/" + number + ".sql is missing in this build");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            List<String> statements = new ArrayList<>();
            for (String statement : text.split(";", -1)) {
                if (!statement.isBlank()) {
                    statements.add(statement.strip());
                }
            }
            return statements;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Runs work in one transaction: all of it, or nothing. */
    <T> T transact(Work<T> work) throws IOException, OrgStore.Refusal {
        lock.lock();
        try {
            connection.setAutoCommit(false);
            boolean done = false;
            try {
                T result = work.run(connection);
                connection.commit();
                done = true;
                return result;
            } finally {
                if (!done) {
                    connection.rollback();
                }
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw unusable(file, e);
        } finally {
            lock.unlock();
        }
    }

    <T> List<T> query(Row<T> reader, String sql, Object... values) throws IOException {
        lock.lock();
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet rows = statement.executeQuery()) {
            List<T> found = new ArrayList<>();
            while (rows.next()) {
                found.add(reader.read(rows));
            }
            return found;
        } catch (SQLException e) {
            throw unusable(file, e);
        } finally {
            lock.unlock();
        }
    }

    void update(String sql, Object... values) throws IOException {
        lock.lock();
        try (PreparedStatement statement = prepare(sql, values)) {
            statement.executeUpdate();
        } catch (SQLException e) {
            throw unusable(file, e);
        } finally {
            lock.unlock();
        }
    }

    private PreparedStatement prepare(String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    private static IOException unusable(Path file, SQLException cause) {
        return new IOException(
                "the settings in " + file + " cannot be used: " + cause.getMessage(), cause);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            connection.close();
        } catch (SQLException e) {
            // what was committed is on disk; there is nothing left to save
        } finally {
            lock.unlock();
        }
    }
}
