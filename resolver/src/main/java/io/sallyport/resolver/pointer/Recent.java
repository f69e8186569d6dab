package io.sallyport.resolver.pointer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The answers that a binding was given last, to know those that leave again. What is needed for
 * that lies side by side: of a thousand networks no cache has more than that. A small table is
 * replaced by a large one when its places are taken.
 */
final class Recent {
    /** Few lines of memory, so that all of them can be fetched before anybody knows which. */
    private static final int FEW = 8;

    /** Twice the names that a busy sandbox asks for in some minutes: 50 kB. */
    private static final int MOST = 2048;

    private static final int GROWTH = 16;

    /** An answer goes into one of this many places, so that a few of one hash get along. */
    private static final int WAYS = 4;

    /** Numbers a place: the answer's key, 0 while it has lost an address, and its end. */
    private static final int CELLS = 2;

    private static final int LINE = 8;

    /** More than the addresses of an answer of 64 kB. */
    private static final long MOST_ADDRESSES = 8192;

    /** Of every binding that was given nothing yet; takes nothing in. */
    static final Recent NONE = new Recent(WAYS);

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] cells;

    /** The answers' own arrays: as good as the answers to know them by. */
    private final byte[] @Nullable [][] addresses;

    private final @Nullable Given[] given;

    private Recent(int size) {
        cells = new long[size * CELLS];
        addresses = new byte[size][][];
        given = new @Nullable Given[size];
    }

    /** Different for the answers that one array of addresses is in, and never 0. */
    static long key(long bornNanos, int count) {
        return bornNanos * MOST_ADDRESSES + count;
    }

    /** Reads all of a small table that {@link #knows} may need. */
    long fetch() {
        long all = addresses.length;
        if (cells.length == FEW * CELLS) {
            for (int i = 0; i < cells.length; i += LINE) {
                all += cells[i];
            }
        }
        return all;
    }

    /** Any thread: whether this very answer is here with all of its addresses; if so, it lasts. */
    @SuppressWarnings("ReferenceEquality") // the same answer, not an equal one
    boolean knows(long key, byte[][] those, int count, long until) {
        int set = set(key);
        for (int i = set; i < set + WAYS; i++) {
            if (cells[i * CELLS] == key && addresses[i] == those) {
                if (until - cells[i * CELLS + 1] >= Pointers.SECOND) {
                    extend(i, those, count, until);
                }
                return true;
            }
        }
        return false;
    }

    private void extend(int place, byte[][] those, int count, long until) {
        Given there = given[place];
        if (there != null && there.is(those, count)) {
            cells[place * CELLS + 1] = until;
            there.extend(until);
        }
    }

    private int set(long key) {
        return (int) ((key * 0x9e3779b97f4a7c15L) >>> 32) & (addresses.length - WAYS);
    }

    private int place(Given wanted) {
        int set = set(wanted.key);
        for (int i = set; i < set + WAYS; i++) {
            Given there = given[i];
            if (there != null && there.is(wanted.addresses, wanted.count)) {
                return i;
            }
        }
        return -1;
    }

    /** The same answer, whole or not. */
    @Nullable Given find(Given wanted) {
        int place = place(wanted);
        return place < 0 ? null : given[place];
    }

    /** Notes whether all addresses of an answer lead to it; does nothing if it is not here. */
    void whole(Given answer, boolean whole) {
        answer.whole = whole;
        int place = place(answer);
        if (place >= 0 && given[place] == answer) {
            CELL.setRelease(cells, place * CELLS, whole ? answer.key : 0L);
        }
    }

    /**
     * Takes an answer in, in the place of that which ends first.
     *
     * @return false if that one would be missed, and a larger table may have a place for both
     */
    boolean put(Given fresh, long nowNanos) {
        int set = set(fresh.key);
        int place = set;
        long first = Long.MAX_VALUE;
        for (int i = set; i < set + WAYS; i++) {
            Given there = given[i];
            long left = there == null ? Long.MIN_VALUE : there.untilNanos - nowNanos;
            if (left < first) {
                first = left;
                place = i;
            }
        }
        if (this == NONE || (first > 0 && given.length < MOST)) {
            return false;
        }
        CELL.setRelease(cells, place * CELLS, 0L);
        VarHandle.fullFence();
        given[place] = fresh;
        addresses[place] = fresh.addresses;
        cells[place * CELLS + 1] = fresh.untilNanos;
        CELL.setRelease(cells, place * CELLS, fresh.whole ? fresh.key : 0L);
        return true;
    }

    /** The same answers with more room. */
    Recent larger(long nowNanos) {
        int size = this == NONE ? FEW : Math.min(MOST, given.length * GROWTH);
        Recent larger = new Recent(size);
        for (Given each : given) {
            if (each != null) {
                larger.put(each, nowNanos);
            }
        }
        return larger;
    }

    void removeIf(Predicate<Given> gone) {
        for (int i = 0; i < given.length; i++) {
            Given there = given[i];
            if (there != null && gone.test(there)) {
                CELL.setRelease(cells, i * CELLS, 0L);
                given[i] = null;
                addresses[i] = null;
            }
        }
    }
}
