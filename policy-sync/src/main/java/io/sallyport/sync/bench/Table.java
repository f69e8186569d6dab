package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Result.Flooded;
import io.sallyport.sync.bench.Result.LeftOut;
import io.sallyport.sync.bench.Result.Measured;
import io.sallyport.sync.bench.Result.Row;
import io.sallyport.sync.bench.Result.Soaked;
import java.util.Formatter;
import java.util.Locale;
import java.util.OptionalDouble;

/** A result as text for a terminal. */
final class Table {
    private static final String MEASURED = "%-22s %8s %13s %9s %9s %9s %8s %8s %8s %6s%n";

    private Table() {}

    static String of(Result result) {
        Formatter text = new Formatter(Locale.ROOT);
        text.format("%n%s: %s%n", result.name(), result.about());
        if (!result.measured().isEmpty()) {
            text.format(
                    MEASURED,
                    "server",
                    "µs/query",
                    "of the rounds",
                    "reflector",
                    "best peer",
                    "queries/s",
                    "p50 µs",
                    "p99 µs",
                    "RSS MB",
                    "lost");
        }
        for (Row row : result.rows()) {
            switch (row) {
                case Measured measured -> measured(text, result, measured);
                case LeftOut out -> text.format("%-22s left out: %s%n", out.server(), out.reason());
                case Flooded flooded -> flooded(text, flooded);
                case Soaked soaked -> soaked(text, soaked);
            }
        }
        for (Measured row : result.measured()) {
            result.growth(row)
                    .ifPresent(times ->
                            text.format(
                                    "%s: %.2f times %s%n",
                                    row.server(),
                                    times,
                                    result.smaller().map(Result::name).orElse("")));
        }
        return text.toString();
    }

    private static void measured(Formatter text, Result result, Measured row) {
        text.format(
                MEASURED,
                row.server(),
                decimal(row.cpuMicros(), 2),
                decimal(row.cpuLeast(), 2) + "–" + decimal(row.cpuMost(), 2),
                ratio(row.cpuMicros(), result.reflector()),
                ratio(row.cpuMicros(), result.bestPeer()),
                decimal(row.qps(), 0),
                decimal(row.p50Micros(), 0),
                decimal(row.p99Micros(), 0),
                decimal(row.residentMb(), 0),
                Long.toString(row.lost()));
    }

    private static void flooded(Formatter text, Flooded row) {
        text.format(
                """
                %s
                  flood            %.0f questions/s offered, %.0f/s answered
                  the others       p50 %.0f µs, p99 %.0f µs in quiet (turns %.0f–%.0f), %d lost
                  flood elsewhere  p50 %.0f µs, p99 %.0f µs (%.2f times quiet; turns %.0f–%.0f), %d lost
                  under the flood  p50 %.0f µs, p99 %.0f µs (%.2f times quiet, %.2f times elsewhere; turns %.0f–%.0f), %d of %d lost
                  recovery         %.0f ms
                  RSS              %.0f MB before, %.0f MB after
                """,
                row.server(),
                row.offeredQps(),
                row.servedQps(),
                row.quiet().p50Micros(),
                row.quiet().p99Micros(),
                row.quiet().p99Least(),
                row.quiet().p99Most(),
                row.quiet().lost(),
                row.elsewhere().p50Micros(),
                row.elsewhere().p99Micros(),
                row.elsewhere().times(row.quiet()),
                row.elsewhere().p99Least(),
                row.elsewhere().p99Most(),
                row.elsewhere().lost(),
                row.flooded().p50Micros(),
                row.flooded().p99Micros(),
                row.flooded().times(row.quiet()),
                row.flooded().times(row.elsewhere()),
                row.flooded().p99Least(),
                row.flooded().p99Most(),
                row.flooded().lost(),
                row.flooded().asked(),
                row.recoveryMillis(),
                row.residentMbBefore(),
                row.residentMbAfter());
    }

    private static void soaked(Formatter text, Soaked row) {
        text.format(
                """
                %s
                  load  %.1f minutes at %.0f questions/s: %d asked, %d lost, %d wrong
                  RSS   %.1f MB at first, %.1f MB at last, %.1f MB at most
                  heap  %.1f MB live at first, %.1f MB at last (after a full collection)
                """,
                row.server(),
                row.minutes(),
                row.qps(),
                row.asked(),
                row.lost(),
                row.wrong(),
                row.residentMbFirst(),
                row.residentMbLast(),
                row.residentMbMost(),
                row.heapMbFirst(),
                row.heapMbLast());
    }

    private static String ratio(double value, OptionalDouble to) {
        return to.isPresent() ? decimal(value / to.getAsDouble(), 2) : "–";
    }

    private static String decimal(double value, int places) {
        return String.format(Locale.ROOT, "%." + places + "f", value);
    }
}
