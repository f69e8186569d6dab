package io.sallyport.sync.fleet;

import io.sallyport.sync.fleet.Fleet.Reported;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Takes a report in. Most say what the one before said, so only differences are written. */
final class Reports {
    private Reports() {}

    static int take(
            Transaction open,
            String node,
            List<Reported> sessions,
            long emergencyVersion,
            Instant now)
            throws IOException {
        note(open, node, emergencyVersion, now);
        Map<String, Reported> before = SessionRows.of(open, node);
        Map<String, Reported> reported =
                sessions.stream()
                        .collect(
                                Collectors.toMap(
                                        Reported::id,
                                        Function.identity(),
                                        (one, other) -> other,
                                        TreeMap::new));
        int written = 0;
        for (Reported session : reported.values()) {
            if (!session.equals(before.remove(session.id()))) {
                SessionRows.write(open, node, session);
                written++;
            }
        }
        for (String gone : before.keySet()) {
            SessionRows.delete(open, node, gone);
        }
        return written;
    }

    /** A new node is a good moment to forget those that are gone. */
    private static void note(Transaction open, String node, long emergencyVersion, Instant now)
            throws IOException {
        int known =
                open.update(
                        "UPDATE node SET heard_at = ?, emergency_version = ? WHERE name = ?",
                        now.toEpochMilli(),
                        emergencyVersion,
                        node);
        if (known > 0) {
            return;
        }
        SessionRows.forget(open, now.minus(Fleet.KEPT));
        long nodes = open.query(row -> row.getLong(1), "SELECT COUNT(*) FROM node").getFirst();
        if (nodes >= Fleet.MAX_NODES) {
            throw new IllegalArgumentException(
                    "node: there are " + Fleet.MAX_NODES + " nodes already; that is the most");
        }
        open.update(
                """
                INSERT INTO node (name, heard_at, emergency_version) VALUES (?, ?, ?)
                ON CONFLICT (name) DO NOTHING
                """,
                node,
                now.toEpochMilli(),
                emergencyVersion);
    }
}
