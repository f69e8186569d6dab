package io.sallyport.sync.gate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** How long the same thing took, many times over, as a benchmark prints it. Any thread. */
final class Times {
    private static final double MILLION = 1e6;

    /** What takes its time. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    private final String what;
    private final List<Double> millis = Collections.synchronizedList(new ArrayList<>());

    Times(String what) {
        this.what = what;
    }

    void time(Work work) throws Exception {
        long begin = System.nanoTime();
        work.run();
        since(begin);
    }

    /** Something that began then has just ended. */
    void since(long beginNanos) {
        millis.add((System.nanoTime() - beginNanos) / MILLION);
    }

    void print() {
        List<Double> sorted;
        synchronized (millis) {
            sorted = millis.stream().sorted().toList();
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %d, median %.1f ms, p95 %.1f ms, most %.1f ms%n",
                what,
                sorted.size(),
                sorted.get(sorted.size() / 2),
                sorted.get(sorted.size() * 95 / 100),
                sorted.getLast());
    }
}
