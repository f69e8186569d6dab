package io.sallyport.resolver.budget;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * One minute of one network: which names were asked for, as fingerprints of 32 bits, and what each
 * pattern's amount to. Any thread, no lock; a race counts a name twice or not at all.
 *
 * <p>A fingerprint takes two names in a table of 4,800 for one in about 100,000 cases, and nobody
 * can look for such names, because the hash is keyed.
 */
final class NameWindow {
    /** More patterns than this share budgets: tighter ones then, never wider. 3 kB. */
    private static final int TALLIES = 128;

    private static final int PROBES = 8;

    /** So that a network that runs through domains cannot wash out the log that accuses it. */
    static final int MOST_TOLD = 4;

    /** Names of a quiet network: half a kilobyte. */
    private static final int SMALLEST = 128;

    private static final int NAMES_SHIFT = 36;
    private static final long OCTETS_MASK = (1L << NAMES_SHIFT) - 1;

    final long start;

    private final AtomicIntegerArray seen;
    private final AtomicInteger filled;

    /** The hash of each pattern's name, 0 where there is none. */
    private final AtomicLongArray patterns;

    /** Names in the upper bits, octets in the lower. */
    private final AtomicLongArray spent;

    private final AtomicIntegerArray told;

    private final AtomicInteger tellings;

    NameWindow(long start) {
        this(
                start,
                SMALLEST,
                new AtomicInteger(),
                new AtomicLongArray(TALLIES),
                new AtomicLongArray(TALLIES),
                new AtomicIntegerArray(TALLIES),
                new AtomicInteger());
    }

    private NameWindow(
            long start,
            int slots,
            AtomicInteger filled,
            AtomicLongArray patterns,
            AtomicLongArray spent,
            AtomicIntegerArray told,
            AtomicInteger tellings) {
        this.start = start;
        this.seen = new AtomicIntegerArray(slots);
        this.filled = filled;
        this.patterns = patterns;
        this.spent = spent;
        this.told = told;
        this.tellings = tellings;
    }

    /** The same window with room for more names. */
    NameWindow grown() {
        NameWindow larger =
                new NameWindow(start, seen.length() * 4, filled, patterns, spent, told, tellings);
        for (int i = 0; i < seen.length(); i++) {
            if (seen.get(i) != 0) {
                larger.claim(seen.get(i));
            }
        }
        return larger;
    }

    /** Names in it. */
    int names() {
        return filled.get();
    }

    /** Whether it has to grow before it takes another name: probes stay short at half its room. */
    boolean isCrowded() {
        return filled.get() * 2 >= seen.length();
    }

    /**
     * @param hash of the whole name, keyed
     */
    boolean knows(long hash) {
        int print = fingerprint(hash);
        int mask = seen.length() - 1;
        for (int i = print & mask, left = seen.length(); left > 0; i = (i + 1) & mask, left--) {
            int there = seen.get(i);
            if (there == print) {
                return true;
            }
            if (there == 0) {
                return false;
            }
        }
        return false;
    }

    void remember(long hash) {
        if (claim(fingerprint(hash))) {
            filled.incrementAndGet();
        }
    }

    private boolean claim(int print) {
        int mask = seen.length() - 1;
        for (int i = print & mask, left = seen.length(); left > 0; i = (i + 1) & mask, left--) {
            int there = seen.get(i);
            if (there == print) {
                return false;
            }
            if (there == 0 && seen.compareAndSet(i, 0, print)) {
                return true;
            }
        }
        return false;
    }

    private static int fingerprint(long hash) {
        int print = (int) hash;
        return print == 0 ? 1 : print;
    }

    /** Where a pattern's tally is kept. */
    int tally(long patternHash) {
        long pattern = patternHash == 0 ? 1 : patternHash;
        int home = (int) (pattern >>> 32) & (TALLIES - 1);
        for (int probe = 0; probe < PROBES; probe++) {
            int at = (home + probe) & (TALLIES - 1);
            long there = patterns.get(at);
            if (there == 0) {
                there = patterns.compareAndExchange(at, 0, pattern);
            }
            if (there == pattern || there == 0) {
                return at;
            }
        }
        return home;
    }

    int names(int tally) {
        return (int) (spent.get(tally) >>> NAMES_SHIFT);
    }

    long octets(int tally) {
        return spent.get(tally) & OCTETS_MASK;
    }

    void spend(int tally, int names, int octets) {
        spent.addAndGet(tally, ((long) names << NAMES_SHIFT) + octets);
    }

    /** True for the first who asks, and for the first few patterns. */
    boolean tell(int tally) {
        return told.get(tally) == 0
                && told.compareAndSet(tally, 0, 1)
                && tellings.getAndIncrement() < MOST_TOLD;
    }
}
