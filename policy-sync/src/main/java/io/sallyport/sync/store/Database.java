package io.sallyport.sync.store;

import io.sallyport.sync.store.Connections.Use;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A store of an installation. Blocking; safe for many threads and for several processes. */
public final class Database implements AutoCloseable {
    /** The store works and says no, with a sentence for who asked. */
    public static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        /** Why, for callers that act on it. */
        public enum Kind {
            /** What was named is not there. */
            UNKNOWN,
            /** It is there already. */
            EXISTS,
            /** Someone else changed it since it was read. */
            STALE,
            /** A bound is reached. */
            FULL
        }

        private final Kind kind;

        public Refusal(Kind kind, String message) {
            super(message);
            this.kind = kind;
        }

        public Kind kind() {
            return kind;
        }
    }

    /** A PostgreSQL database, and how to get in; the password stays in its file. */
    public record Server(String url, String user, Path passwordFile) {
        public Server {
            PostgresConnections.check(url);
        }
    }

    /** Makes a value of a row. */
    public interface Row<T> {
        T read(ResultSet row) throws SQLException, IOException;
    }

    /** What can be asked. */
    public interface Reads {
        /** The rows of one statement, read at one moment. */
        <T> List<T> query(Row<T> reader, String sql, Object... values) throws IOException;

        default <T> Optional<T> first(Row<T> reader, String sql, Object... values)
                throws IOException {
            return query(reader, sql, values).stream().findFirst();
        }
    }

    /** Statements that happen together or not at all. */
    public interface Transaction extends Reads {
        /** Runs one statement and says how many rows it touched. */
        int update(String sql, Object... values) throws IOException;
    }

    /** A transaction that no other change runs beside: what it reads stays true until its end. */
    public interface Ordered extends Transaction {}

    /** Changes that need their order. */
    public interface Change<T> {
        T run(Ordered open) throws IOException, Refusal;
    }

    /** Writes that need none, and refuse nothing. */
    public interface Work<T> {
        T run(Transaction open) throws IOException;
    }

    /** What a store is asked for. */
    public enum Action {
        READ,
        WRITE
    }

    /** Is told how long each of them took. */
    @FunctionalInterface
    public interface Observer {
        void took(Action action, boolean done, long nanos);
    }

    /** The change that a thread is in the middle of. */
    private static final ThreadLocal<@Nullable Running> UNDER_WAY = new ThreadLocal<>();

    private final Connections connections;
    private volatile Observer observer = (_, _, _) -> {};

    private Database(Connections connections) {
        this.connections = connections;
    }

    /**
     * The SQLite file of an installation, made where there is none.
     *
     * @param data the directory of the installation
     * @throws IOException with the fix, if it cannot be used
     */
    public static Database open(Path data) throws IOException {
        return ready(SqliteConnections.open(SqliteFile.in(data)));
    }

    /** A PostgreSQL database, whose tables are made where there are none. */
    public static Database open(Server server) throws IOException {
        return ready(PostgresConnections.open(server));
    }

    private static Database ready(Connections connections) throws IOException {
        boolean ready = false;
        try {
            new Schema(connections).migrate();
            ready = true;
            return new Database(connections);
        } catch (SQLException e) {
            throw new IOException(
                    "the store " + connections.place() + " cannot be used: " + e.getMessage(), e);
        } finally {
            if (!ready) {
                connections.close();
            }
        }
    }

    /** Tells this one from now on, and no other. */
    public void observe(Observer other) {
        observer = other;
    }

    /**
     * Reads outside of a transaction, which never wait for a change that is being made; in the
     * middle of a change, its own.
     */
    public Reads reads() {
        return this::query;
    }

    private <T> List<T> query(Row<T> reader, String sql, Object... values) throws IOException {
        Running mine = underWay();
        if (mine != null) {
            return mine.query(reader, sql, values);
        }
        try {
            return observed(
                    Action.READ,
                    () -> connections.read(open -> Statements.query(open, reader, sql, values)));
        } catch (Refusal e) {
            throw new AssertionError("reading refuses nothing", e);
        }
    }

    /**
     * Runs a change after all earlier ones, those of other processes too. What a change asks to be
     * changed or recorded, on its own thread, becomes part of it: it must let refusals through.
     */
    public <T> T change(Change<T> work) throws IOException, Refusal {
        Running mine = underWay();
        if (mine != null) {
            return work.run(mine);
        }
        return write(open -> {
            connections.order(open);
            Running begun = new Running(open);
            UNDER_WAY.set(begun);
            try {
                return work.run(begun);
            } finally {
                UNDER_WAY.remove();
            }
        });
    }

    private @Nullable Running underWay() {
        Running begun = UNDER_WAY.get();
        return begun != null && begun.isOf(this) ? begun : null;
    }

    /** Runs writes beside others; who writes several rows that others write too, sorts them. */
    public <T> T record(Work<T> work) throws IOException {
        Running mine = underWay();
        if (mine != null) {
            return work.run(mine);
        }
        try {
            return write(open -> work.run(new Running(open)));
        } catch (Refusal e) {
            throw new AssertionError("recording refuses nothing", e);
        }
    }

    private <T> T write(Use<T> use) throws IOException, Refusal {
        return observed(Action.WRITE, () -> connections.write(use));
    }

    /** Something that is asked of the store. */
    private interface Asked<T> {
        T answer() throws SQLException, IOException, Refusal;
    }

    private <T> T observed(Action action, Asked<T> asked) throws IOException, Refusal {
        long begin = System.nanoTime();
        boolean done = false;
        try {
            T answer = asked.answer();
            done = true;
            return answer;
        } catch (Refusal e) {
            done = true; // it was asked, and said no
            throw e;
        } catch (SQLException e) {
            throw unusable(e);
        } finally {
            observer.took(action, done, System.nanoTime() - begin);
        }
    }

    private IOException unusable(SQLException cause) {
        return new IOException(
                "the store " + connections.place() + " cannot be used: " + cause.getMessage(),
                cause);
    }

    /** A transaction that has begun. */
    private final class Running implements Ordered {
        private final Connection open;

        Running(Connection open) {
            this.open = open;
        }

        boolean isOf(Database database) {
            return database == Database.this;
        }

        @Override
        public <T> List<T> query(Row<T> reader, String sql, Object... values) throws IOException {
            try {
                return Statements.query(open, reader, sql, values);
            } catch (SQLException e) {
                throw unusable(e);
            }
        }

        @Override
        public int update(String sql, Object... values) throws IOException {
            try {
                return Statements.update(open, sql, values);
            } catch (SQLException e) {
                throw unusable(e);
            }
        }
    }

    @Override
    public void close() {
        connections.close();
    }
}
