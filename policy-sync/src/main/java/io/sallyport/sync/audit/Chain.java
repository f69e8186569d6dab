package io.sallyport.sync.audit;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.audit.AuditTrail.Event;
import io.sallyport.sync.audit.AuditTrail.Row;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.document.Document.Fields;
import io.sallyport.sync.store.Database.Ordered;
import io.sallyport.sync.store.Database.Reads;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Rows as they are written, and how each holds on to the one before. */
final class Chain {
    /** What the first row follows. */
    static final String START = "0".repeat(64);

    /** Held at once by whoever goes through all rows. */
    private static final long MOST_CHARS = 4 << 20;

    /** The last row. */
    record Head(long number, String hash) {}

    private Chain() {}

    /** The caller's transaction has its turn, so nobody else adds a row meanwhile. */
    static void append(Ordered open, Instant at, Event event) throws IOException {
        Head head =
                open.query(
                                row -> new Head(row.getLong("number"), row.getString("hash")),
                                "SELECT number, hash FROM audit_head")
                        .getFirst();
        long number = head.number() + 1;
        String document = Document.canonical(document(number, at, event));
        String hash = hash(head.hash(), document);
        open.update(
                "INSERT INTO audit (number, org, at, document, hash) VALUES (?, ?, ?, ?, ?)",
                number,
                event.org().orElse(""),
                at.toEpochMilli(),
                document,
                hash);
        open.update("UPDATE audit_head SET number = ?, hash = ?", number, hash);
    }

    static Map<String, Object> document(long number, Instant at, Event event) {
        Map<String, Object> document = new TreeMap<>();
        document.put("number", number);
        document.put("at", Instant.ofEpochMilli(at.toEpochMilli()).toString());
        document.put("who", event.by().who());
        document.put("role", event.by().role());
        document.put("why", event.by().why());
        event.org().ifPresent(org -> document.put("org", org));
        document.put("action", event.action());
        document.put("target", event.target());
        document.put("details", event.details());
        return document;
    }

    static String hash(String before, String document) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(before.getBytes(StandardCharsets.US_ASCII));
            sha256.update(document.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    static Row row(ResultSet row) throws SQLException, IOException {
        long number = row.getLong("number");
        try {
            return row(row.getString("document"), row.getString("hash"));
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            throw new IOException(
                    "row " + number + " of the audit trail is damaged: " + e.getMessage(), e);
        }
    }

    static Row row(String document, String hash) {
        Fields fields = Document.json(document).fields();
        Row row =
                new Row(
                        fields.required("number").number(1, Long.MAX_VALUE),
                        Instant.parse(fields.required("at").text()),
                        new Event(
                                new Author(
                                        fields.required("who").text(),
                                        fields.required("role").text(),
                                        fields.required("why").text()),
                                fields.optional("org").map(Document::text),
                                fields.required("action").text(),
                                fields.required("target").text(),
                                details(fields.required("details"))),
                        hash);
        fields.end();
        return row;
    }

    private static Map<String, Object> details(Document document) {
        Map<String, Object> details = new TreeMap<>();
        document.fields().rest().forEach((key, value) -> details.put(key, value.plain()));
        return details;
    }

    /**
     * How many of the next rows are read at once: most are short, and one that tells of two lists
     * of 10,000 domains is megabytes.
     *
     * @param most at most so many
     * @return at least 1
     */
    static int fitting(Reads reads, Optional<String> org, long after, int most) throws IOException {
        long room = MOST_CHARS;
        int rows = 0;
        for (long chars :
                reads.query(
                        row -> row.getLong(1),
                        """
                        SELECT LENGTH(document) FROM audit
                        WHERE number > ? AND (? = '' OR org = ?) ORDER BY number LIMIT ?
                        """,
                        after,
                        org.orElse(""),
                        org.orElse(""),
                        most)) {
            room -= chars;
            if (room < 0) {
                break;
            }
            rows++;
        }
        return Math.max(1, rows);
    }

    static void write(List<Row> rows, OutputStream out) throws IOException {
        for (Row row : rows) {
            out.write(Document.canonical(row.document()).getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        }
    }

    static Optional<String> org(String column) {
        return column.isEmpty() ? Optional.empty() : Optional.of(column);
    }
}
