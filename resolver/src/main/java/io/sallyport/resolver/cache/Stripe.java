package io.sallyport.resolver.cache;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A part of a shelf, behind a lock of its own. Records stand one after another in chunks of octets.
 *
 * <p>What is new goes into a small queue. When room is needed and that queue has more than a tenth
 * of all, its oldest chunk is emptied: what was asked for meanwhile moves to the main queue and the
 * rest is forgotten, but for a fingerprint, so that what comes again soon goes to the main queue at
 * once. Otherwise the oldest chunk of that one is, where what was asked for since its last turn
 * stays for another (S3-FIFO: Yang et al., "FIFO queues are all you need for cache eviction", SOSP
 * 2023).
 */
final class Stripe {
    /** An offset within a chunk has 16 bits. */
    static final int MAX_CHUNK = 1 << 16;

    /** Of a chunk: what has to move when a chunk is needed must not fill the next one. */
    static final int ENTRIES_A_CHUNK = 4;

    private static final byte[] NOTHING = {};

    private static final int MIN_CHUNK = 4096;
    private static final int CHUNKS = 16;
    private static final int SMALL_SHARE = 10;
    private static final int FIRST_SLOTS = 256;

    /** Octets an entry for which there is a slot: fewer have none. */
    private static final int SLOT_SHARE = 64;

    /** The index is grown or emptied when three of four slots are taken. */
    private static final int LOAD = 4;

    private final LongAdder evictions;
    private final int chunkOctets;
    private final byte[][] chunks;

    /** How many octets of a chunk are written. */
    private final int[] filled;

    private final int[] next;
    private final Queue free = new Queue();
    private final Queue small = new Queue();
    private final Queue main = new Queue();
    private final int mostSmall;
    private final int mostSlots;
    private int entries;
    private int written;

    /** Hash (32 bits), chunk (16), offset in it (15) and a one; 0 is a free slot. */
    private long[] slots;

    private int[] ghosts;

    /**
     * @param most octets, everything included; less than some make a stripe that keeps nothing
     */
    Stripe(long most, LongAdder evictions) {
        this.evictions = evictions;
        this.mostSlots = (int) Math.min(Long.highestOneBit(most / SLOT_SHARE | 1), 1 << 28);
        long room = Math.max(0, most - most / 8 - most / 32); // without slots and ghosts
        this.chunkOctets =
                (int)
                        Math.clamp(
                                Long.highestOneBit(room / CHUNKS | 1), MIN_CHUNK, (long) MAX_CHUNK);
        int count = (int) Math.min(room / chunkOctets, Short.MAX_VALUE);
        this.chunks = new byte[count < ENTRIES_A_CHUNK ? 0 : count][];
        Arrays.fill(chunks, NOTHING);
        this.filled = new int[chunks.length];
        this.next = new int[chunks.length];
        this.mostSmall = Math.max(1, chunks.length / SMALL_SHARE);
        for (int chunk = 0; chunk < chunks.length; chunk++) {
            free.add(chunk);
        }
        this.slots = new long[chunks.length == 0 ? 1 : Math.min(FIRST_SLOTS, mostSlots)];
        this.ghosts = new int[ghosts(slots.length)];
    }

    /** Octets of the largest record that is kept. */
    int largest() {
        return chunks.length == 0 ? 0 : chunkOctets / ENTRIES_A_CHUNK;
    }

    /** What is kept for a question. */
    synchronized @Nullable Entry find(AnswerCache.Key key) {
        int slot = slot(key);
        return slot < 0 ? null : Packed.read(chunk(slots[slot]), offset(slots[slot]));
    }

    /** What is to be said now, counted as a visit. */
    synchronized @Nullable Entry visit(AnswerCache.Key key, long nowNanos) {
        int slot = slot(key);
        if (slot < 0) {
            return null;
        }
        byte[] chunk = chunk(slots[slot]);
        int at = offset(slots[slot]);
        if (!Packed.isFresh(chunk, at, nowNanos)) {
            return null;
        }
        Packed.setVisits(chunk, at, Math.min(Packed.visits(chunk, at) + 1, Entry.POPULAR_HITS));
        return Packed.read(chunk, at);
    }

    /** Marks that it is being asked for afresh; true once in an entry's life. */
    synchronized boolean refresh(AnswerCache.Key key) {
        int slot = slot(key);
        return slot >= 0 && Packed.refresh(chunk(slots[slot]), offset(slots[slot]));
    }

    /**
     * @param size of the record, at most {@link #largest}
     */
    synchronized void put(AnswerCache.Key key, Entry entry, int size) {
        remove(key);
        while (entries >= slots.length / LOAD * (LOAD - 1)) {
            if (slots.length < mostSlots) {
                grow();
            } else {
                evict();
            }
        }
        int address = room(isGhost(key.hash()) ? main : small, size);
        Packed.write(chunks[address >>> 16], address & 0xfffe, size, key, entry);
        insert(key.hash(), address);
    }

    synchronized void remove(AnswerCache.Key key) {
        int slot = slot(key);
        if (slot >= 0) {
            free(slot);
        }
    }

    synchronized int size() {
        return entries;
    }

    /** What it takes of the heap. */
    synchronized long octets() {
        return (long) written * chunkOctets
                + (long) slots.length * Long.BYTES
                + (long) ghosts.length * Integer.BYTES;
    }

