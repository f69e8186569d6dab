package io.sallyport.resolver.upstream;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Check;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.Query.Carrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One question on its way: at most three queries, at most two of them at a time, until one brings
 * an answer. A server that is slow for its custom gets a rival (the hedge); silence or nonsense
 * leads to the next server and in the end to TCP; truncation, forgery and lost case lead to TCP at
 * once. What repetition costs beyond one query is paid from the group's {@link RetryBudget}. Lives
 * on one event loop.
 */
final class Exchange implements Attempt.Listener {
    /** RFC 9520 §3.1 allows three; more would multiply what a client sends. */
    static final int MAX_QUERIES = 3;

    /** For streams while other ways are left. */
    private static final long STREAM_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    /** Asking is pointless with less. */
    private static final long LEAST_LEFT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int FORMERR = 1;
    private static final int NOTIMP = 4;

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final Upstreams upstreams;
    private final Group group;
    private final Question question;
    private final EventLoop loop;
    private final Consumer<Answer> then;
    private final long deadlineNanos;
    private final int[] tries;
    private int queries;
    private boolean refusedEdns;
    private boolean finished;
    private Failure failure = Failure.SILENT;
    private @Nullable Attempt running;
    private @Nullable Attempt rival;

    Exchange(
            Upstreams upstreams,
            Group group,
            Question question,
            EventLoop loop,
            Consumer<Answer> then) {
        this.upstreams = upstreams;
        this.group = group;
        this.question = question;
        this.loop = loop;
        this.then = then;
        this.deadlineNanos = System.nanoTime() + upstreams.budgetNanos();
        this.tries = new int[group.size()];
    }

    void start() {
        try {
            group.budget().earn();
            next();
        } catch (Throwable e) {
            fault(e);
        }
    }

    /** With nothing on its way that is in time, asks the server that is worth most now. */
    private void next() {
        if (isLate(running) && isLate(rival)) {
            int choice = another();
            if (choice == Group.NOBODY) {
                fail();
            } else {
                ask(choice);
            }
        }
    }

    private static boolean isLate(@Nullable Attempt attempt) {
        return attempt == null || attempt.isBlamed();
    }

    /** Whom to ask next, if anyone, and if it can be paid for. */
    private int another() {
        long now = System.nanoTime();
        if (queries == MAX_QUERIES || deadlineNanos - now < LEAST_LEFT_NANOS) {
            return Group.NOBODY;
        }
        int choice = group.choose(tries);
        if (choice == Group.NOBODY || queries == 0) {
            return choice;
        }
        // One that is well and has not been asked yet bears it: it is not in trouble.
        boolean free = tries[choice] == 0 && group.server(choice).isWell(now);
        boolean hopeless = group.failing().isGivenUp(question.name());
        if (free || (!hopeless && group.budget().spend())) {
            upstreams.tally().retries.increment();
            return choice;
        }
        upstreams.tally().denied.increment();
        return Group.NOBODY;
    }

    private void ask(int choice) {
        tries[choice]++;
        Server server = group.server(choice);
        long now = System.nanoTime();
        boolean fits =
                server.isSecure() || upstreams.allowance().spend(now) || !server.takesStreams(now);
        Carrier carrier = fits && queries < MAX_QUERIES - 1 ? Carrier.UDP : Carrier.TCP;
        send(server, carrier, server.knowsEdns(now), false);
    }

    /** The same server again, in another way. */
    private void again(Attempt attempt, Carrier carrier, boolean edns, boolean fresh) {
        if (queries < MAX_QUERIES && deadlineNanos - System.nanoTime() >= LEAST_LEFT_NANOS) {
            send(attempt.server, carrier, edns, fresh);
        } else {
            next();
        }
    }

    private void send(Server server, Carrier wished, boolean edns, boolean fresh) {
        long now = System.nanoTime();
        Carrier carrier = server.isSecure() ? Carrier.TLS : wished;
        queries++;
        Tally tally = upstreams.tally();
        tally.queries(carrier).increment();
        Query query =
                new Query(
                        question,
                        carrier,
                        carrier != Carrier.TLS && server.keepsCase(now),
                        edns,
                        upstreams.trustAd(),
                        upstreams.randomness());
        Attempt attempt;
        if (carrier == Carrier.UDP) {
            attempt = new UdpAttempt(query, server, loop, tally.mismatched, this);
        } else {
            attempt = new StreamAttempt(query, server, loop, upstreams.randomness(), fresh, this);
            if (carrier == Carrier.TLS && edns) {
                tally.padded.increment();
            }
        }
        boolean hedged = queries == 1 && group.size() > 1;
        if (running == null) {
            running = attempt;
        } else {
            attempt.rival = !running.isBlamed(); // else it takes the place of one that is late
            rival = attempt;
        }
        attempt.first = queries == 1;
        attempt.hedged = hedged;
        long patience = hedged ? server.hedgeNanos() : timeoutNanos(attempt);
        attempt.arm(Math.min(patience, deadlineNanos - now));
        attempt.start();
    }

    /** The last query may use all that is left, the second twice the time of the first. */
    private long timeoutNanos(Attempt attempt) {
        if (queries == MAX_QUERIES) {
            return Long.MAX_VALUE;
        }
        return attempt.query.carrier() == Carrier.UDP
                ? attempt.server.timeoutNanos() * queries
                : STREAM_TIMEOUT_NANOS;
    }

    @Override
    public void due(Attempt attempt) {
        try {
            long left = deadlineNanos - System.nanoTime();
            if (attempt.hedged) {
                attempt.hedged = false;
                long rest = timeoutNanos(attempt) - attempt.server.hedgeNanos();
                attempt.arm(Math.clamp(rest, 1, Math.max(left, 1)));
                hedge();
            } else {
                late(attempt, left);
            }
        } catch (Throwable e) {
            fault(e);
        }
    }

