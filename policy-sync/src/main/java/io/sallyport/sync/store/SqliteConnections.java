package io.sallyport.sync.store;

import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One connection that writes, used by one thread at a time, and a few that read: in WAL mode they
 * see the last commit and do not wait for the writer. Each is opened when it is first needed.
 */
final class SqliteConnections implements Connections {
    /**
     * How long to wait for another process that writes. A change takes milliseconds; seconds mean a
     * stopped process.
     */
    private static final int BUSY_MILLIS = 5000;

    private static final int AGAIN_MILLIS = 5;

    /** SQLITE_BUSY, the lower octet of all its extended codes. */
    private static final int BUSY = 5;

    /** A read takes well under a millisecond; more would only wait for the same cores. */
    private static final int MAX_READERS = 8;

    private final Path file;
    private final ReentrantLock writing = new ReentrantLock(true); // nobody starves
    private Connection writer;
    private final Semaphore reading = new Semaphore(MAX_READERS);
    private final ConcurrentLinkedDeque<Connection> readers = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    private SqliteConnections(Path file, Connection writer) {
        this.file = file;
        this.writer = writer;
    }

    static SqliteConnections open(Path file) throws IOException {
        if (file.toString().indexOf('?') >= 0) { // the driver would read what follows as settings
            throw new IOException(
                    file + " has a question mark in its path; choose another --data directory");
        }
        try {
            return new SqliteConnections(file, connect(file));
        } catch (SQLException e) {
            throw new IOException("the store " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Two who bring a new file into WAL mode at once wait for each other, so SQLite refuses one of
     * them at once, whatever its timeout; a moment later the mode is there.
     */
    private static Connection connect(Path file) throws SQLException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BUSY_MILLIS);
        while (true) {
            try {
                return connectNow(file);
            } catch (SQLException e) {
                if ((e.getErrorCode() & 0xff) != BUSY || System.nanoTime() > end) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS));
            }
        }
    }

    private static Connection connectNow(Path file) throws SQLException {
        Properties settings = new Properties();
        settings.setProperty("busy_timeout", Integer.toString(BUSY_MILLIS));
        settings.setProperty("journal_mode", "WAL");
        // a change that was reported survives a power cut
        settings.setProperty("synchronous", "FULL");
        return DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath(), settings);
    }

    @Override
    public <T> T read(Use<T> use) throws SQLException, IOException, Refusal {
        reading.acquireUninterruptibly();
        try {
            Connection idle = readers.pollFirst();
            Connection reader = idle == null ? connect(file) : idle;
            try {
                return use.with(reader);
            } finally {
                keep(reader);
            }
        } finally {
            reading.release();
        }
    }

    private void keep(Connection reader) throws SQLException {
        readers.addFirst(reader);
        if (closed && readers.remove(reader)) {
            reader.close();
        }
    }

    @Override
    public <T> T write(Use<T> use) throws SQLException, IOException, Refusal {
        writing.lock();
        try {
            if (writer.isClosed() && !closed) {
                writer = connect(file);
            }
            return together(writer, use);
        } finally {
            writing.unlock();
        }
    }

    /** The write lock first, so that what is read stays true until it is written. */
    private static <T> T together(Connection open, Use<T> use)
            throws SQLException, IOException, Refusal {
        Statements.execute(open, "BEGIN IMMEDIATE");
        try {
            T result = use.with(open);
            Statements.execute(open, "COMMIT");
            return result;
        } catch (SQLException | IOException | Refusal | RuntimeException | Error e) {
            undo(open, e);
            throw e;
        }
    }

    /** A full disk undoes by itself; a connection in doubt is not used again. */
    private static void undo(Connection open, Throwable cause) {
        try {
            Statements.execute(open, "ROLLBACK");
        } catch (SQLException e) {
            cause.addSuppressed(e);
            close(open);
        }
    }

    @Override
    public void order(Connection open) {
        // the write lock is held already
    }

    @Override
    public String dialect() {
        return "sqlite";
    }

    @Override
    public String place() {
        return file.toString();
    }

    @Override
    public void close() {
        writing.lock();
        try {
            closed = true;
            close(writer);
        } finally {
            writing.unlock();
        }
        for (Connection reader = readers.poll(); reader != null; reader = readers.poll()) {
            close(reader);
        }
    }

    private static void close(Connection open) {
        try {
            open.close();
        } catch (SQLException e) {
            // what was committed is on disk; there is nothing left to save
        }
    }
}
