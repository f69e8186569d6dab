package io.sallyport.resolver.upstream;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Check;
import io.sallyport.resolver.question.Question;
import java.util.Objects;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One question on its way: at most three queries, one after another, until one brings an answer.
 * Silence or nonsense leads to the next server and in the end to TCP; truncation, forgery and lost
 * case lead to TCP at once. Lives on one event loop.
 */
final class Exchange {
    /** RFC 9520 §3.1 allows three; more would multiply what a client sends. */
    static final int MAX_QUERIES = 3;

    /** For TCP while other ways are left. */
    private static final long TCP_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    /** Asking is pointless with less. */
    private static final long LEAST_LEFT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int FORMERR = 1;
    private static final int NOTIMP = 4;

    /** Why there is no answer, as an extended error (RFC 8914). */
    private enum Failure {
        SILENT(22, "no upstream answered in time"),
        REFUSED(22, "the upstreams could not resolve the name"),
        UNREACHABLE(23, "no upstream could be reached"),
        MALFORMED(24, "the upstreams sent a malformed answer");

        final int extendedError;
        final String text;

        Failure(int extendedError, String text) {
            this.extendedError = extendedError;
            this.text = text;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final Upstreams upstreams;
    private final Question question;
    private final EventLoop loop;
    private final Consumer<Answer> then;
    private final long deadlineNanos;
    private final int[] tries;
    private int queries;
    private int current;
    private boolean tcp;
    private boolean refusedEdns;
    private boolean finished;
    private long sentNanos;
    private Failure failure = Failure.SILENT;
    private @Nullable Query query;
    private @Nullable ScheduledFuture<?> timer;

    Exchange(Upstreams upstreams, Question question, EventLoop loop, Consumer<Answer> then) {
        this.upstreams = upstreams;
        this.question = question;
        this.loop = loop;
        this.then = then;
        this.deadlineNanos = System.nanoTime() + upstreams.budgetNanos();
        this.tries = new int[upstreams.ranking().size()];
    }

    void start() {
        guarded(this::next);
    }

    /** Asks the server that is worth most now; the last query goes over TCP. */
    private void next() {
        current = upstreams.ranking().choose(tries, System.nanoTime());
        if (current < 0) {
            fail();
            return;
        }
        tries[current]++;
        ask(queries == MAX_QUERIES - 1, server().knowsEdns(System.nanoTime()));
    }

    private Server server() {
        return upstreams.ranking().server(current);
    }

    private void ask(boolean overTcp, boolean edns) {
        long now = System.nanoTime();
        long left = deadlineNanos - now;
        if (queries == MAX_QUERIES || left < LEAST_LEFT_NANOS) {
            fail();
            return;
        }
        queries++;
        tcp = overTcp;
        sentNanos = now;
        Tally tally = upstreams.tally();
        tally.requests.increment();
        Query asked =
                new Query(
                        question,
                        server().keepsCase(now),
                        edns,
                        upstreams.trustAd(),
                        upstreams.randomness());
        query = asked;
        Attempt attempt;
        if (overTcp) {
            tally.tcp.increment();
            attempt = new TcpAttempt(asked, tally.mismatched, upstreams.connections(), this::ended);
        } else {
            attempt = new UdpAttempt(asked, tally.mismatched, this::ended);
        }
        timer =
                loop.schedule(
                        attempt::expire, Math.min(left, timeoutNanos()), TimeUnit.NANOSECONDS);
        attempt.start(loop, server());
    }

    /** The last query may use all that is left, the second twice the time of the first. */
    private long timeoutNanos() {
        if (queries == MAX_QUERIES) {
            return Long.MAX_VALUE;
        }
        return tcp ? TCP_TIMEOUT_NANOS : server().timeoutNanos() * queries;
    }

    private void ended(Attempt.End end, byte[] octets) {
        if (timer != null) {
            timer.cancel(false);
        }
        guarded(() -> proceed(end, octets));
    }

    /**
     * Our fault must not cost the asker an answer, nor the loop its other sockets. Logged once,
     * then counted.
     */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            if (upstreams.tally().countError()) {
                LOG.error("a lookup failed by a fault of this program; more are only counted", e);
            }
            fail();
        }
    }

    private void proceed(Attempt.End end, byte[] octets) {
        switch (end) {
            case REPLY -> judge(octets);
            case TRUNCATED, OTHER_CASE, FLOODED -> ask(true, asked().hasEdns());
            case NO_EDNS -> askWithoutEdns();
            case UNREACHABLE -> {
                upstreams.tally().unreachable.increment();
                lost(Failure.UNREACHABLE);
            }
            case SILENT -> {
                upstreams.tally().timeouts.increment();
                lost(Failure.SILENT);
            }
        }
    }

    private void lost(Failure reason) {
        failure = reason;
        server().silent(question.name(), System.nanoTime());
        next();
    }

    private void judge(byte[] octets) {
        long now = System.nanoTime();
        server().heard(now - sentNanos);
        switch (Check.check(octets, octets.length, question, upstreams.trustAd(), now)) {
            case Check.Accepted(var answer) -> {
                learn(octets, now);
                finish(answer);
            }
            case Check.Failed(int rcode, boolean edns) -> {
                boolean old = (rcode == FORMERR || rcode == NOTIMP) && !edns && asked().hasEdns();
                if (old && !refusedEdns) {
                    askWithoutEdns();
                } else {
                    failure = Failure.REFUSED;
                    tries[current] = Integer.MAX_VALUE;
                    next();
                }
            }
            case Check.Malformed() -> {
                upstreams.tally().malformed.increment();
                failure = Failure.MALFORMED;
                next();
            }
        }
    }

    /** Once: an upstream that refuses that too has had its say. */
    private void askWithoutEdns() {
        if (refusedEdns) {
            failure = Failure.REFUSED;
            tries[current] = Integer.MAX_VALUE;
            next();
        } else {
            refusedEdns = true;
            ask(tcp, false);
        }
    }

    private void learn(byte[] octets, long now) {
        if (asked().match(octets, octets.length) == Query.Match.OTHER_CASE) {
            server().lostCase(now);
        } else if (!tcp && server().keepsCase(now)) {
            server().keptCase();
        }
        if (refusedEdns && !asked().hasEdns()) {
            server().lacksEdns(now);
        }
    }

    private Query asked() {
        return Objects.requireNonNull(query);
    }

    private void fail() {
        upstreams.tally().failures.increment();
        finish(Answer.serverFailure(failure.extendedError, failure.text, System.nanoTime()));
    }

    private void finish(Answer answer) {
        if (!finished) {
            finished = true;
            then.accept(answer);
        }
    }
}