    /** The first answer that is good wins. */
    private void hedge() {
        int choice = group.choose(tries);
        if (rival != null || choice == Group.NOBODY || tries[choice] > 0) {
            return;
        }
        if (!group.server(choice).isUp() || !group.budget().spend()) {
            upstreams.tally().denied.increment();
            return;
        }
        upstreams.tally().hedges.increment();
        ask(choice);
    }

    /** Without another query to send, waiting on costs nothing. */
    private void late(Attempt attempt, long leftNanos) {
        if (attempt.blame()) {
            upstreams.tally().timeouts.increment();
            failure = Failure.SILENT;
            suspect(attempt.server);
        }
        boolean alone = running == null || rival == null;
        int choice = another();
        if (leftNanos > 0 && (alone || choice == Group.NOBODY)) {
            attempt.arm(leftNanos); // its answer may still come, and is as good then
        } else {
            forget(attempt);
            attempt.drop();
        }
        if (choice != Group.NOBODY) {
            ask(choice);
        } else if (leftNanos <= 0) {
            next();
        }
    }

    private void suspect(Server server) {
        if (server.silent(question.name(), System.nanoTime())) {
            new Probe(upstreams, group, server, loop).start();
        }
    }

    private void forget(Attempt attempt) {
        if (running == attempt) {
            running = null;
        } else if (rival == attempt) {
            rival = null;
        }
    }

    @Override
    public void ended(Attempt attempt, Attempt.End end, byte[] octets) {
        try {
            forget(attempt);
            proceed(attempt, end, octets);
        } catch (Throwable e) {
            fault(e);
        }
    }

    private void proceed(Attempt attempt, Attempt.End end, byte[] octets) {
        switch (end) {
            case REPLY -> judge(attempt, octets);
            case TRUNCATED, OTHER_CASE, FLOODED ->
                    again(attempt, Carrier.TCP, attempt.query.hasEdns(), false);
            case NO_EDNS -> askWithoutEdns(attempt);
            case STALE -> again(attempt, attempt.query.carrier(), attempt.query.hasEdns(), true);
            case UNREACHABLE -> {
                upstreams.tally().unreachable.increment();
                if (attempt.mayBeDatagram()) {
                    attempt.server.refusesStreams(System.nanoTime());
                    again(attempt, Carrier.UDP, attempt.query.hasEdns(), false);
                    return;
                }
                failure = Failure.UNREACHABLE;
                suspect(attempt.server);
                next();
            }
            case BUSY -> {
                if (attempt.mayBeDatagram()) {
                    again(attempt, Carrier.UDP, attempt.query.hasEdns(), false);
                } else {
                    failure = Failure.UNREACHABLE;
                    bar(attempt);
                }
            }
        }
    }

    private void judge(Attempt attempt, byte[] octets) {
        long now = System.nanoTime();
        Server server = attempt.server;
        if (attempt.query.carrier() == Carrier.TCP) {
            server.heard(now); // a connection's distance is not a datagram's
        } else {
            server.heard(now - attempt.sentNanos, now);
        }
        switch (Check.check(octets, octets.length, question, upstreams.trustAd(), now)) {
            case Check.Accepted(var answer) -> {
                group.failing().answered(question.name());
                learn(attempt, octets, now);
                if (attempt.rival) {
                    upstreams.tally().hedgesWon.increment();
                }
                finish(answer);
            }
            case Check.Failed(int rcode, boolean edns) -> {
                if ((rcode == FORMERR || rcode == NOTIMP) && !edns && attempt.query.hasEdns()) {
                    askWithoutEdns(attempt);
                } else {
                    failure = Failure.REFUSED;
                    bar(attempt);
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
    private void askWithoutEdns(Attempt attempt) {
        if (refusedEdns) {
            failure = Failure.REFUSED;
            bar(attempt);
        } else {
            refusedEdns = true;
            again(attempt, attempt.query.carrier(), false, false);
        }
    }

    /** This server has had its say. */
    private void bar(Attempt attempt) {
        tries[group.servers().indexOf(attempt.server)] = Group.BARRED;
        next();
    }

    private void learn(Attempt attempt, byte[] octets, long now) {
        Query query = attempt.query;
        Server server = attempt.server;
        if (query.carrier() == Carrier.TCP) {
            if (query.match(octets, octets.length) == Query.Match.OTHER_CASE) {
                server.lostCase(now);
            }
        } else if (query.carrier() == Carrier.UDP && server.keepsCase(now)) {
            server.keptCase();
        }
        if (refusedEdns && !query.hasEdns()) {
            server.lacksEdns(now);
        }
    }

    /**
     * Our fault must not cost the asker an answer, nor the loop its other sockets. Logged once,
     * then counted.
     */
    private void fault(Throwable e) {
        if (upstreams.tally().countError()) {
            LOG.error("a lookup failed by a fault of this program; more are only counted", e);
        }
        fail();
    }

    private void fail() {
        if (!finished) {
            upstreams.tally().failures.increment();
            group.failing().failed(question.name());
            finish(Answer.serverFailure(failure.extendedError, failure.text, System.nanoTime()));
        }
    }

    private void finish(Answer answer) {
        if (!finished) {
            finished = true;
            try {
                then.accept(answer);
            } finally {
                lose(running);
                lose(rival);
            }
        }
    }

    /** An attempt that nobody waits for; what it says of its server is not lost. */
    private void lose(@Nullable Attempt loser) {
        if (loser == null) {
            return;
        }
        long waited = System.nanoTime() - loser.sentNanos;
        boolean overdue = waited > loser.server.hedgeNanos();
        loser.server.outrun(waited);
        loser.drop();
        if (overdue) {
            suspect(loser.server);
        }
    }
}
