package io.sallyport.sync.replay;

import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
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

    /** A key as its row has it; status 0 while it runs. */
    private record Kept(String request, Instant begun, Answer answer) {}

    private final Database database;
    private final InstantSource clock;

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
            sweep(open, holder, now);
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
            return taken == 1 ? new Begun.New() : met(kept(open, holder, key), request);
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
                                Instant.ofEpochMilli(row.getLong("begun_at")),
                                new Answer(
                                        row.getInt("status"),
                                        row.getString("location"),
                                        row.getString("body"))),
                """
                SELECT request, begun_at, status, location, body FROM replay
                WHERE holder = ? AND key_text = ?
                """,
                holder,
                key);
    }

    private static void sweep(Transaction open, String holder, Instant now) throws IOException {
        open.update(
                "DELETE FROM replay WHERE begun_at < ? OR (status = 0 AND begun_at < ?)",
                now.minus(KEPT).toEpochMilli(),
                now.minus(RUNNING).toEpochMilli());
        open.update(
                """
                DELETE FROM replay WHERE holder = ? AND key_text IN (
                    SELECT key_text FROM replay WHERE holder = ?
                    ORDER BY begun_at DESC LIMIT 1000000 OFFSET ?)
                """,
                holder,
                holder,
                MAX_KEYS - 1);
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