    /** Where a record of this size can be written. */
    private int room(Queue queue, int size) {
        while (!queue.hasRoom(size)) {
            if (free.count > 1) {
                queue.add(take());
            } else {
                evict(); // which may give the main queue room
            }
        }
        return queue.room(size);
    }

    private int take() {
        int chunk = free.remove();
        if (chunks[chunk].length == 0) {
            chunks[chunk] = new byte[chunkOctets];
            written++;
        }
        return chunk;
    }

    /**
     * Empties a chunk. What stays is moved to the main queue, for which a free chunk is enough: it
     * never is more than one.
     */
    private void evict() {
        boolean fromSmall = small.count > mostSmall || main.count == 0;
        int from = fromSmall ? small.remove() : main.remove();
        int most = fromSmall ? chunkOctets : chunkOctets / 2; // of the main queue half goes
        byte[] chunk = chunks[from];
        int size;
        for (int at = 0; at < filled[from]; at += size) {
            size = Packed.size(chunk, at);
            long hash = Packed.hash(chunk, at);
            int slot = slot(hash, from << 16 | at | 1);
            if (slot < 0) {
                continue; // replaced or removed
            }
            int visits = Packed.visits(chunk, at);
            if (visits > 0 && size <= most) {
                most -= size;
                Packed.setVisits(chunk, at, fromSmall ? visits : visits - 1);
                slots[slot] = tag(hash) | move(chunk, at, size);
                continue;
            }
            free(slot);
            evictions.increment();
            if (fromSmall) {
                ghosts[ghost(hash)] = fingerprint(hash);
            }
        }
        filled[from] = 0;
        free.add(from);
    }

    private int move(byte[] chunk, int at, int size) {
        if (!main.hasRoom(size)) {
            main.add(take());
        }
        int address = main.room(size);
        System.arraycopy(chunk, at, chunks[address >>> 16], address & 0xfffe, size);
        return address;
    }

    private int slot(AnswerCache.Key key) {
        int mask = slots.length - 1;
        long tag = tag(key.hash());
        for (int i = home(tag, mask); slots[i] != 0; i = i + 1 & mask) {
            boolean same = (slots[i] ^ tag) >>> 32 == 0;
            if (same && Packed.is(chunk(slots[i]), offset(slots[i]), key)) {
                return i;
            }
        }
        return -1;
    }

    /** Where the index points to this very record, or -1: it is forgotten then. */
    private int slot(long hash, int address) {
        int mask = slots.length - 1;
        long wanted = tag(hash) | address;
        int i = home(wanted, mask);
        while (slots[i] != 0 && slots[i] != wanted) {
            i = i + 1 & mask;
        }
        return slots[i] == 0 ? -1 : i;
    }

    private void insert(long hash, int address) {
        place(tag(hash) | address);
        entries++;
    }

    private void place(long slot) {
        int mask = slots.length - 1;
        int i = home(slot, mask);
        while (slots[i] != 0) {
            i = i + 1 & mask;
        }
        slots[i] = slot;
    }

    /** Frees a slot, and closes the gap for those that stand behind their home. */
    private void free(int slot) {
        int mask = slots.length - 1;
        int gap = slot;
        for (int i = slot + 1 & mask; slots[i] != 0; i = i + 1 & mask) {
            int home = home(slots[i], mask);
            if ((i - home & mask) >= (i - gap & mask)) {
                slots[gap] = slots[i];
                gap = i;
            }
        }
        slots[gap] = 0;
        entries--;
    }

    private void grow() {
        long[] before = slots;
        slots = new long[before.length * 2];
        ghosts = new int[ghosts(slots.length)];
        for (long slot : before) {
            if (slot != 0) {
                place(slot);
            }
        }
    }

    private static int ghosts(int slots) {
        return Math.max(1, slots / 2);
    }

    private boolean isGhost(long hash) {
        int ghost = ghost(hash);
        boolean known = ghosts[ghost] == fingerprint(hash);
        if (known) {
            ghosts[ghost] = 0;
        }
        return known;
    }

    private int ghost(long hash) {
        return (int) (hash >>> 24) & ghosts.length - 1;
    }

    private static int fingerprint(long hash) {
        return (int) hash | 1;
    }

    private static long tag(long hash) {
        return hash << 32;
    }

    private static int home(long slot, int mask) {
        return (int) (slot >>> 32) & mask;
    }

    private byte[] chunk(long slot) {
        return chunks[(int) slot >>> 16];
    }

    private static int offset(long slot) {
        return (int) slot & 0xfffe;
    }

    /** Chunks in the order in which they were begun. */
    private final class Queue {
        private int oldest;
        private int newest;
        private int count;

        void add(int chunk) {
            if (count++ == 0) {
                oldest = chunk;
            } else {
                next[newest] = chunk;
            }
            newest = chunk;
        }

        int remove() {
            int chunk = oldest;
            oldest = next[chunk];
            count--;
            return chunk;
        }

        boolean hasRoom(int size) {
            return count > 0 && filled[newest] + size <= chunkOctets;
        }

        /** The place of the next record in the newest chunk. */
        int room(int size) {
            int at = filled[newest];
            filled[newest] += size;
            return newest << 16 | at | 1;
        }
    }
}
