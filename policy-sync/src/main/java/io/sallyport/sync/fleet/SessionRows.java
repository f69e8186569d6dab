package io.sallyport.sync.fleet;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.fleet.Fleet.Node;
import io.sallyport.sync.fleet.Fleet.Reported;
import io.sallyport.sync.fleet.Fleet.Session;
import io.sallyport.sync.store.Database.Reads;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Sessions and nodes as rows. */
final class SessionRows {
    private SessionRows() {}

    static Map<String, Reported> of(Reads reads, String node) throws IOException {
        Map<String, Reported> sessions = new TreeMap<>();
        reads.query(
                        SessionRows::reported,
                        """
                        SELECT id, org, agent, state, mode, snapshot, version, started_at FROM session
                        WHERE node = ?
                        """,
                        node)
                .forEach(session -> sessions.put(session.id(), session));
        return sessions;
    }

    static void write(Transaction open, String node, Reported session) throws IOException {
        open.update(
                """
                INSERT INTO session (node, id, org, agent, state, mode, snapshot, version, started_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (node, id) DO UPDATE SET org = excluded.org, agent = excluded.agent,
                    state = excluded.state, mode = excluded.mode, snapshot = excluded.snapshot,
                    version = excluded.version, started_at = excluded.started_at
                """,
                node,
                session.id(),
                session.org(),
                session.agent().orElse(""),
                session.state(),
                session.mode(),
                session.snapshot(),
                session.version(),
                session.started().toEpochMilli());
    }

    /** A session that is gone has ended, so nothing more is asked of it. */
    static void delete(Transaction open, String node, String id) throws IOException {
        open.update("DELETE FROM session WHERE node = ? AND id = ?", node, id);
        open.update("DELETE FROM session_end WHERE node = ? AND session = ?", node, id);
    }

    /**
     * @param before the version of settings before which; {@link Long#MAX_VALUE} for all
     */
    static List<Session> all(
            Reads reads, Optional<String> org, long before, String after, int limit)
            throws IOException {
        return reads.query(
                SessionRows::session,
                """
                SELECT s.node, s.id, s.org, s.agent, s.state, s.mode, s.snapshot, s.version, s.started_at,
                       n.heard_at, e.session AS ending
                FROM session s JOIN node n ON n.name = s.node
                LEFT JOIN session_end e ON e.session = s.id AND e.node = s.node
                WHERE (? = '' OR s.org = ?) AND s.version < ? AND s.id > ? ORDER BY s.id LIMIT ?
                """,
                org.orElse(""),
                org.orElse(""),
                before,
                after,
                limit);
    }

    /** One, unless several nodes gave sessions of theirs the same id. */
    static List<Session> get(Reads reads, String org, String id) throws IOException {
        return reads.query(
                SessionRows::session,
                """
                SELECT s.node, s.id, s.org, s.agent, s.state, s.mode, s.snapshot, s.version, s.started_at,
                       n.heard_at, e.session AS ending
                FROM session s JOIN node n ON n.name = s.node
                LEFT JOIN session_end e ON e.session = s.id AND e.node = s.node
                WHERE s.org = ? AND s.id = ? ORDER BY s.node
                """,
                org,
                id);
    }

    static long stale(Reads reads, String org, long version) throws IOException {
        return reads.query(
                        row -> row.getLong(1),
                        """
                        SELECT COUNT(*) FROM session WHERE org = ? AND state <> 'ended' AND version < ?
                        """,
                        org,
                        version)
                .getFirst();
    }

    /** Takes out nodes that were not heard of for long, with all that they told. */
    static void forget(Transaction open, Instant since) throws IOException {
        for (String table : List.of("session", "session_end")) {
            open.update(
                    "DELETE FROM "
                            + table
                            + " WHERE node IN (SELECT name FROM node WHERE heard_at < ?)",
                    since.toEpochMilli());
        }
        open.update("DELETE FROM node WHERE heard_at < ?", since.toEpochMilli());
    }

    static Map<String, Long> states(Reads reads) throws IOException {
        return reads
                .query(
                        row -> Map.entry(row.getString("state"), row.getLong("sessions")),
                        "SELECT state, COUNT(*) AS sessions FROM session GROUP BY state")
                .stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    static List<Node> nodes(Reads reads) throws IOException {
        return reads.query(
                row ->
                        new Node(
                                row.getString("name"),
                                Instant.ofEpochMilli(row.getLong("heard_at")),
                                row.getLong("emergency_version"),
                                row.getLong("sessions")),
                """
                SELECT n.name, n.heard_at, n.emergency_version,
                       (SELECT COUNT(*) FROM session s WHERE s.node = n.name) AS sessions
                FROM node n ORDER BY n.name
                """);
    }

    static void askEnd(Transaction open, Session session, Instant now, Author by)
            throws IOException {
        open.update(
                "INSERT INTO session_end (session, node, asked_at, asked_by) VALUES (?, ?, ?, ?)",
                session.what().id(),
                session.node(),
                now.toEpochMilli(),
                by.who());
    }

    /** The first of them: when these have ended, the next report gets the others. */
    static List<String> ends(Reads reads, String node) throws IOException {
        return reads.query(
                row -> row.getString("session"),
                """
                SELECT e.session FROM session_end e
                JOIN session s ON s.id = e.session AND s.node = e.node
                WHERE e.node = ? AND s.state <> 'ended' ORDER BY e.session LIMIT ?
                """,
                node,
                Fleet.MAX_ENDS);
    }

    private static Session session(ResultSet row) throws SQLException {
        return new Session(
                reported(row),
                row.getString("node"),
                Instant.ofEpochMilli(row.getLong("heard_at")),
                row.getString("ending") != null);
    }

    private static Reported reported(ResultSet row) throws SQLException {
        String agent = row.getString("agent");
        return new Reported(
                row.getString("id"),
                row.getString("org"),
                agent.isEmpty() ? Optional.empty() : Optional.of(agent),
                row.getString("state"),
                row.getString("mode"),
                row.getString("snapshot"),
                row.getLong("version"),
                Instant.ofEpochMilli(row.getLong("started_at")));
    }
}
