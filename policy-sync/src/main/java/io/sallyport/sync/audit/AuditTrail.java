package io.sallyport.sync.audit;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Ordered;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The trail of every change. */
public final class AuditTrail {
    /** A change is shown on a page, not told as a story. */
    static final int MAX_WHY = 500;

    static final int MAX_WHO = 128;
    static final int MAX_ROLE = 32;

    /** Rows in memory at once, where they are short. */
    private static final int PAGE = 200;

    /**
     * Whose change it is.
     *
     * @param role in which they did it: a token's or session's, or {@code local}
     * @param why may be empty
     */
    public record Author(String who, String role, String why) {
        /** Whoever runs commands on the host may do what they like to its files. */
        public static final String LOCAL = "local";

        public Author {
            check("who", who, MAX_WHO);
            check("role", role, MAX_ROLE);
            check("why", why, MAX_WHY);
            if (who.isBlank()) {
                throw new IllegalArgumentException("who: a change needs the name of its author");
            }
        }

        /** Someone on the host itself. */
        public Author(String who, String why) {
            this(who, LOCAL, why);
        }

        private static void check(String field, String text, int most) {
            if (text.length() > most || text.codePoints().anyMatch(Author::breaksLines)) {
                throw new IllegalArgumentException(
                        field
                                + ": must be one line of at most "
                                + most
                                + " characters without control characters");
            }
        }

        private static boolean breaksLines(int c) {
            return switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR ->
                        true;
                default -> false;
            };
        }
    }

    /**
     * Something that was changed.
     *
     * @param org whose; empty for the platform
     * @param action what was done, such as {@code settings.change}
     * @param target to what: a domain, an agent, the id of a token
     * @param details what {@link Document#canonical} takes; never a secret
     */
    public record Event(
            Author by,
            Optional<String> org,
            String action,
            String target,
            Map<String, Object> details) {
        public Event {
            details = Map.copyOf(details);
        }
    }

    /** An event in its place. Numbers count from 1 without gaps. */
    public record Row(long number, Instant at, Event event, String hash) {
        /** As interfaces show it; the hash covers all but itself. */
        public Map<String, Object> document() {
            Map<String, Object> document = new TreeMap<>(Chain.document(number, at, event));
            document.put("hash", hash);
            return document;
        }
    }

    /**
     * The hash of a row, as somebody kept it.
     *
     * @param text 64 hexadecimal digits
     */
    public record Hash(String text) {
        private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");
        private static final Pattern IN_TEXT =
                Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");

        public Hash {
            if (!FORM.matcher(text).matches()) {
                throw new IllegalArgumentException(
                        "expect: write the 64 hexadecimal digits that verifying printed before");
            }
        }

        /** The last one in a text, such as what verifying printed. */
        public static Optional<Hash> last(String text) {
            return IN_TEXT.matcher(text)
                    .results()
                    .reduce((before, after) -> after)
                    .map(found -> new Hash(found.group()));
        }
    }

    /**
     * What was found in a part of the trail.
     *
     * @param before from where to look on; empty at the beginning of the trail
     */
    public record Found(List<Row> rows, OptionalLong before) {
        public Found {
            rows = List.copyOf(rows);
        }
    }

    /** What looking at all rows led to. */
    public sealed interface Verdict {
        /**
         * Every row is as it was written.
         *
         * @param last the hash of the last, to be kept elsewhere
         */
        record Intact(long rows, String last) implements Verdict {}

        /** The first row that is not, and what is wrong with it, as a sentence. */
        record Broken(long number, String why) implements Verdict {}

        /** The rows fit each other, but none has the hash that was expected. */
        record Rewritten(long rows, String why) implements Verdict {}
    }

    private final Database database;

    public AuditTrail(Database database) {
        this.database = database;
    }

    /** Adds an event to a change that is being made. */
    public static void append(Ordered open, Instant at, Event event) throws IOException {
        Chain.append(open, at, event);
    }

    /** How many events there have been: the number of the last one. */
    public long size() throws IOException {
        return database.reads()
                .query(row -> row.getLong("number"), "SELECT number FROM audit_head")
                .getFirst();
    }

    /**
     * Rows in order.
     *
     * @param org only those of an org; empty for all
     * @param after the number before the first
     */
    public List<Row> read(Optional<String> org, long after, int limit) throws IOException {
        return org.isEmpty()
                ? database.reads()
                        .query(
                                Chain::row,
                                """
                                SELECT number, org, at, document, hash FROM audit
                                WHERE number > ? ORDER BY number LIMIT ?
                                """,
                                after,
                                limit)
                : database.reads()
                        .query(
                                Chain::row,
                                """
                                SELECT number, org, at, document, hash FROM audit
                                WHERE org = ? AND number > ? ORDER BY number LIMIT ?
                                """,
                                org.get(),
                                after,
                                limit);
    }

    /**
     * Rows from the newest down.
     *
     * @param before the number after the first; {@link Long#MAX_VALUE} for the newest
     */
    public List<Row> newest(Optional<String> org, long before, int limit) throws IOException {
        return org.isEmpty()
                ? database.reads()
                        .query(
                                Chain::row,
                                """
                                SELECT number, org, at, document, hash FROM audit
                                WHERE number < ? ORDER BY number DESC LIMIT ?
                                """,
                                before,
                                limit)
                : database.reads()
                        .query(
                                Chain::row,
                                """
                                SELECT number, org, at, document, hash FROM audit
                                WHERE org = ? AND number < ? ORDER BY number DESC LIMIT ?
                                """,
                                org.get(),
                                before,
                                limit);
    }

    /**
     * Rows from the newest down that have a text in them; at most {@link Search#WINDOW} are looked
     * at.
     */
    public Found find(Optional<String> org, String text, long before, int limit)
            throws IOException {
        return new Search(database.reads(), org, text).page(before, limit);
    }

    /** Writes rows as JSON lines, each with its hash. */
    public void export(Optional<String> org, OutputStream out) throws IOException {
        long after = 0;
        List<Row> page;
        do {
            int most = Chain.fitting(database.reads(), org, after, PAGE);
            page = read(org, after, most);
            Chain.write(page, out);
            after = page.isEmpty() ? after : page.getLast().number();
        } while (!page.isEmpty());
    }

    /** Looks at every row. Changes may go on meanwhile. */
    public Verdict verify() throws IOException {
        return new Verification(database.reads(), PAGE).run();
    }

    /**
     * Looks at every row, and for the one that had this hash when somebody wrote it down elsewhere:
     * it is missing where the end was cut off, or where the whole chain was written anew.
     */
    public Verdict verify(Hash remembered) throws IOException {
        return new Verification(database.reads(), PAGE, remembered.text()).run();
    }
}
