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
import org.jspecify.annotations.Nullable;

/**
 * The names of one verdict: a fixed number of them, the first that come, each with a count; what
 * finds no place is counted together. Written by every event loop without a lock; only the first
 * time of a name allocates.
 */
final class NameLog {
    /** 256 names of at most 255 octets: at most 92 kB a network whatever a sandbox asks. */
    static final int SLOTS = 256;

    /**
     * What a session needs that observes, or is at level all: the names of a large build; 360 kB at
     * most.
     */
    static final int OBSERVED_SLOTS = 1024;

    /**
     * A name goes into one of this many slots, so that a full log costs no more than a few
     * comparisons.
     */
    private static final int PROBES = 8;

    static final String OTHER_NAMES = "(other names)";

    private static final VarHandle OTHERS;

    static {
        try {
            OTHERS = MethodHandles.lookup().findVarHandle(NameLog.class, "others", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final class Entry {
        private static final VarHandle COUNT;

        static {
            try {
                COUNT = MethodHandles.lookup().findVarHandle(Entry.class, "count", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        final byte[] name;
        final Reason reason;
        final long hash;
        final long firstSeen;

        @SuppressWarnings("UnusedVariable") // through COUNT
        volatile long count = 1;

        long lastSeen;

        /** Told to whoever drains, and guarded by the log. */
        long told;

        Entry(byte[] name, Reason reason, long hash, long now) {
            this.name = name;
            this.reason = reason;
            this.hash = hash;
            this.firstSeen = now;
            this.lastSeen = now;
        }

        void again(long now) {
            COUNT.getAndAdd(this, 1L);
            lastSeen = now;
        }
    }

    private final Verdict verdict;
    private final AtomicReferenceArray<@Nullable Entry> slots;

    /**
     * Those of the entries, written after them, 0 where nobody has seen one yet: a log that is full
     * of other names is looked through without a look at any of them, which of a thousand networks
     * no cache would have.
     */
    private final long[] hashes;

    private final int mask;

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
        this.slots = new AtomicReferenceArray<>(size);
        this.hashes = new long[size];
        this.mask = size - 1;
    }

    /**
     * @param hash of the name, seeded
     * @param now seconds since the epoch
     */
    void record(byte[] lowered, int length, long hash, Reason reason, long now) {
        int at = (int) (hash >>> 40);
        for (int probe = 0; probe < PROBES; probe++) {
            int slot = (at + probe) & mask;
            if (hashes[slot] != hash && hashes[slot] != 0) {
                continue;
            }
            Entry entry = slots.get(slot);
            if (entry == null) {
                Entry fresh = new Entry(Arrays.copyOf(lowered, length), reason, hash, now);
                if (slots.compareAndSet(slot, null, fresh)) {
                    hashes[slot] = hash;
                    return;
                }
                entry = slots.get(slot);
            }
            if (entry != null
                    && entry.hash == hash
                    && entry.reason == reason
                    && Arrays.equals(entry.name, 0, entry.name.length, lowered, 0, length)) {
                entry.again(now);
                return;
            }
        }
        recordOther(now);
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
        for (int i = 0; i < slots.length(); i++) {
            Entry entry = slots.get(i);
            if (entry != null) {
                String text = WireName.ofLowered(entry.name, 0, entry.name.length).toString();
                names.add(
                        new DeniedName(
                                text, entry.reason, entry.count, entry.firstSeen, entry.lastSeen));
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
        for (int i = 0; i < slots.length(); i++) {
            Entry entry = slots.get(i);
            long more = entry == null ? 0 : entry.count - entry.told;
            if (entry != null && more > 0) {
                entry.told += more;
                fresh.add(
                        new Decision(
                                verdict,
                                WireName.ofLowered(entry.name, 0, entry.name.length).toString(),
                                entry.reason,
                                more,
                                entry.firstSeen,
                                entry.lastSeen));
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
