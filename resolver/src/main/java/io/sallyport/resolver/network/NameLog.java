package io.sallyport.resolver.network;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks.Decision;
import io.sallyport.resolver.network.Networks.DeniedName;
import io.sallyport.resolver.network.Networks.Verdict;
import io.sallyport.resolver.policy.Policy.Reason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The names of one verdict: a fixed number of them, the first that come, each with a count; what
 * finds no place is counted together. Written by every event loop without a lock; only the first
 * time of a name allocates.
 *
 * <p>Names are told apart by their hash, 64 bits with a secret seed: two names would be taken for
 * one in one of some 10^14 full logs. So a name that is there already costs one look at one line of
 * memory, which of a thousand networks no cache has.
 */
final class NameLog {
    /**
     * 256 names of at most 255 octets, and {@link #FIRST_SLOTS}: at most 96 kB a network whatever a
     * sandbox asks.
     */
    static final int SLOTS = 256;

    /**
     * What a session needs that observes, or is at level all: the names of a large build; 360 kB at
     * most.
     */
    static final int OBSERVED_SLOTS = 1024;

    /**
     * Places for the first names, which for most sessions is all: four lines of memory, so that
     * they can be fetched before anybody knows which one is needed.
     */
    static final int FIRST_SLOTS = 16;

    static final String OTHER_NAMES = "(other names)";

