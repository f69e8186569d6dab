package io.sallyport.resolver.journey;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.count.Counters.Origin;
import io.sallyport.resolver.count.Counters.Outcome;
import io.sallyport.resolver.count.Counters.Tally;
import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.policy.Policy.Subject;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.reply.Reply;
import java.util.Arrays;

/**
 * The only way by which addresses leave: what is written is what fits, and what fits is pinned
 * first.
 */
final class Departure {
    /**
     * A pin lasts longer than the answer that any client may keep, and long enough to be used at
     * all.
     */
    private static final int PIN_GRACE_SECONDS = 60;

    private static final int PIN_LEAST_SECONDS = 120;

    /**
     * The promise of {@link io.sallyport.resolver.pin.Pinner}; an answer later than this is not
     * worth its risk.
     */
    private static final long PIN_LIMIT_NANOS = 200_000_000;

    private static final ExtendedError NOT_ENFORCED =
            new ExtendedError(ExtendedError.OTHER, "enforcement not ready");

    private final Reply reply;
    private final Tally tally;
    private final Subject subject = new Subject();

    private boolean failed;
    private boolean unsafe;
    private long nowNanos;
    private long nowSeconds;

    Departure(Reply reply, Tally tally) {
        this.reply = reply;
        this.tally = tally;
    }

    /** Takes the time of a batch of messages. */
    void tick(long nanos, long seconds) {
        nowNanos = nanos;
        nowSeconds = seconds;
    }

    /** Where the answer that was written last came from. */
    Origin origin(Origin found) {
        return failed ? Origin.ERROR : found;
    }

    /** What was decided in the end about the answer that was written last. */
    Outcome decision(Outcome first) {
        return unsafe ? Outcome.UNSAFE_ANSWER : first;
    }

    private Reply notEnforced(Query asked, boolean tcp) {
        failed = true;
        return reply.refuse(asked, Reply.SERVFAIL, NOT_ENFORCED, tcp);
    }

    Reply of(Query asked, WireName name, Binding network, Allow allow, Answer answer, boolean tcp) {
        failed = false;
        unsafe = false;
        int addresses = reply.fit(asked, answer, tcp);
        int pinned = Reply.NO_PIN_NEEDED;
        if (addresses > 0 && allow.ports().length > 0) {
            pinned = pin(network, allow, answer, addresses) ? addresses : 0;
        }
        if (pinned == 0 || network.ended()) {
            return notEnforced(asked, tcp);
        }
        boolean observed = network.observes() && allow.observed();
        ExtendedError note = observed ? network.observation() : null;
        Reply written = reply.answer(asked, answer, nowNanos, pinned, note, tcp);
        if (written == null) {
            return notEnforced(asked, tcp);
        }
        if (answer.extendedError() == ExtendedError.BLOCKED) { // none of its records was left
            unsafe = true;
            tally.decided(Outcome.UNSAFE_ANSWER);
        }
        boolean fresh =
                network.pointers().remember(name, answer, addresses, pinSeconds(answer), nowNanos);
        if (fresh && !observed) {
            subject.prepare(name.octets(), name.length());
            network.answered(name.octets(), name.length(), subject.hash(), nowSeconds);
        }
        return written;
    }

    /** Says what {@link #of} will pin when the same is asked of it in this moment. */
    void announce(Query asked, Binding network, Allow allow, Answer answer, boolean tcp) {
        if (allow.ports().length > 0 && !network.ended()) {
            int addresses = reply.fit(asked, answer, tcp);
            if (addresses > 0) {
                network.network()
                        .pinner()
                        .announce(leaving(answer, addresses), allow.ports(), pinSeconds(answer));
            }
        }
    }

    private static byte[][] leaving(Answer answer, int count) {
        byte[][] all = answer.addresses();
        return count >= all.length ? all : Arrays.copyOf(all, count);
    }

    private boolean pin(Binding network, Allow allow, Answer answer, int count) {
        if (network.ended()) {
            tally.add(Count.PIN_FAILED);
            return false;
        }
        byte[][] leaving = leaving(answer, count);
        Pinner pinner = network.network().pinner();
        if (pinner.holds(leaving, allow.ports(), pinSeconds(answer), nowNanos)) {
            tally.add(Count.PINNED); // and no look at the clock: two are a hundredth of an answer
            return true;
        }
        long start = System.nanoTime();
        boolean open = pinner.pin(leaving, allow.ports(), pinSeconds(answer));
        long took = System.nanoTime() - start;
        boolean late = took > PIN_LIMIT_NANOS;
        tally.pinned(took);
        tally.add(!open ? Count.PIN_FAILED : late ? Count.PIN_SLOW : Count.PINNED);
        return open && !late;
    }

    private static int pinSeconds(Answer answer) {
        return Math.max(PIN_LEAST_SECONDS, answer.ttl() + PIN_GRACE_SECONDS);
    }
}
