package io.sallyport.resolver.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Entries within a number of octets, W-TinyLFU inside. */
final class Shelf {
    /**
     * A map entry, its node in the policy's queues, the key, the question and the entry itself,
     * measured with compressed references: see the test of the heap.
     */
    private static final int ENTRY_OCTETS = 280;

    private final Cache<AnswerCache.Key, Entry> entries;

    Shelf(long maxOctets, LongAdder evictions) {
        entries =
                Caffeine.newBuilder()
                        .maximumWeight(maxOctets)
                        .<AnswerCache.Key, Entry>weigher((key, entry) -> weight(key, entry))
                        // Upkeep on the loop that writes: no thread to fall behind, no burst over
                        // the bound.
                        .executor(Runnable::run)
                        .evictionListener((key, entry, cause) -> evictions.increment())
                        .build();
    }

    @Nullable Entry find(AnswerCache.Key key) {
        return entries.getIfPresent(key);
    }

    void put(AnswerCache.Key key, Entry entry) {
        entries.put(key, entry);
    }

    void remove(AnswerCache.Key key) {
        entries.invalidate(key);
    }

    long size() {
        return entries.estimatedSize();
    }

    long octets() {
        return entries.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }

    static int weight(AnswerCache.Key key, Entry entry) {
        return ENTRY_OCTETS + key.question().name().length() + entry.weight();
    }
}
