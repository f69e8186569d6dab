package io.sallyport.resolver.cache;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Entries within a number of octets, in stripes so that loops seldom wait for each other. */
final class Shelf {
    private static final int MOST_STRIPES = 16;

    /** Below it, a stripe is too small to tell what is asked for again. */
    private static final long LEAST_STRIPE_OCTETS = 3 << 20;

    /** The answers of ordinary names have hundreds of octets; one of these displaces a hundred. */
    private static final int MAX_ENTRY_OCTETS = 16 * 1024;

    private final Stripe[] stripes;
    private final int largest;

    Shelf(long maxOctets, LongAdder evictions) {
        int count =
                Math.clamp(Long.highestOneBit(maxOctets / LEAST_STRIPE_OCTETS), 1, MOST_STRIPES);
        this.stripes = new Stripe[count];
        for (int i = 0; i < count; i++) {
            stripes[i] = new Stripe(maxOctets / count, evictions);
        }
        this.largest = Math.min(stripes[0].largest(), MAX_ENTRY_OCTETS);
    }

    @Nullable Entry find(AnswerCache.Key key) {
        return stripe(key).find(key);
    }

    /** What is to be said now, counted as a visit. */
    @Nullable Entry visit(AnswerCache.Key key, long nowNanos) {
        return stripe(key).visit(key, nowNanos);
    }

    /** Marks that it is being asked for afresh; true once in an entry's life. */
    boolean refresh(AnswerCache.Key key) {
        return stripe(key).refresh(key);
    }

    /** Keeps an entry in the place of what was known; one that is too large only ends that. */
    void put(AnswerCache.Key key, Entry entry) {
        int size = Packed.size(key, entry, largest);
        if (size > largest) {
            stripe(key).remove(key);
        } else {
            stripe(key).put(key, entry, size);
        }
    }

    void remove(AnswerCache.Key key) {
        stripe(key).remove(key);
    }

    long size() {
        long size = 0;
        for (Stripe stripe : stripes) {
            size += stripe.size();
        }
        return size;
    }

    long octets() {
        long octets = 0;
        for (Stripe stripe : stripes) {
            octets += stripe.octets();
        }
        return octets;
    }

    /** By octets of the hash that the stripe's index does not begin with. */
    private Stripe stripe(AnswerCache.Key key) {
        return stripes[(int) (key.hash() >>> 56) & stripes.length - 1];
    }
}
