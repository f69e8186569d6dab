package io.sallyport.resolver.cache;

import io.sallyport.resolver.answer.Answer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is kept for one question: what to say now, and until when. That is a good answer, or what is
 * said in its place since the upstreams have failed, with the good answer behind it.
 */
final class Entry {
    /** RFC 8767 §5: one to three days; the shortest, because addresses move. */
    static final long KEPT_STALE_NANOS = TimeUnit.DAYS.toNanos(1);

    /** A shorter life is over before a refresh has saved anyone much. */
    static final int LEAST_REFRESHED_TTL = 10;

    /** Asked for so often while it lived, a name will be asked for again. */
    static final int POPULAR_HITS = 3;

    final Answer shown;
    final int failures;
    private final boolean fallback;
    private final @Nullable Answer behind;
    private final long fromNanos;
    private final long heldNanos;

    /** Counted without a lock: some are lost, which does no harm. */
    private int hits;

    private boolean refreshed;

    private Entry(
            Answer shown,
            boolean fallback,
            @Nullable Answer behind,
            int failures,
            long fromNanos,
            long heldNanos) {
        this.shown = shown;
        this.fallback = fallback;
        this.behind = behind;
        this.failures = failures;
        this.fromNanos = fromNanos;
        this.heldNanos = heldNanos;
    }

    static Entry good(Answer answer) {
        return new Entry(
                answer, false, null, 0, answer.bornNanos(), TimeUnit.SECONDS.toNanos(answer.ttl()));
    }

    /** After so many failures in a row this is said instead, for so long. */
    static Entry failed(
            Answer shown, @Nullable Answer good, int failures, long nowNanos, long heldNanos) {
        return new Entry(shown, true, good, failures, nowNanos, heldNanos);
    }

    /** The last good answer, fresh or not. */
    @Nullable Answer good() {
        return fallback ? behind : shown;
    }

    boolean isFresh(long nowNanos) {
        return nowNanos - fromNanos < heldNanos;
    }

    boolean isGood(long nowNanos) {
        return !fallback && isFresh(nowNanos);
    }

    /** How long ago it stopped to be fresh; negative while it is. */
    long overNanos(long nowNanos) {
        return nowNanos - fromNanos - heldNanos;
    }

    /** The good answer whose time is over, but not for too long; null if there is none. */
    @Nullable Answer expired(long nowNanos) {
        Answer good = good();
        if (good == null || good.extendedError() != Answer.NO_EXTENDED_ERROR) {
            return null; // nothing there, or the filter's word instead of data
        }
        long over = nowNanos - good.bornNanos() - TimeUnit.SECONDS.toNanos(good.ttl());
        return over >= 0 && over < KEPT_STALE_NANOS ? good : null;
    }

    /** Notes that somebody was told; whether it is time to ask afresh, said once. */
    boolean hit(long nowNanos) {
        hits++;
        if (refreshed
                || hits < POPULAR_HITS
                || fallback
                || shown.answers() == 0
                || shown.ttl() < LEAST_REFRESHED_TTL
                || !shown.isEnding(nowNanos)) {
            return false;
        }
        refreshed = true;
        return true;
    }

    /** Denials and failures: cheap to make for whoever floods, and worth little to others. */
    boolean isNegative() {
        Answer kept = behind == null ? shown : behind;
        return kept.rcode() != 0 || kept.answers() == 0;
    }

    int weight() {
        return shown.weight() + (behind == null ? 0 : behind.weight());
    }
}
