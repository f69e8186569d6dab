package io.sallyport.sync.decision;

import io.sallyport.sync.decision.Decisions.Point;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.decision.Rows.Minute;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Minutes gathered into steps. */
final class Series {
    /** A line that a screen can show. */
    static final int MAX_POINTS = 2_000;

    private Series() {}

    static List<Point> of(List<Minute> minutes, Instant since, Instant until, Duration step) {
        long seconds = step.toSeconds();
        if (seconds < 60 || seconds % 60 != 0) {
            throw new IllegalArgumentException("step: must be whole minutes");
        }
        long begin = Math.floorDiv(since.getEpochSecond(), seconds);
        long steps = Math.floorDiv(until.getEpochSecond(), seconds) - begin + 1;
        if (steps < 1 || steps > MAX_POINTS) {
            throw new IllegalArgumentException(
                    "step: makes " + steps + " points; from 1 to " + MAX_POINTS + " are possible");
        }
        List<Map<Verdict, Long>> counts = new ArrayList<>();
        for (long i = 0; i < steps; i++) {
            counts.add(new EnumMap<>(Verdict.class));
        }
        for (Minute minute : minutes) {
            long index = Math.floorDiv(minute.second(), seconds) - begin;
            if (index >= 0 && index < steps) {
                counts.get((int) index).merge(minute.verdict(), minute.count(), Long::sum);
            }
        }
        List<Point> points = new ArrayList<>();
        for (Map<Verdict, Long> count : counts) {
            points.add(
                    new Point(
                            Instant.ofEpochSecond((begin + points.size()) * seconds),
                            count.getOrDefault(Verdict.ALLOWED, 0L),
                            count.getOrDefault(Verdict.DENIED, 0L),
                            count.getOrDefault(Verdict.OBSERVED, 0L)));
        }
        return points;
    }
}
