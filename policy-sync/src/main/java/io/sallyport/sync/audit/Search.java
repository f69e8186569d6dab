package io.sallyport.sync.audit;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.audit.AuditTrail.Event;
import io.sallyport.sync.audit.AuditTrail.Found;
import io.sallyport.sync.audit.AuditTrail.Row;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.store.Database.Reads;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Looks for a text in rows, from the newest down. The database leaves out the rows whose document
 * does not have it at all; what is left is looked at field by field, so that the names of fields
 * are not found. A request looks at a window of the trail and says from where the next one goes on.
 */
final class Search {
    /** Rows that one request looks at: some 10 ms for usual rows. */
    static final long WINDOW = 20_000;

    private final Reads database;
    private final Optional<String> org;
    private final String text;

    /** The text as JSON has it between quotes. */
    private final String json;

    Search(Reads database, Optional<String> org, String text) {
        this.database = database;
        this.org = org;
        this.text = lower(text);
        String quoted = Document.canonical(this.text);
        this.json = quoted.substring(1, quoted.length() - 1);
    }

    Found page(long before, int limit) throws IOException {
        long top = Math.min(before, newest() + 1);
        long low = Math.max(1, top - WINDOW);
        List<Row> candidates = candidates(top, low, limit);
        List<Row> found = candidates.stream().filter(this::has).toList();
        if (candidates.size() == limit) {
            low = candidates.getLast().number();
        }
        return new Found(found, low > 1 ? OptionalLong.of(low) : OptionalLong.empty());
    }

    private long newest() throws IOException {
        return database.query(row -> row.getLong("number"), "SELECT number FROM audit_head")
                .getFirst();
    }

    private List<Row> candidates(long top, long low, int limit) throws IOException {
        String pattern = pattern();
        return org.isEmpty()
                ? database.query(
                        Chain::row,
                        """
                        SELECT number, org, at, document, hash FROM audit
                        WHERE number < ? AND number >= ? AND LOWER(document) LIKE ? ESCAPE '!'
                        ORDER BY number DESC LIMIT ?
                        """,
                        top,
                        low,
                        pattern,
                        limit)
                : database.query(
                        Chain::row,
                        """
                        SELECT number, org, at, document, hash FROM audit
                        WHERE org = ? AND number < ? AND number >= ?
                          AND LOWER(document) LIKE ? ESCAPE '!'
                        ORDER BY number DESC LIMIT ?
                        """,
                        org.get(),
                        top,
                        low,
                        pattern,
                        limit);
    }

    /**
     * As it stands in the document. Letters beyond ASCII, which not every database turns into small
     * ones, may be any: Java looks again.
     */
    private String pattern() {
        StringBuilder pattern = new StringBuilder("%");
        json.chars().forEach(c -> pattern.append(c > 0x7f ? "%" : literally((char) c)));
        return pattern.append('%').toString();
    }

    private static String literally(char c) {
        return "%_!".indexOf(c) < 0 ? String.valueOf(c) : "!" + c;
    }

    private boolean has(Row row) {
        Event event = row.event();
        Author by = event.by();
        String org = event.org().orElse("");
        return Stream.of(by.who(), by.role(), by.why(), org, event.action(), event.target())
                        .anyMatch(field -> lower(field).contains(text))
                || lower(Document.canonical(event.details())).contains(json);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
