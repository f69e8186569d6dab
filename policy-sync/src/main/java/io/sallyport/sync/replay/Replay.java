package io.sallyport.sync.replay;

import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Idempotency keys and what was answered to them. Safe for many threads and processes. */
public final class Replay {
    /** As long as people retry. */
    static final Duration KEPT = Duration.ofDays(1);

    /** A request takes seconds; one that took longer died with its process. */
    static final Duration RUNNING = Duration.ofMinutes(1);

    /** Of one holder: a POST a second for a while; the oldest go first. */
    static final int MAX_KEYS = 1_000;

    /** Answers to changes are smaller; a larger one is not kept, and its request not replayed. */
    static final int MAX_BODY = 1 << 20;

    private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(1);

    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,128}");

    /** What to do with a request. */
    public sealed interface Begun {
        /** Do it, then {@link Replay#finish} or {@link Replay#forget}. */
        record New() implements Begun {}

        /** The same request is being worked on; tell the caller to come back. */
        record Running() implements Begun {}

        /** The key was used for another request. */
        record Different() implements Begun {}

        /** It was done; send this again. */
        record Answered(Answer answer) implements Begun {}
    }

    /**
     * What was answered.
     *
     * @param location of what was made; empty for none
     */
    public record Answer(int status, String location, String body) {}

    /** Whose answer it is; status 0 while there is none. */
    private record Kept(String request, Answer answer) {}

    private final Database database;
    private final InstantSource clock;
    private final AtomicLong nextSweep = new AtomicLong(Long.MIN_VALUE);

    public Replay(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Looks a key up, and takes it if it is free.
     *
     * @param holder whose key it is; others may use the same
     * @param request a digest of method, path and body
     * @throws IllegalArgumentException if it cannot be a key
     */
    public Begun begin(String holder, String key, String request) throws IOException {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException(
                    "Idempotency-Key: write 1 to 128 visible characters, such as a UUID");
        }
        Instant now = clock.instant();
        return database.record(open -> {
            forgetOld(open, holder, key, now);
            int taken =
                    open.update(
                            """
                            INSERT INTO replay (holder, key_text, request, begun_at, status, location, body)
                            VALUES (?, ?, ?, ?, 0, '', '') ON CONFLICT (holder, key_text) DO NOTHING
                            """,
                            holder,
                            key,
                            request,
                            now.toEpochMilli());
            return taken == 1 ? taken(open, holder, key) : met(kept(open, holder, key), request);
        });
    }

    private static Begun met(Optional<Kept> kept, String request) {
        if (kept.isEmpty()) {
            return new Begun.Running(); // swept between two statements: the next try takes it
        }
        if (!kept.get().request().equals(request)) {
            return new Begun.Different();
        }
        Answer answer = kept.get().answer();
        return answer.status() == 0 ? new Begun.Running() : new Begun.Answered(answer);
    }

    private static Optional<Kept> kept(Transaction open, String holder, String key)
            throws IOException {
        return open.first(
                row ->
                        new Kept(
                                row.getString("request"),
                                new Answer(
                                        row.getInt("status"),
                                        row.getString("location"),
                                        row.getString("body"))),
                """
                SELECT request, status, location, body FROM replay
                WHERE holder = ? AND key_text = ?
                """,
                holder,
                key);
    }

    private void forgetOld(Transaction open, String holder, String key, Instant now)
            throws IOException {
        long kept = now.minus(KEPT).toEpochMilli();
        open.update(
                """
                DELETE FROM replay WHERE holder = ? AND key_text = ?
                  AND (begun_at < ? OR (status = 0 AND begun_at < ?))
                """,
                holder,
                key,
                kept,
                now.minus(RUNNING).toEpochMilli());
        long due = nextSweep.get();
        if (now.toEpochMilli() >= due
                && nextSweep.compareAndSet(due, now.plus(BETWEEN_SWEEPS).toEpochMilli())) {
            open.update("DELETE FROM replay WHERE begun_at < ?", kept);
        }
    }

    /** The oldest of a holder's other keys goes for a new one. */
    private static Begun taken(Transaction open, String holder, String key) throws IOException {
        long keys =
                open.query(
                                row -> row.getLong(1),
                                "SELECT COUNT(*) FROM replay WHERE holder = ?",
                                holder)
                        .getFirst();
        if (keys > MAX_KEYS) {
            open.update(
                    """
                    DELETE FROM replay WHERE holder = ? AND key_text = (
                        SELECT key_text FROM replay WHERE holder = ? AND key_text <> ?
                        ORDER BY begun_at LIMIT 1)
                    """,
                    holder,
                    holder,
                    key);
        }
        return new Begun.New();
    }

    /** Keeps what was answered. */
    public void finish(String holder, String key, Answer answer) throws IOException {
        if (answer.body().length() > MAX_BODY) {
            forget(holder, key);
            return;
        }
        database.record(open ->
                open.update(
                        """
                        UPDATE replay SET status = ?, location = ?, body = ?
                        WHERE holder = ? AND key_text = ?
                        """,
                        answer.status(),
                        answer.location(),
                        answer.body(),
                        holder,
                        key));
    }

    /** Frees a key whose request changed nothing. */
    public void forget(String holder, String key) throws IOException {
        database.record(open ->
                open.update("DELETE FROM replay WHERE holder = ? AND key_text = ?", holder, key));
    }
}