    private static final VarHandle OTHERS;
    private static final VarHandle FIRST;
    private static final VarHandle MORE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OTHERS = lookup.findVarHandle(NameLog.class, "others", long.class);
            FIRST = lookup.findVarHandle(NameLog.class, "first", Shelf.class);
            MORE = lookup.findVarHandle(NameLog.class, "more", Shelf.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What does not change about a name; what was told of it is guarded by the log. */
    private static final class Entry {
        final byte[] name;
        final Reason reason;
        final long firstSeen;
        long told;

        Entry(byte[] name, Reason reason, long firstSeen) {
            this.name = name;
            this.reason = reason;
            this.firstSeen = firstSeen;
        }

        String text() {
            return WireName.ofLowered(name, 0, name.length).toString();
        }
    }

    /** Places for names: a table with open addressing. */
    private static final class Shelf {
        /**
         * A name goes into one of this many places, so that a full shelf costs no more than a few
         * comparisons.
         */
        private static final int PROBES = 8;

        /** Numbers a place: the name's key, then its last second and its count, each in a half. */
        private static final int CELLS = 2;

        private static final long COUNT = 0xffff_ffffL;
        private static final int LINE = 8;
        private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

        /** Of every log that holds nothing yet. */
        static final Shelf NONE = new Shelf(1);

        final long[] cells;

        /** Written after the key of the same place. */
        final AtomicReferenceArray<@Nullable Entry> entries;

        Shelf(int size) {
            cells = new long[size * CELLS];
            entries = new AtomicReferenceArray<>(size);
        }

        /** Counts a name; false if it finds no place. */
        boolean record(byte[] lowered, int length, long key, Reason reason, long now) {
            int mask = cells.length / CELLS - 1;
            int at = (int) (key >>> 40);
            for (int probe = 0; probe < PROBES; probe++) {
                int place = (at + probe) & mask;
                long there = cells[place * CELLS];
                if (there == 0) {
                    there = (long) CELL.compareAndExchange(cells, place * CELLS, 0L, key);
                    if (there == 0) {
                        byte[] name = Arrays.copyOf(lowered, length);
                        entries.set(place, new Entry(name, reason, now));
                        there = key;
                    }
                }
                if (there == key) {
                    count(place * CELLS + 1, now);
                    return true;
                }
            }
            return false;
        }

        private void count(int cell, long now) {
            long seen;
            long next;
            do {
                seen = (long) CELL.getVolatile(cells, cell);
                next = now << Integer.SIZE | Math.min((seen & COUNT) + 1, COUNT);
            } while (!CELL.compareAndSet(cells, cell, seen, next));
        }

        /** The entry of a place once it is counted. */
        @Nullable Entry entry(int place) {
            return counted(place) == 0 ? null : entries.get(place);
        }

        long counted(int place) {
            return seen(place) & COUNT;
        }

        long lastSeen(int place) {
            return seen(place) >>> Integer.SIZE;
        }

        private long seen(int place) {
            return (long) CELL.getVolatile(cells, place * CELLS + 1);
        }

        /** See {@link Networks.Binding#fetch}. */
        long fetch() {
            long all = cells[cells.length - 1];
            for (int i = 0; i < cells.length; i += LINE) {
                all += cells[i];
            }
            return all;
        }
    }

    private final Verdict verdict;
    private final int size;

    @SuppressWarnings("UnusedVariable") // through FIRST
    private volatile Shelf first = Shelf.NONE;

    @SuppressWarnings("UnusedVariable") // through MORE
    private volatile Shelf more = Shelf.NONE;

    @SuppressWarnings("UnusedVariable") // through OTHERS
    private volatile long others;

    private volatile long otherFirst;
    private volatile long otherLast;
    private long othersTold;

    /**
     * @param size a power of two
     */
    NameLog(Verdict verdict, int size) {
        this.verdict = verdict;
        this.size = size;
    }

    /** See {@link Networks.Binding#fetch}. */
    long fetch() {
        return first.fetch();
    }

    /**
     * @param hash of the name, seeded
     * @param now seconds since the epoch
     */
    void record(byte[] lowered, int length, long hash, Reason reason, long now) {
        long key = key(hash, reason);
        boolean counted =
                shelf(FIRST, first, FIRST_SLOTS).record(lowered, length, key, reason, now);
        if (!counted && size > FIRST_SLOTS) {
            counted = shelf(MORE, more, size).record(lowered, length, key, reason, now);
        }
        if (!counted) {
            recordOther(now);
        }
    }

    /** A name that is denied for two reasons is there twice; 0 is a free place. */
    @SuppressWarnings("EnumOrdinal") // a number of this moment, never kept
    private static long key(long hash, Reason reason) {
        long key = hash + reason.ordinal();
        return key == 0 ? Long.MIN_VALUE : key;
    }

    /** The shelf that is there, or the one that was made now, by whoever came first. */
    private Shelf shelf(VarHandle field, Shelf there, int places) {
        if (there != Shelf.NONE) {
            return there;
        }
        Shelf fresh = new Shelf(Math.min(size, places));
        Shelf before = (Shelf) field.compareAndExchange(this, Shelf.NONE, fresh);
        return before == Shelf.NONE ? fresh : before;
    }

    private List<Shelf> shelves() {
        return Stream.of(first, more).filter(shelf -> shelf != Shelf.NONE).toList();
    }

    private void recordOther(long now) {
        OTHERS.getAndAdd(this, 1L);
        if (otherFirst == 0) {
            otherFirst = now;
        }
        if (otherLast != now) {
            otherLast = now;
        }
    }

    /** Most frequent first, the rest last. */
    List<DeniedName> names() {
        List<DeniedName> names = new ArrayList<>();
        for (Shelf shelf : shelves()) {
            for (int i = 0; i < shelf.entries.length(); i++) {
                Entry entry = shelf.entry(i);
                if (entry != null) {
                    names.add(
                            new DeniedName(
                                    entry.text(),
                                    entry.reason,
                                    shelf.counted(i),
                                    entry.firstSeen,
                                    shelf.lastSeen(i)));
                }
            }
        }
        names.sort(
                Comparator.comparingLong(DeniedName::count)
                        .reversed()
                        .thenComparing(DeniedName::name));
        long rest = others;
        if (rest > 0) {
            names.add(new DeniedName(OTHER_NAMES, Reason.NOT_ALLOWED, rest, otherFirst, otherLast));
        }
        return names;
    }

    /** What came since the last time; the rest of it under one name. */
    synchronized List<Decision> drain() {
        List<Decision> fresh = new ArrayList<>();
        for (Shelf shelf : shelves()) {
            for (int i = 0; i < shelf.entries.length(); i++) {
                Entry entry = shelf.entry(i);
                long more = entry == null ? 0 : shelf.counted(i) - entry.told;
                if (entry != null && more > 0) {
                    entry.told += more;
                    fresh.add(
                            new Decision(
                                    verdict,
                                    entry.text(),
                                    entry.reason,
                                    more,
                                    entry.firstSeen,
                                    shelf.lastSeen(i)));
                }
            }
        }
        long rest = others - othersTold;
        if (rest > 0) {
            othersTold += rest;
            fresh.add(
                    new Decision(
                            verdict, OTHER_NAMES, Reason.NOT_ALLOWED, rest, otherFirst, otherLast));
        }
        return fresh;
    }
}
