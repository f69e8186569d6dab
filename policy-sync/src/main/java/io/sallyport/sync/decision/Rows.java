package io.sallyport.sync.decision;

import io.sallyport.sync.decision.Decisions.Decision;
import io.sallyport.sync.decision.Decisions.Judged;
import io.sallyport.sync.decision.Decisions.Seen;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.store.Database.Reads;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Decisions as rows. */
final class Rows {
    /** What one minute held of one verdict. */
    record Minute(long second, Verdict verdict, long count) {}

    private Rows() {}

    /** Adds to the row that is there; false where there is none. */
    static boolean addTo(Transaction open, String node, Decision decision, long day, Instant last)
            throws IOException {
        return open.update(
                        """
                        UPDATE decision SET
                               count = CASE WHEN count > ? THEN ? ELSE count + ? END, node = ?,
                               first_seen = CASE WHEN first_seen > ? THEN ? ELSE first_seen END,
                               last_seen = CASE WHEN last_seen < ? THEN ? ELSE last_seen END
                        WHERE org = ? AND session = ? AND day = ? AND verdict = ? AND reason = ? AND name = ?
                        """,
                        Decisions.MAX_COUNT - decision.count(),
                        Decisions.MAX_COUNT,
                        decision.count(),
                        node,
                        decision.first().toEpochMilli(),
                        decision.first().toEpochMilli(),
                        last.toEpochMilli(),
                        last.toEpochMilli(),
                        decision.org(),
                        decision.session(),
                        day,
                        decision.verdict().text(),
                        decision.reason(),
                        decision.name())
                > 0;
    }

    static void insert(Transaction open, String node, Decision decision, long day, Instant last)
            throws IOException {
        Instant first = decision.first().isAfter(last) ? last : decision.first();
        open.update(
                """
                INSERT INTO decision
                    (org, session, day, verdict, reason, name, node, count, first_seen, last_seen)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (org, session, day, verdict, reason, name)
                DO UPDATE SET last_seen = excluded.last_seen,
                    count = CASE WHEN decision.count > ? THEN ? ELSE decision.count + excluded.count END
                """,
                decision.org(),
                decision.session(),
                day,
                decision.verdict().text(),
                decision.reason(),
                decision.name(),
                node,
                decision.count(),
                first.toEpochMilli(),
                last.toEpochMilli(),
                Decisions.MAX_COUNT - decision.count(),
                Decisions.MAX_COUNT);
    }

    static long count(Reads reads, String org, String session, long day) throws IOException {
        return reads.query(
                        row -> row.getLong(1),
                        "SELECT COUNT(*) FROM decision WHERE org = ? AND session = ? AND day = ?",
                        org,
                        session,
                        day)
                .getFirst();
    }

    static void addMinute(Transaction open, String org, long minute, Verdict verdict, long count)
            throws IOException {
        open.update(
                """
                INSERT INTO decision_minute (org, minute, verdict, count) VALUES (?, ?, ?, ?)
                ON CONFLICT (org, minute, verdict)
                DO UPDATE SET count = CASE WHEN decision_minute.count > ? THEN ?
                                      ELSE decision_minute.count + excluded.count END
                """,
                org,
                minute,
                verdict.text(),
                Math.min(count, Decisions.MAX_COUNT),
                Decisions.MAX_COUNT - Math.min(count, Decisions.MAX_COUNT),
                Decisions.MAX_COUNT);
    }

    static List<Minute> minutes(Reads reads, String org, Instant since) throws IOException {
        return reads.query(
                row ->
                        new Minute(
                                row.getLong("minute"),
                                Verdict.parse(row.getString("verdict")),
                                row.getLong("count")),
                """
                SELECT minute, verdict, count FROM decision_minute
                WHERE org = ? AND minute >= ? ORDER BY minute
                """,
                org,
                since.getEpochSecond());
    }

    static List<Seen> seen(
            Reads reads,
            String org,
            Verdict verdict,
            Optional<String> session,
            Instant since,
            int limit)
            throws IOException {
        return reads.query(
                Rows::seen,
                """
                SELECT name, SUM(count) AS times, MIN(first_seen) AS first_seen, MAX(last_seen) AS last_seen
                FROM decision WHERE org = ? AND verdict = ? AND last_seen >= ? AND (? = '' OR session = ?)
                GROUP BY name ORDER BY times DESC, name LIMIT ?
                """,
                org,
                verdict.text(),
                since.toEpochMilli(),
                session.orElse(""),
                session.orElse(""),
                limit);
    }

    static List<Judged> judged(
            Reads reads, String org, Optional<String> session, Instant since, int limit)
            throws IOException {
        return reads.query(
                row ->
                        new Judged(
                                seen(row),
                                Verdict.parse(row.getString("verdict")),
                                row.getString("reason")),
                """
                SELECT name, verdict, reason, SUM(count) AS times,
                       MIN(first_seen) AS first_seen, MAX(last_seen) AS last_seen
                FROM decision WHERE org = ? AND last_seen >= ? AND (? = '' OR session = ?)
                GROUP BY name, verdict, reason ORDER BY times DESC, name, verdict, reason LIMIT ?
                """,
                org,
                since.toEpochMilli(),
                session.orElse(""),
                session.orElse(""),
                limit);
    }

    private static Seen seen(ResultSet row) throws SQLException {
        return new Seen(
                row.getString("name"),
                row.getLong("times"),
                Instant.ofEpochMilli(row.getLong("first_seen")),
                Instant.ofEpochMilli(row.getLong("last_seen")));
    }
}
