package io.sallyport.resolver.count;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Counters since the start; every one is there from the first moment, at 0. Each event loop counts
 * on a sheet of its own, which others only read: a count costs a plain addition, 1 ns against the 6
 * ns of an adder that threads share.
 */
public final class Counters {

    /** Where an answer came from. */
    public enum Origin {
        /** Nobody was asked: a denial, a refusal, what this server knows itself. */
        POLICY,
        CACHE,
        UPSTREAM,
        /** The network had used up a budget. */
        LIMIT,
        /** A malformed query, a pin that failed, a fault. */
        ERROR
    }

    /** What was decided about a query. */
    public enum Outcome {
        ALLOWED("allow", "rule"),
        OBSERVED("observe", "no_rule"),
        NO_RULE("deny", "no_rule"),
        RULE("deny", "rule"),
        EMERGENCY("deny", "emergency"),
        PUBLIC_RESOLVER("deny", "public_resolver"),
        INTERNET_OFF("deny", "internet_off"),
        NO_SNAPSHOT("deny", "no_snapshot"),
        UNKNOWN_CLIENT("deny", "unknown_client"),
        TYPE("deny", "type"),
        /** All records of the answer led where no sandbox may go. */
        UNSAFE_ANSWER("deny", "unsafe_answer"),
        OVER_BUDGET("deny", "over_budget"),
        /** Malformed, or no question that is answered here. */
        BAD_QUERY("deny", "bad_query");

        private final String verdict;
        private final String reason;

        Outcome(String verdict, String reason) {
            this.verdict = verdict;
            this.reason = reason;
        }

        /** {@code allow}, {@code observe} or {@code deny}. */
        public String verdict() {
            return verdict;
        }

        public String reason() {
            return reason;
        }

        private String series() {
            return "sallyport_decisions_total{decision=\""
                    + verdict
                    + "\",reason=\""
                    + reason
                    + "\"}";
        }
    }

    /**
     * How long something took, how often.
     *
     * @param series its name and labels
     * @param counts of each bucket alone, the last one for all that took longer than any bound
     */
    public record Histogram(String series, List<Long> counts, double sumSeconds) {
        public Histogram {
            counts = List.copyOf(counts);
        }
    }

    /** Upper ends of the buckets of a histogram, but for the last one, which has none. */
    public static List<Double> bounds() {
        return Times.bounds();
    }

    /** What else is counted, with the name and labels it is exported under. */
    public enum Count {
        TRUNCATED("sallyport_responses_truncated_total"),
        SPECIAL_USE("sallyport_special_use_answers_total"),
        FRONT_HIT("sallyport_cache_front_hits_total"),
        PINNED("sallyport_pins_total{result=\"ok\"}"),
        PIN_FAILED("sallyport_pins_total{result=\"failed\"}"),
        PIN_SLOW("sallyport_pins_total{result=\"slow\"}"),
        WITHOUT_PIN("sallyport_answers_without_pin_total"),
        OVER_QUERIES("sallyport_over_budget_total{budget=\"queries\"}"),
        OVER_UPSTREAM_QUERIES("sallyport_over_budget_total{budget=\"upstream_queries\"}"),
        OVER_IN_FLIGHT("sallyport_over_budget_total{budget=\"questions_in_flight\"}"),
        OVER_NAMES("sallyport_over_budget_total{budget=\"names\"}"),
        COOKIE_NEW("sallyport_cookies_total{cookie=\"new\"}"),
        COOKIE_GOOD("sallyport_cookies_total{cookie=\"good\"}"),
        COOKIE_AGEING("sallyport_cookies_total{cookie=\"ageing\"}"),
        COOKIE_BAD("sallyport_cookies_total{cookie=\"bad\"}"),
        DROPPED_SILENT("sallyport_dropped_total{reason=\"not_a_query\"}"),
        DROPPED_FLOOD("sallyport_dropped_total{reason=\"over_budget\"}"),
        DROPPED_FAULT("sallyport_dropped_total{reason=\"fault\"}"),
        DROPPED_SEND("sallyport_dropped_total{reason=\"send\"}"),
        TCP_OPENED("sallyport_tcp_connections_total{result=\"accepted\"}"),
        TCP_REFUSED("sallyport_tcp_connections_total{result=\"over_limit\"}"),
        TCP_CUT("sallyport_tcp_connections_total{result=\"cut\"}");

