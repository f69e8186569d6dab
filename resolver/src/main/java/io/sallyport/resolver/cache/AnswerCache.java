package io.sallyport.resolver.cache;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.hash.SipHash;
import io.sallyport.resolver.question.Question;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers by question, until their TTL is over, and after it for the time when nothing better can
 * be had (RFC 8767); failures for seconds (RFC 9520 §3.2). Shared by all event loops.
 */
public final class AnswerCache {
    /** A flood of denied names displaces no more than this share of the rest: a quarter. */
    private static final int NEGATIVE_SHARE = 4;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** RFC 8767 §5: how long nobody is asked again after a failure, while there is old data. */
    private static final int STALE_RECHECK_SECONDS = 30;

    /** RFC 9520 §3.2: at least a second, then twice as long every time, at most five minutes. */
    private static final int FIRST_FAILURE_SECONDS = 1;

    /** A name that works again is not held back for longer than a person waits. */
    private static final int LONGEST_FAILURE_SECONDS = 60;

    /** A failure this long after the last one was over is a first one. */
    private static final long FAILURE_MEMORY_NANOS = 60 * SECOND;

    private static final int MOST_DOUBLINGS = 6; // 64 s: beyond the longest

    /** No reachable authority, network error, invalid data (RFC 8914): nobody said otherwise. */
    private static final int FIRST_SILENCE = 22;

    private static final int LAST_SILENCE = 24;

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

        public Question question() {
            return question;
        }

        long hash() {
            return hash;
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

    private final SipHash hash;
    private final boolean serveStale;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private final Shelf positive;
    private final Shelf negative;

    /**
     * @param maxOctets with keys and overhead; 0 keeps nothing
     * @param serveStale whether an answer may be told after its time
     */
    public AnswerCache(long maxOctets, boolean serveStale) {
        if (maxOctets < 0) {
            throw new IllegalArgumentException("the cache cannot have " + maxOctets + " octets");
        }
        SecureRandom random = new SecureRandom();
        this.hash = new SipHash(random.nextLong(), random.nextLong());
        this.serveStale = serveStale;
        this.positive = new Shelf(maxOctets - maxOctets / NEGATIVE_SHARE, evictions);
        this.negative = new Shelf(maxOctets / NEGATIVE_SHARE, evictions);
    }

    public Key key(Question question) {
        long rest =
                question.type()
                        | (question.dnssec() ? 1L << 16 : 0)
                        | (question.checkingDisabled() ? 1L << 17 : 0)
                        | (long) question.filter().internal().size() << 18;
        return new Key(question, hash.hash(question.name().octets(), rest));
    }

    /**
     * What is to be said now without asking anybody; null if nothing is. Counted as a hit or a
     * miss.
     *
     * @param refresh called at once if a popular answer is about to end, once in its life
     */
    public @Nullable Answer fresh(Key key, long nowNanos, Consumer<Key> refresh) {
        Entry entry = positive.visit(key, nowNanos);
        if (entry == null) {
            entry = negative.visit(key, nowNanos);
        }
        if (entry == null) {
            misses.increment();
            return null;
        }
        hits.increment();
        if (entry.isDue(nowNanos) && positive.refresh(key)) {
            refresh.accept(key);
        }
        return entry.shown();
    }

    /** As {@link #fresh}, not counted. */
    public @Nullable Answer peek(Key key, long nowNanos) {
        Entry entry = find(key);
        return entry != null && entry.isFresh(nowNanos) ? entry.shown() : null;
    }

    /** Whether {@link #stale} will have something to say now, or once a fresh answer has ended. */
    public boolean keepsGood(Key key) {
        Entry entry = serveStale ? find(key) : null;
        return entry != null && entry.good() != null;
    }

    /**
     * An answer whose time is over, because waiting has taken too long; it is said to everyone
     * until {@link #settle} brings a better one, or for as long as no failure is looked at again.
     * Null if there is none.
     */
    public @Nullable Answer stale(Key key, long nowNanos) {
        Entry entry = find(key);
        return entry == null ? null : showStale(key, entry, entry.failures, nowNanos);
    }

    /**
     * Takes in what the upstreams said, and returns what to tell those who wait: the same, or, if
     * it is a failure, an answer whose time is over.
     */
    public Answer settle(Key key, Answer answer, long nowNanos) {
        if (answer.isFailure()) {
            return answer.ttl() == Answer.NEVER_KEPT ? answer : fail(key, answer, nowNanos);
        }
        if (answer.ttl() > 0) {
            keep(key, Entry.good(answer));
        } else { // for those who wait, and nobody else; what was known before is wrong now
            forget(key);
        }
        return answer;
    }

    /** Adds the counters of this package, by metric name. */
    public void writeCounters(Map<String, Long> counters) {
        long hit = hits.sum();
        counters.put("sallyport_cache_requests_total", hit + misses.sum());
        counters.put("sallyport_cache_hits_total", hit);
        counters.put("sallyport_cache_stale_total", stale.sum());
        counters.put("sallyport_cache_evictions_total", evictions.sum());
        counters.put("sallyport_cache_entries", positive.size() + negative.size());
        counters.put("sallyport_cache_bytes", positive.octets() + negative.octets());
        counters.put("sallyport_cache_negative_bytes", negative.octets());
    }

    private Answer fail(Key key, Answer failure, long nowNanos) {
        Entry before = find(key);
        if (before != null && before.isGood(nowNanos)) {
            return failure; // of a refresh: what is known holds until its time
        }
        boolean repeated = before != null && before.overNanos(nowNanos) < FAILURE_MEMORY_NANOS;
        int failures = before != null && repeated ? before.failures + 1 : 1;
        boolean silence =
                failure.extendedError() >= FIRST_SILENCE && failure.extendedError() <= LAST_SILENCE;
        if (before != null && silence) {
            Answer told = showStale(key, before, failures, nowNanos);
            if (told != null) {
                return told;
            }
        }
        int held =
                Math.min(
                        FIRST_FAILURE_SECONDS << Math.min(failures - 1, MOST_DOUBLINGS),
                        LONGEST_FAILURE_SECONDS);
        keep(key, Entry.failed(failure, failures, nowNanos, held));
        return failure;
    }

    private @Nullable Answer showStale(Key key, Entry entry, int failures, long nowNanos) {
        Answer expired = serveStale ? entry.expired(nowNanos) : null;
        if (expired == null) {
            return null;
        }
        stale.increment();
        Entry told = Entry.stale(expired, failures, nowNanos, STALE_RECHECK_SECONDS);
        keep(key, told);
        return told.shown();
    }

    private @Nullable Entry find(Key key) {
        Entry entry = positive.find(key);
        return entry != null ? entry : negative.find(key);
    }

    /** A question has one entry: what it was known as before is gone. */
    private void keep(Key key, Entry entry) {
        if (entry.isNegative()) {
            negative.put(key, entry);
            positive.remove(key);
        } else {
            positive.put(key, entry);
            negative.remove(key);
        }
    }

    private void forget(Key key) {
        positive.remove(key);
        negative.remove(key);
    }
}
