package io.sallyport.resolver.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.hash.SipHash;
import io.sallyport.resolver.question.Question;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Answers by question, until their TTL is over; failures for a few seconds (RFC 9520 §3.2). Shared
 * by all event loops.
 */
public final class AnswerCache {
    /**
     * A map entry, its node in the policy's queues, key and value object, measured with compressed
     * references.
     */
    private static final int ENTRY_OCTETS = 200;

    private static final int SERVFAIL = 2;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /**
     * RFC 9520 §3.2: at least 1 s; a name that has just recovered is not held back for longer than
     * a retry takes.
     */
    private static final long FIRST_FAILURE_NANOS = SECOND;

    /** A name that fails again and again is asked for every 5 s. */
    private static final long REPEATED_FAILURE_NANOS = 5 * SECOND;

    /** A failure within this time after another one is a repeated one. */
    private static final long FAILURE_MEMORY_NANOS = 30 * SECOND;

    /**
     * What an answer is kept under: everything of the question, and nothing of who asks it. The
     * question's own hash can be predicted, this one cannot.
     */
    public static final class Key {
        private final Question question;
        private final long hash;

        private Key(Question question, long hash) {
            this.question = question;
            this.hash = hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that && hash == that.hash && question.equals(that.question);
        }

        @Override
        public int hashCode() {
            return (int) hash;
        }
    }

    private record Entry(Answer answer, long bornNanos, long freshNanos) {
        boolean isFresh(long nowNanos) {
            return nowNanos - bornNanos < freshNanos;
        }

        boolean isFailure() {
            return answer.rcode() == SERVFAIL;
        }
    }

    private final Cache<Key, Entry> entries;
    private final SipHash hash;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder evictions = new LongAdder();

    /**
     * @param maxOctets with keys and overhead; 0 keeps nothing
     */
    public AnswerCache(long maxOctets) {
        if (maxOctets < 0) {
            throw new IllegalArgumentException("the cache cannot have " + maxOctets + " octets");
        }
        SecureRandom random = new SecureRandom();
        hash = new SipHash(random.nextLong(), random.nextLong());
        entries =
                Caffeine.newBuilder()
                        .maximumWeight(maxOctets)
                        .<Key, Entry>weigher((key, entry) -> weight(key, entry))
                        .executor(
                                Runnable::run) // upkeep on the loop that writes: no thread to fall
                        // behind, no burst over the bound
                        .evictionListener((key, entry, cause) -> evictions.increment())
                        .build();
    }

    public Key key(Question question) {
        long rest =
                question.type()
                        | (question.dnssec() ? 1L << 16 : 0)
                        | (question.checkingDisabled() ? 1L << 17 : 0)
                        | (long) question.filter().internal().size() << 18;
        return new Key(question, hash.hash(question.name().octets(), rest));
    }

    /** The answer if it is still fresh. Counted as a hit or a miss. */
    public @Nullable Answer fresh(Key key, long nowNanos) {
        Answer answer = peek(key, nowNanos);
        (answer == null ? misses : hits).increment();
        return answer;
    }

    /** As {@link #fresh}, not counted. */
    public @Nullable Answer peek(Key key, long nowNanos) {
        Entry entry = entries.getIfPresent(key);
        return entry != null && entry.isFresh(nowNanos) ? entry.answer : null;
    }

    /** Keeps what may be kept: a TTL of 0 is for those who are waiting, and nobody else. */
    public void put(Key key, Answer answer) {
        long fresh =
                answer.rcode() == SERVFAIL
                        ? failureNanos(key, answer.bornNanos())
                        : answer.ttl() * SECOND;
        if (fresh > 0) {
            entries.put(key, new Entry(answer, answer.bornNanos(), fresh));
        }
    }

    /** Adds the counters of this package, by metric name. */
    public void writeCounters(Map<String, Long> counters) {
        long hit = hits.sum();
        counters.put("sallyport_cache_requests_total", hit + misses.sum());
        counters.put("sallyport_cache_hits_total", hit);
        counters.put("sallyport_cache_evictions_total", evictions.sum());
        counters.put("sallyport_cache_entries", entries.estimatedSize());
        counters.put("sallyport_cache_bytes", octets());
    }

    private long octets() {
        return entries.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }

    private long failureNanos(Key key, long nowNanos) {
        Entry before = entries.getIfPresent(key);
        boolean repeated =
                before != null
                        && before.isFailure()
                        && nowNanos - before.bornNanos - before.freshNanos < FAILURE_MEMORY_NANOS;
        return repeated ? REPEATED_FAILURE_NANOS : FIRST_FAILURE_NANOS;
    }

    private static int weight(Key key, Entry entry) {
        return ENTRY_OCTETS + key.question.name().length() + entry.answer.weight();
    }
}