        private final String series;

        Count(String series) {
            this.series = series;
        }
    }

    /** The extended rcode of a query whose EDNS version is not spoken here (RFC 6891 §9). */
    public static final int BADVERS = 16;

    /** What one thread has counted: written by that thread only, read by any. */
    @SuppressWarnings("EnumOrdinal") // an index of this moment, never kept: an EnumMap boxes
    public static final class Tally {
        private static final int DECISIONS = Count.values().length;
        private static final int QUERIES = DECISIONS + Outcome.values().length;
        private static final int RESPONSES = QUERIES + Series.QUERIES;
        private static final int TIMES = RESPONSES + Series.RESPONSES;
        private static final int PINS = TIMES + Origin.values().length * Times.CELLS;
        private static final int CELLS = PINS + Times.CELLS;

        private final Sheet sheet = new Sheet(CELLS);

        private Tally() {}

        public void add(Count count) {
            sheet.add(count.ordinal(), 1);
        }

        public void decided(Outcome decision) {
            sheet.add(DECISIONS + decision.ordinal(), 1);
        }

        /**
         * Counts a query.
         *
         * @param type as in its question; below 0 if it was not read
         */
        public void asked(boolean tcp, boolean six, int type) {
            sheet.add(QUERIES + Series.query(tcp, six, type), 1);
        }

        /** Counts a response by its extended rcode. */
        public void responded(int rcode, Origin origin) {
            sheet.add(RESPONSES + Series.response(rcode, origin), 1);
        }

        /** Notes that so many answers took so long each, from their question on. */
        public void took(Origin origin, int answers, long nanos) {
            Times.add(sheet, TIMES + origin.ordinal() * Times.CELLS, answers, nanos);
        }

        /** Notes how long the kernel took for the pins of an answer. */
        public void pinned(long nanos) {
            Times.add(sheet, PINS, 1, nanos);
        }
    }

    private final List<Tally> tallies = new CopyOnWriteArrayList<>();

    /** A new sheet for one thread; counted in as long as these counters are. */
    public Tally tally() {
        Tally tally = new Tally();
        tallies.add(tally);
        return tally;
    }

    @SuppressWarnings("EnumOrdinal") // as on the sheet
    public long value(Count count) {
        return sum(count.ordinal());
    }

    @SuppressWarnings("EnumOrdinal") // as on the sheet
    public long value(Outcome decision) {
        return sum(Tally.DECISIONS + decision.ordinal());
    }

    private long sum(int cell) {
        long sum = 0;
        for (Tally tally : tallies) {
            sum += tally.sheet.value(cell);
        }
        return sum;
    }

    /** All but the histograms by exported name, sorted. */
    @SuppressWarnings("EnumOrdinal") // as on the sheet
    public Map<String, Long> values() {
        Map<String, Long> values = new TreeMap<>();
        for (Count count : Count.values()) {
            values.put(count.series, value(count));
        }
        for (Outcome decision : Outcome.values()) {
            values.put(decision.series(), value(decision));
        }
        for (int cell = 0; cell < Series.QUERIES; cell++) {
            values.put(Series.query(cell), sum(Tally.QUERIES + cell));
        }
        for (int cell = 0; cell < Series.RESPONSES; cell++) {
            values.put(Series.response(cell), sum(Tally.RESPONSES + cell));
        }
        return values;
    }

    /** How long answers took, by where they came from, and how long pins did. */
    @SuppressWarnings("EnumOrdinal") // as on the sheet
    public List<Histogram> histograms() {
        List<Histogram> histograms = new ArrayList<>();
        for (Origin origin : Origin.values()) {
            String series =
                    "sallyport_query_duration_seconds{origin=\"" + Series.name(origin) + "\"}";
            histograms.add(
                    Times.read(this::sum, Tally.TIMES + origin.ordinal() * Times.CELLS, series));
        }
        histograms.add(Times.read(this::sum, Tally.PINS, "sallyport_pin_duration_seconds"));
        return histograms;
    }
}
