package io.sallyport.sync.decision;

import io.sallyport.sync.decision.Decisions.Added;
import io.sallyport.sync.decision.Decisions.Decision;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adds one report. Rows are taken in the order of their keys, so that two reports never wait in a
 * circle.
 */
final class Batch {
    /** A node's clock may be wrong by so much; what claims to be from later is now. */
    private static final Duration AHEAD = Duration.ofMinutes(1);

    private static final Comparator<Decision> ORDER =
            Comparator.comparing(Decision::org)
                    .thenComparing(Decision::session)
                    .thenComparing(Decision::last)
                    .thenComparing(Decision::verdict)
                    .thenComparing(Decision::reason)
                    .thenComparing(Decision::name);

    /** One session of one org on one day. */
    private record Day(String org, String session, long day) {}

    /** What a minute's counts are of. */
    private record Minute(String org, long minute, Verdict verdict) implements Comparable<Minute> {
        @Override
        public int compareTo(Minute other) {
            return Comparator.comparing(Minute::org)
                    .thenComparingLong(Minute::minute)
                    .thenComparing(Minute::verdict)
                    .compare(this, other);
        }
    }

    private final Transaction open;
    private final String node;
    private final Instant now;
    private final Map<Day, Long> rooms = new HashMap<>();
    private final TreeMap<Minute, Long> minutes = new TreeMap<>();
    private int kept;

    Batch(Transaction open, String node, Instant now) {
        this.open = open;
        this.node = node;
        this.now = now;
    }

    Added add(List<Decision> batch) throws IOException {
        for (Decision decision : batch.stream().sorted(ORDER).toList()) {
            add(decision, at(decision.last()));
        }
        for (Map.Entry<Minute, Long> minute : minutes.entrySet()) {
            Rows.addMinute(
                    open,
                    minute.getKey().org(),
                    minute.getKey().minute(),
                    minute.getKey().verdict(),
                    minute.getValue());
        }
        return new Added(kept, batch.size() - kept);
    }

    private Instant at(Instant claimed) {
        return claimed.isAfter(now.plus(AHEAD)) ? now : claimed;
    }

    private void add(Decision decision, Instant last) throws IOException {
        if (last.isBefore(now.minus(Duration.ofDays(Decisions.DAYS_KEPT)))) {
            return;
        }
        minutes.merge(
                new Minute(decision.org(), last.getEpochSecond() / 60 * 60, decision.verdict()),
                decision.count(),
                Long::sum);
        Day day = new Day(decision.org(), decision.session(), last.getEpochSecond() / 86_400);
        if (Rows.addTo(open, node, decision, day.day(), last)) {
            kept++;
        } else if (room(day) > 0) {
            Rows.insert(open, node, decision, day.day(), last);
            rooms.merge(day, -1L, Long::sum);
            kept++;
        }
    }

    private long room(Day day) throws IOException {
        Long room = rooms.get(day);
        if (room == null) {
            room = Decisions.MAX_NAMES - Rows.count(open, day.org(), day.session(), day.day());
            rooms.put(day, room);
        }
        return room;
    }
}
