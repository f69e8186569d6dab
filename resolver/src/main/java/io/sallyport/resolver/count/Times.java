package io.sallyport.resolver.count;

import io.sallyport.resolver.count.Counters.Histogram;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/** A histogram on a sheet: its buckets, then the sum of all times. */
final class Times {
    /** From an answer out of the cache to one that a client hardly waits for. */
    private static final long[] BOUNDS_NANOS = {
        50_000,
        100_000,
        250_000,
        1_000_000,
        5_000_000,
        25_000_000,
        100_000_000,
        250_000_000,
        1_000_000_000,
        2_000_000_000
    };

    private static final int SUM = BOUNDS_NANOS.length + 1;
    private static final double SECOND = 1e9;

    static final int CELLS = SUM + 1;

    private Times() {}

    static List<Double> bounds() {
        return Arrays.stream(BOUNDS_NANOS).mapToObj(nanos -> nanos / SECOND).toList();
    }

    static void add(Sheet sheet, int first, int times, long nanos) {
        int bucket = 0;
        while (bucket < BOUNDS_NANOS.length && nanos > BOUNDS_NANOS[bucket]) {
            bucket++;
        }
        sheet.add(first + bucket, times);
        sheet.add(first + SUM, times * Math.max(0, nanos));
    }

    static Histogram read(IntToLongFunction cell, int first, String series) {
        List<Long> counts = IntStream.range(first, first + SUM).mapToLong(cell).boxed().toList();
        return new Histogram(series, counts, cell.applyAsLong(first + SUM) / SECOND);
    }
}
