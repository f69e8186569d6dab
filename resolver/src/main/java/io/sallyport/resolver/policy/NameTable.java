package io.sallyport.resolver.policy;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.policy.Policy.Subject;
import java.util.Arrays;

/**
 * A set of patterns, found by the hash of a name's suffixes: one probe for each suffix length that
 * the set has at all, however many patterns there are. Immutable once built.
 *
 * <p>Names lie one behind the other in one array of octets; the table is open addressing over longs
 * that hold half of the hash and the number of the name, so that a probe that misses reads one
 * long. 1,000,000 names of 20 octets take about 55 MB.
 */
final class NameTable {
    /**
     * No pattern covers the name; or nothing holds at a node. Any other number is the builder's
     * own, 0 or more.
     */
    static final int MISS = -1;

    /** Suffixes of 63 labels and more share one bit of {@link #depths}. */
    private static final int DEEPEST = 63;

    private long[] slots;
    private byte[] pool = new byte[256];
    private int poolEnd;
    private int[] nameAt = new int[8];
    private int[] at = new int[8];
    private int[] below = new int[8];
    private int count;
    private long depths;
    private final Subject adding = new Subject();

    NameTable(int expected) {
        slots = new long[Integer.highestOneBit(Math.max(expected, 4)) << 2];
    }

    /** The node of a name, added if it is not there. While building only. */
    int node(WireName name) {
        adding.prepare(name.octets(), name.length());
        int node = node(adding, 0);
        return node >= 0 ? node : append(name);
    }

    /** What holds for the name itself, or {@link #MISS}. */
    int at(int node) {
        return at[node];
    }

    /** What holds for every name below the name, or {@link #MISS}. */
    int below(int node) {
        return below[node];
    }

    void at(int node, int number) {
        at[node] = number;
    }

    void below(int node, int number) {
        below[node] = number;
    }

    /**
     * The most specific pattern that covers the name.
     *
     * @return a place for {@link #number(int)} and {@link #name}, or {@link #MISS}
     */
    int find(Subject subject) {
        if (count == 0) {
            return MISS;
        }
        for (int label = 0; label <= subject.labels; label++) {
            if ((depths >>> Math.min(subject.labels - label, DEEPEST) & 1) == 0) {
                continue;
            }
            int node = node(subject, label);
            if (node >= 0 && (label == 0 ? at : below)[node] != MISS) {
                return node << 1 | (label == 0 ? 0 : 1);
            }
        }
        return MISS;
    }

    int number(int place) {
        return ((place & 1) == 0 ? at : below)[place >> 1];
    }

    WireName name(int place) {
        return WireName.ofLowered(pool, nameAt[place >> 1], length(place));
    }

    /** Octets of a place's name. */
    int length(int place) {
        int node = place >> 1;
        return (node + 1 < count ? nameAt[node + 1] : poolEnd) - nameAt[node];
    }

    /** One more than the highest place. */
    int places() {
        return count << 1;
    }

    private int node(Subject subject, int label) {
        long hash = subject.hashes[label];
        int start = subject.starts[label];
        int length = subject.length - start;
        int mask = slots.length - 1;
        for (int i = (int) hash & mask; slots[i] != 0; i = (i + 1) & mask) {
            if ((slots[i] ^ hash) >>> 32 == 0) {
                int node = (int) slots[i] - 1;
                int from = nameAt[node];
                int end = node + 1 < count ? nameAt[node + 1] : poolEnd;
                if (end - from == length
                        && Arrays.equals(pool, from, end, subject.octets, start, start + length)) {
                    return node;
                }
            }
        }
        return MISS;
    }

    private int append(WireName name) {
        if (count == nameAt.length) {
            nameAt = Arrays.copyOf(nameAt, count * 2);
            at = Arrays.copyOf(at, count * 2);
            below = Arrays.copyOf(below, count * 2);
        }
        if (poolEnd + name.length() > pool.length) {
            pool = Arrays.copyOf(pool, Math.max(pool.length * 2, poolEnd + name.length()));
        }
        if (count * 2 >= slots.length) {
            grow();
        }
        System.arraycopy(name.octets(), 0, pool, poolEnd, name.length());
        nameAt[count] = poolEnd;
        poolEnd += name.length();
        at[count] = MISS;
        below[count] = MISS;
        depths |= 1L << Math.min(adding.labels, DEEPEST);
        count++;
        insert(slots, entry(adding.hashes[0], count - 1), (int) adding.hashes[0]);
        return count - 1;
    }

    /** The upper half of the hash, and the node plus one, so that no entry is 0. */
    private static long entry(long hash, int node) {
        return (hash & 0xffffffff00000000L) | (node + 1);
    }

    private static void insert(long[] slots, long entry, int low) {
        int mask = slots.length - 1;
        int i = low & mask;
        while (slots[i] != 0) {
            i = (i + 1) & mask;
        }
        slots[i] = entry;
    }

    private void grow() {
        long[] larger = new long[slots.length * 2];
        Subject subject = new Subject();
        for (int node = 0; node < count; node++) {
            WireName name = name(node << 1);
            subject.prepare(name.octets(), name.length());
            long hash = subject.hashes[0];
            insert(larger, entry(hash, node), (int) hash);
        }
        slots = larger;
    }
}
