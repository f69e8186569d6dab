package io.sallyport.sync.decision;

import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What was decided on nodes, as they report it. Safe for many threads. */
public final class Decisions {
    /** The longest that the past is asked for. */
    public static final int DAYS_KEPT = 30;

    /** Of counts by the minute. */
    public static final int MINUTES_DAYS_KEPT = 7;

    /** Of one session a day: a build resolves hundreds of names; more are made up. */
    public static final int MAX_NAMES = 1_000;

    /** Of an org over all days; the oldest go first. Some 20 MB. */
    public static final int MAX_ROWS = 100_000;

    /** The most frequent names that are gathered by domain; a hostile sandbox makes up the rest. */
    static final int MAX_GROUPED = 10_000;

    /** A second's worth of a busy node. */
    public static final int MAX_BATCH = 2_000;

    /**
     * Of one row, whatever is added: more than a session can ask for in its life, and so little
     * that the sum of all rows that an org may have is still a number.
     */
    static final long MAX_COUNT = 1L << 40;

    /** What the resolver said. */
    public enum Verdict {
        ALLOWED,
        DENIED,
        OBSERVED;

        /** As documents write it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Verdict parse(String text) {
            for (Verdict verdict : values()) {
                if (verdict.text().equals(text)) {
                    return verdict;
                }
            }
            throw new IllegalArgumentException("write allowed, denied or observed");
        }
    }

    /**
     * One name that a session asked for, so and so often.
     *
     * @param name as text, printable ASCII
     * @param reason of the verdict, a word such as {@code not-allowed}; may be empty
     */
    public record Decision(
            String org,
            String session,
            String name,
            Verdict verdict,
            String reason,
            long count,
            Instant first,
            Instant last) {
        private static final Pattern NAME = Pattern.compile("[\\x20-\\x7e]{1,1024}");
        private static final Pattern WORD = Pattern.compile("[a-z0-9-]{0,64}");
        private static final Pattern SESSION = Pattern.compile("[A-Za-z0-9._-]{1,128}");

        private static final Instant END = Instant.parse("3000-01-01T00:00:00Z");

        public Decision {
            Settings.org(org);
            if (!SESSION.matcher(session).matches()) {
                throw new IllegalArgumentException("session: is not the id of a session");
            }
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("name: is not a name in printable ASCII");
            }
            if (!WORD.matcher(reason).matches()) {
                throw new IllegalArgumentException("reason: is not one lower-case word");
            }
            if (count < 1 || count > MAX_COUNT || last.isBefore(first)) {
                throw new IllegalArgumentException(
                        "count: must be 1 or more, and first not after last");
            }
            if (first.isBefore(Instant.EPOCH) || !last.isBefore(END)) {
                throw new IllegalArgumentException(
                        "first, last: are not times that a clock shows"); // nor fit a column
            }
        }
    }

    /** How often, and when. */
    public record Seen(String name, long count, Instant first, Instant last) {}

    /**
     * Names below one registrable domain.
     *
     * @param names the most frequent first, at most {@code MAX_SHOWN} of them
     */
    public record Domain(String domain, long count, Instant first, Instant last, List<Seen> names) {
        public Domain {
            names = List.copyOf(names);
        }
    }

    /** Counts from one moment to the next. */
    public record Point(Instant at, long allowed, long denied, long observed) {}

    /** Names with their verdicts. */
    public record Judged(Seen seen, Verdict verdict, String reason) {}

    /**
     * What became of a batch.
     *
     * @param dropped rows over a bound, or too old; they count in {@link #series} only
     */
    public record Added(int kept, int dropped) {}

    private final Database database;
    private final InstantSource clock;
    private final Sweeper sweeper = new Sweeper();

    public Decisions(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Adds what a node saw.
     *
     * @throws IllegalArgumentException if the batch is too large
     */
    public Added add(String node, List<Decision> batch) throws IOException {
        if (batch.size() > MAX_BATCH) {
            throw new IllegalArgumentException(
                    "a batch has at most " + MAX_BATCH + " decisions, not " + batch.size());
        }
        Instant now = clock.instant();
        sweeper.sweep(database, now);
        return database.record(open -> new Batch(open, node, now).add(batch));
    }

    /**
     * What was denied, by registrable domain, the most frequent first; of the {@code MAX_GROUPED}
     * most frequent names.
     *
     * @param since to the day
     */
    public List<Domain> denied(String org, Instant since, int limit) throws IOException {
        return Grouping.byDomain(
                Rows.seen(
                        database.reads(),
                        org,
                        Verdict.DENIED,
                        Optional.empty(),
                        since,
                        MAX_GROUPED),
                limit);
    }

    /**
     * Counts by verdict over time, without gaps.
     *
     * @param step whole minutes
     */
    public List<Point> series(String org, Instant since, Duration step) throws IOException {
        return Series.of(Rows.minutes(database.reads(), org, since), since, clock.instant(), step);
    }

    /**
     * Every name of a while with its verdicts, the most frequent first.
     *
     * @param since to the day
     */
    public List<Judged> names(String org, Instant since, int limit) throws IOException {
        return Rows.judged(database.reads(), org, Optional.empty(), since, limit);
    }

    /**
     * Names with one verdict, the most frequent first.
     *
     * @param session empty for all
     * @param since to the day
     */
    public List<Seen> seen(
            String org, Verdict verdict, Optional<String> session, Instant since, int limit)
            throws IOException {
        return Rows.seen(database.reads(), org, verdict, session, since, limit);
    }
}
