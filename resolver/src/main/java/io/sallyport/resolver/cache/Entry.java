package io.sallyport.resolver.cache;

import io.sallyport.resolver.answer.Answer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is kept for one question: what to say now, and until when. That is a good answer, or what is
 * said in its place since the upstreams have failed, with the good answer behind it.
 */
final class Entry {
    /** RFC 8767 §4. */
    static final int STALE_TTL = 30;

    /** RFC 8767 §5: one to three days; the shortest, because addresses move. */
    static final long KEPT_STALE_NANOS = TimeUnit.DAYS.toNanos(1);

    /** A shorter life is over before a refresh has saved anyone much. */
    static final int LEAST_REFRESHED_TTL = 10;

    /** Asked for so often while it lived, a name will be asked for again. */
    static final int POPULAR_HITS = 3;

    /** What is said. */
    enum Kind {
        GOOD(0),
        FAILURE(1),
        /** A good answer whose time is over, instead of a failure. */
        STALE(2);

        final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }

        static Kind of(byte code) {
            return switch (code) {
                case 0 -> GOOD;
                case 1 -> FAILURE;
                default -> STALE;
            };
        }
    }

    final Kind kind;
    final int failures;
    final long fromNanos;
    final int heldSeconds;
    private final Answer kept;
    private final int visits;

    Entry(Kind kind, Answer kept, int failures, long fromNanos, int heldSeconds, int visits) {
        this.kind = kind;
        this.kept = kept;
        this.failures = failures;
        this.fromNanos = fromNanos;
        this.heldSeconds = heldSeconds;
        this.visits = visits;
    }

    static Entry good(Answer answer) {
        return new Entry(Kind.GOOD, answer, 0, answer.bornNanos(), answer.ttl(), 0);
    }

    /** After so many failures in a row this is said, for so long. */
    static Entry failed(Answer failure, int failures, long nowNanos, int heldSeconds) {
        return new Entry(Kind.FAILURE, failure, failures, nowNanos, heldSeconds, 0);
    }

    /** After so many failures in a row this is said instead, with a stale answer's TTL. */
    static Entry stale(Answer good, int failures, long nowNanos, int heldSeconds) {
        return new Entry(Kind.STALE, good, failures, nowNanos, heldSeconds, 0);
    }

    /** What is to be said. */
    Answer shown() {
        return kind == Kind.STALE ? kept.stale(STALE_TTL, fromNanos) : kept;
    }

    /** What all of it can be made of. */
    Answer kept() {
        return kept;
    }

    /** The last good answer, fresh or not. */
    @Nullable Answer good() {
        return kind == Kind.FAILURE ? null : kept;
    }

    boolean isFresh(long nowNanos) {
        return overNanos(nowNanos) < 0;
    }

    boolean isGood(long nowNanos) {
        return kind == Kind.GOOD && isFresh(nowNanos);
    }

    /** How long ago it stopped to be fresh; negative while it is. */
    long overNanos(long nowNanos) {
        return nowNanos - fromNanos - TimeUnit.SECONDS.toNanos(heldSeconds);
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

    /** Whether it will be missed when it ends, and ends soon. */
    boolean isDue(long nowNanos) {
        return visits >= POPULAR_HITS
                && kind == Kind.GOOD
                && kept.answers() > 0
                && kept.ttl() >= LEAST_REFRESHED_TTL
                && kept.isEnding(nowNanos);
    }

    /** Denials and failures: cheap to make for whoever floods, and worth little to others. */
    boolean isNegative() {
        return kept.rcode() != 0 || kept.answers() == 0;
    }
}
