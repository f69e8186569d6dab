package io.sallyport.sync.decision;

import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Takes away what is too old or too much, now and then. */
final class Sweeper {
    private static final Duration BETWEEN = Duration.ofMinutes(1);

    private final AtomicLong next = new AtomicLong(Long.MIN_VALUE);

    /** Looks first, which takes longest and keeps nobody from writing. */
    void sweep(Database database, Instant now) throws IOException {
        long due = next.get();
        long millis = now.toEpochMilli();
        if (millis < due || !next.compareAndSet(due, millis + BETWEEN.toMillis())) {
            return;
        }
        List<String> large =
                database.reads()
                        .query(
                                row -> row.getString(1),
                                "SELECT org FROM decision GROUP BY org HAVING COUNT(*) > ? ORDER BY org",
                                Decisions.MAX_ROWS);
        database.record(open -> {
            for (String org : large) {
                shrink(open, org);
            }
            return forget(open, now);
        });
    }

    private static int forget(Transaction open, Instant now) throws IOException {
        return open.update(
                        "DELETE FROM decision WHERE day < ?",
                        now.minus(Duration.ofDays(Decisions.DAYS_KEPT)).getEpochSecond() / 86_400)
                + open.update(
                        "DELETE FROM decision_minute WHERE minute < ?",
                        now.minus(Duration.ofDays(Decisions.MINUTES_DAYS_KEPT)).getEpochSecond());
    }

    /** Whole moments at a time, so that no order within one is needed. */
    private static void shrink(Transaction open, String org) throws IOException {
        open.update(
                """
                DELETE FROM decision WHERE org = ? AND last_seen <= (
                    SELECT last_seen FROM decision WHERE org = ?
                    ORDER BY last_seen DESC LIMIT 1 OFFSET ?)
                """,
                org,
                org,
                Decisions.MAX_ROWS);
    }
}
