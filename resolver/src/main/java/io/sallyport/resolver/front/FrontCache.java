package io.sallyport.resolver.front;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.question.Question;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A small cache of one event loop. What is not here, or not fresh enough, is asked of the shared
 * cache, which decides what is kept; so a wrong guess costs a lookup and never an answer.
 */
public final class FrontCache {
    /** 4,096 answers of at most 1 kB: 4 MB a loop, more than the names that a host's builds use. */
    private static final int SETS = 1024;

    private static final int WAYS = 4;

    private static final int MAX_WEIGHT = 1024;

    private static final long SECOND = 1_000_000_000L;

    /**
     * One hit in so many goes to the shared cache, whose choice of what to keep would take a name
     * that is only ever answered here for a forgotten one.
     */
    private static final int SHARED_EVERY = 64;

    /** An answer with the name it is for. */
    public static final class Hit {
        private final Question question;
        private final Answer answer;
        private final long hash;
        private final long untilNanos;
        private int uses;

        private Hit(Question question, Answer answer, long hash, long untilNanos) {
            this.question = question;
            this.answer = answer;
            this.hash = hash;
            this.untilNanos = untilNanos;
        }

        public WireName name() {
            return question.name();
        }

        public Answer answer() {
            return answer;
        }

        private boolean holds(long otherHash, Question other, Answer same) {
            return hash == otherHash
                    && answer.bornNanos() == same.bornNanos()
                    && question.equals(other);
        }

        /** Filters are made once a policy: one that is only equal is a miss, and no harm. */
        @SuppressWarnings("ReferenceEquality")
        private boolean is(Query query, AddressFilter filter) {
            byte[] name = question.name().octets();
            return question.type() == query.type()
                    && question.filter() == filter
                    && question.dnssec() == query.dnssec()
                    && question.checkingDisabled() == query.checkingDisabled()
                    && Arrays.equals(name, 0, name.length, query.lowered(), 0, query.nameLength());
        }
    }

    private final @Nullable Hit[] hits = new @Nullable Hit[SETS * WAYS];
    private int victim;

    /**
     * A fresh answer, or null.
     *
     * @param hash of the name, seeded
     */
    public @Nullable Hit find(long hash, Query query, AddressFilter filter, long nowNanos) {
        int set = set(hash, query.type());
        for (int i = set; i < set + WAYS; i++) {
            Hit hit = hits[i];
            if (hit != null && hit.hash == hash && hit.is(query, filter)) {
                boolean usable = hit.untilNanos - nowNanos > 0 && ++hit.uses % SHARED_EVERY != 0;
                return usable ? hit : null;
            }
        }
        return null;
    }

    /**
     * Keeps what the shared cache gave out. The last tenth of its time is left to the shared cache,
     * which then fetches it afresh.
     *
     * @param hash of the question's name, seeded
     * @return the answer, or the one that is here already if it is the same: networks know it again
     */
    public Answer put(long hash, Question question, Answer answer, long nowNanos) {
        long until = answer.bornNanos() + answer.ttl() * SECOND / 10 * 9;
        boolean passing = answer.isFailure() || answer.isStale();
        if (passing || answer.weight() > MAX_WEIGHT || until - nowNanos <= 0) {
            return answer;
        }
        int place = place(hash, question, nowNanos);
        Hit there = hits[place];
        if (there != null && there.holds(hash, question, answer)) {
            return there.answer;
        }
        hits[place] = new Hit(question, answer, hash, until);
        return answer;
    }

    private int place(long hash, Question question, long nowNanos) {
        int set = set(hash, question.type());
        int free = set + (victim++ & WAYS - 1);
        for (int i = set; i < set + WAYS; i++) {
            Hit hit = hits[i];
            if (hit == null || hit.untilNanos - nowNanos <= 0) {
                free = i;
            } else if (hit.hash == hash && hit.question.equals(question)) {
                return i;
            }
        }
        return free;
    }

    /** The first place of the question's set. */
    private static int set(long hash, int type) {
        return ((int) (hash >>> 20 ^ type * 0x9e37L) & (SETS - 1)) * WAYS;
    }
}
