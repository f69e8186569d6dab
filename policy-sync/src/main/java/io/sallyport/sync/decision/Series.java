package io.sallyport.sync.decision;

import io.sallyport.sync.decision.Decisions.Point;
import io.sallyport.sync.decision.Rows.Minute;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

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
        long[][] counts = new long[(int) steps][3];
        for (Minute minute : minutes) {
            long index = Math.floorDiv(minute.second(), seconds) - begin;
            if (index >= 0 && index < steps) {
                counts[(int) index][minute.verdict().ordinal()] += minute.count();
            }
        }
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            points.add(
                    new Point(
                            Instant.ofEpochSecond((begin + i) * seconds),
                            counts[i][0],
                            counts[i][1],
                            counts[i][2]));
        }
        return points;
    }
}
