package io.sallyport.sync.replay;

import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Idempotency keys and what was answered to them. Safe for many threads and processes. */
public final class Replay {
    /** As long as people retry. */
    static final Duration KEPT = Duration.ofDays(1);

    /** Of one holder: a POST a second for a while; the oldest go first. */
    static final int MAX_KEYS = 1_000;

    /** Answers to changes are smaller; a larger one is not kept, and its request not replayed. */
    static final int MAX_BODY = 1 << 20;

    private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(1);

    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,128}");

    /** What became of a request. */
    public sealed interface Outcome<T> {
        /** It was new, and is done. */
        record Done<T>(T result) implements Outcome<T> {}

        /** The key was used for another request; nothing was done. */
        record Different<T>() implements Outcome<T> {}

        /** It was done before; send this again. */
        record Answered<T>(Answer answer) implements Outcome<T> {}
    }

    /** Carries a request out; what it changes in the store belongs to one change. */
    public interface Work<T> {
        T run() throws IOException, Refusal;
    }

    /**
     * What was answered.
     *
     * @param location of what was made; empty for none
     */
    public record Answer(int status, String location, String body) {}

    private record Kept(String request, Answer answer) {}

    private final Database database;
    private final InstantSource clock;
    private final AtomicLong nextSweep = new AtomicLong(Long.MIN_VALUE);

    public Replay(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Carries a request out, unless that was done before under its key. Its changes and its answer
     * are one change of the store, so neither is there without the other, whatever dies when; the
     * same request that comes meanwhile waits for its end. One that fails leaves its key free.
     *
     * @param holder whose key it is; others may use the same
     * @param request a digest of method, path and body
     * @param answer what to keep of a result
     * @throws IllegalArgumentException if it cannot be a key
     */
    public <T> Outcome<T> once(
            String holder, String key, String request, Work<T> work, Function<T, Answer> answer)
            throws IOException, Refusal {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException(
                    "Idempotency-Key: write 1 to 128 visible characters, such as a UUID");
        }
        Instant now = clock.instant();
        return database.change(open -> {
            forgetOld(open, holder, key, now);
            Optional<Kept> kept = kept(open, holder, key);
            if (kept.isPresent()) {
                return kept.get().request().equals(request)
                        ? new Outcome.Answered<>(kept.get().answer())
                        : new Outcome.Different<>();
            }
            T result = work.run();
            keep(open, holder, key, new Kept(request, answer.apply(result)), now);
            return new Outcome.Done<>(result);
        });
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
                "DELETE FROM replay WHERE holder = ? AND key_text = ? AND answered_at < ?",
                holder,
                key,
                kept);
        long due = nextSweep.get();
        if (now.toEpochMilli() >= due
                && nextSweep.compareAndSet(due, now.plus(BETWEEN_SWEEPS).toEpochMilli())) {
            open.update("DELETE FROM replay WHERE answered_at < ?", kept);
        }
    }

    /** The oldest of a holder's keys goes for a new one. */
    private static void keep(Transaction open, String holder, String key, Kept kept, Instant now)
            throws IOException {
        Answer answer = kept.answer();
        if (answer.body().length() > MAX_BODY) {
            return;
        }
        open.update(
                """
                DELETE FROM replay WHERE holder = ? AND key_text IN (
                    SELECT key_text FROM replay WHERE holder = ?
                    ORDER BY answered_at DESC LIMIT ? OFFSET ?)
                """,
                holder,
                holder,
                MAX_KEYS,
                MAX_KEYS - 1);
        open.update(
                """
                INSERT INTO replay (holder, key_text, request, answered_at, status, location, body)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                holder,
                key,
                kept.request(),
                now.toEpochMilli(),
                answer.status(),
                answer.location(),
                answer.body());
    }
}
