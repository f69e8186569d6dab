package io.sallyport.iptables.firewall;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Which pins there are and until when, without an object for each: thousands of a binding would be
 * moved and walked by every garbage collection. Open addressing, linear probing, at most half full;
 * entries are not removed one by one, but left behind when they have ended and the table grows. Any
 * thread.
 */
final class PinTable {

    /** What to do with each pin. */
    interface Each {
        void pin(boolean six, long high, long low, int port, long until);
    }

    /** Of a pin that is not there: always over. */
    static final long NEVER = Long.MIN_VALUE;

    private static final int LEAST = 64;
    private static final int STRIDE = 4;
    private static final int HIGH = 0;
    private static final int LOW = 1;

    /** Protocol, port and family; 0 where there is no pin, for protocol 0 is none. */
    private static final int PORT = 2;

    private static final int UNTIL = 3;
    private static final long SIX = 1L << 32;

    // A sandbox that has a domain chooses addresses; it does not know where they land.
    private final long highFactor = ThreadLocalRandom.current().nextLong() | 1;
    private final long lowFactor = ThreadLocalRandom.current().nextLong() | 1;
    private final long portFactor = ThreadLocalRandom.current().nextLong() | 1;

    private long[] cells = new long[LEAST * STRIDE];
    private int size;
    private long sweptAt = NEVER;

    /**
     * Whether so many more stay within a bound. A full table is looked through for what has ended
     * once a second: whoever fills it does not make each further query cost thousands of looks.
     */
    synchronized boolean takes(int more, int most, long now) {
        if (size + more > most && sweptAt != now) {
            sweptAt = now;
            sweep(now);
        }
        return size + more <= most;
    }

    /** The second in which a pin ends, or {@link #NEVER}. */
    synchronized long until(boolean six, long high, long low, int port) {
        int at = find(high, low, key(six, port));
        return cells[at + PORT] == 0 ? NEVER : cells[at + UNTIL];
    }

    /** Notes a pin, or that it lasts longer; ends before {@code now} may be forgotten. */
    synchronized void put(boolean six, long high, long low, int port, long until, long now) {
        long key = key(six, port);
        int at = find(high, low, key);
        if (cells[at + PORT] == 0) {
            if ((size + 1) * 2 * STRIDE > cells.length) {
                sweep(now);
                at = find(high, low, key);
            }
            size++;
            cells[at + HIGH] = high;
            cells[at + LOW] = low;
            cells[at + PORT] = key;
            cells[at + UNTIL] = until;
        } else {
            cells[at + UNTIL] = Math.max(cells[at + UNTIL], until);
        }
    }

    /** Ends every pin of an address; its place is used again later. */
    synchronized void end(boolean six, long high, long low) {
        for (int at = 0; at < cells.length; at += STRIDE) {
            if (cells[at + PORT] != 0
                    && (cells[at + PORT] & SIX) != 0 == six
                    && cells[at + HIGH] == high
                    && cells[at + LOW] == low) {
                cells[at + UNTIL] = NEVER;
            }
        }
    }

    /** Leaves out what has ended, and makes the table as large as the rest and one more need. */
    private void sweep(long now) {
        long[] old = cells;
        int live = 0;
        for (int at = 0; at < old.length; at += STRIDE) {
            if (old[at + PORT] != 0 && old[at + UNTIL] > now) {
                live++;
            }
        }
        int capacity = LEAST;
        while (capacity < (live + 1) * 2) {
            capacity *= 2;
        }
        cells = new long[capacity * STRIDE];
        size = live;
        for (int from = 0; from < old.length; from += STRIDE) {
            if (old[from + PORT] != 0 && old[from + UNTIL] > now) {
                int to = find(old[from + HIGH], old[from + LOW], old[from + PORT]);
                System.arraycopy(old, from, cells, to, STRIDE);
            }
        }
    }

    synchronized void each(Each each) {
        for (int at = 0; at < cells.length; at += STRIDE) {
            long key = cells[at + PORT];
            if (key != 0) {
                each.pin(
                        (key & SIX) != 0,
                        cells[at + HIGH],
                        cells[at + LOW],
                        (int) key,
                        cells[at + UNTIL]);
            }
        }
    }

    private static long key(boolean six, int port) {
        return six ? port | SIX : port;
    }

    /** Where the pin is, or where there is room for it. */
    private int find(long high, long low, long key) {
        int mask = cells.length / STRIDE - 1;
        long mixed = high * highFactor + low * lowFactor + key * portFactor;
        int slot = (int) ((mixed ^ mixed >>> 32) & mask);
        while (true) {
            int at = slot * STRIDE;
            if (cells[at + PORT] == 0
                    || (cells[at + PORT] == key
                            && cells[at + LOW] == low
                            && cells[at + HIGH] == high)) {
                return at;
            }
            slot = (slot + 1) & mask;
        }
    }
}
