package io.sallyport.sync.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a load generator saw.
 *
 * @param rcodes answers by response code, such as NXDOMAIN
 * @param records answers with any record in them; -1 if the generator does not look
 * @param p50 microseconds; 0 if the generator does not tell
 */
record Load(
        long sent,
        long completed,
        long lost,
        double seconds,
        Map<String, Long> rcodes,
        long records,
        double p50,
        double p99) {
    private static final Pattern CODE = Pattern.compile("([A-Z0-9]+) (\\d+) \\(");

    Load {
        rcodes = Map.copyOf(rcodes);
    }

    double rate() {
        return completed / seconds;
    }

    /** How many answers were not what this kind of question deserves. */
    long wrong(Names.Kind kind) {
        long denied = rcodes.getOrDefault("NXDOMAIN", 0L);
        long allowed = rcodes.getOrDefault("NOERROR", 0L);
        if (records >= 0) {
            allowed = Math.min(allowed, records);
        }
        return completed
                - switch (kind) {
                    case DENIED -> denied;
                    case CACHED, COLD -> allowed;
                    case MIXED, LISTED -> denied + allowed;
                };
    }

    /** Reads what dnsperf prints at its end. */
    static Load ofDnsperf(String text) {
        Map<String, Long> rcodes = new HashMap<>();
        Matcher codes = CODE.matcher(line(text, "Response codes"));
        while (codes.find()) {
            rcodes.put(codes.group(1), Long.parseLong(codes.group(2)));
        }
        return new Load(
                (long) number(text, "Queries sent"),
                (long) number(text, "Queries completed"),
                (long) number(text, "Queries lost"),
                number(text, "Run time \\(s\\)"),
                rcodes,
                -1,
                0,
                0);
    }

    /** Reads what our own spreader prints: a word and a number a line. */
    static Load ofSpreader(String text) {
        return new Load(
                (long) field(text, "sent"),
                (long) field(text, "completed"),
                (long) field(text, "lost"),
                field(text, "seconds"),
                Map.of(
                        "NOERROR", (long) field(text, "noerror"),
                        "NXDOMAIN", (long) field(text, "nxdomain"),
                        "SERVFAIL", (long) field(text, "servfail"),
                        "REFUSED", (long) field(text, "refused")),
                (long) field(text, "records"),
                field(text, "p50"),
                field(text, "p99"));
    }

    private static double number(String text, String title) {
        String rest = line(text, title).strip();
        int end = rest.indexOf(' ');
        return Double.parseDouble(end < 0 ? rest : rest.substring(0, end));
    }

    private static String line(String text, String title) {
        return find(text, "(?m)^ *" + title + ": +(.*)$");
    }

    private static double field(String text, String word) {
        return Double.parseDouble(find(text, "(?m)^" + word + " ([0-9.]+)$"));
    }

    private static String find(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new IllegalArgumentException(
                    "the load generator did not say what it did: " + text.strip());
        }
        return matcher.group(1);
    }
}
