package io.sallyport.resolver.journey;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.budget.Budget;
import io.sallyport.resolver.budget.Budget.Toll;
import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.count.Counters.Origin;
import io.sallyport.resolver.count.Counters.Outcome;
import io.sallyport.resolver.count.Counters.Tally;
import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.front.FrontCache;
import io.sallyport.resolver.front.FrontCache.Hit;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.policy.Policy.Deny;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.resolver.policy.Policy.Subject;
import io.sallyport.resolver.policy.Policy.Verdict;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.query.Query.Gate;
import io.sallyport.resolver.querylog.QueryLog.Pen;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.reply.Reply;
import io.sallyport.resolver.special.SpecialNames;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of every query. One belongs to each event loop and is called on it only. */
public final class Journey {

    /**
     * Whoever asked. Exactly one of {@link #answer} and {@link #silence} is called for each
     * message, on the event loop.
     */
    public interface Client {

        /** The upper half of the client's address, as {@link Networks#find(long, long)} has it. */
        long addressHigh();

        /** The lower half. */
        long addressLow();

        /** Whether it asks over a stream. */
        boolean stream();

        /** Sends the message that was written last; copies it before it returns. */
        void answer(Reply reply);

        /** No answer comes. */
        void silence();

        /** The same client, for an answer that comes when others have asked. */
        Client kept();
    }

    /** A fresh answer from the cache, or null; never blocks. */
    @FunctionalInterface
    public interface Cached {
        @Nullable Answer cached(Question question, long nowNanos);
    }

    /** Finds an answer and calls back on the loop exactly once. */
    @FunctionalInterface
    public interface Find {
        void find(Question question, EventLoop loop, Consumer<Answer> then);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Journey.class);

    /** Messages of a batch. */
    public static final int MOST_AT_ONCE = 64;

    private static final int ANY = 255;

    private static final ExtendedError FILTERED_TYPE =
            new ExtendedError(
                    ExtendedError.FILTERED,
                    "the name is allowed, this record type is not; A and AAAA are");
    private final Networks networks;
    private final Cached cached;
    private final Find find;
    private final Tally tally;
    private final EventLoop loop;
    private final Reply reply;
    private final Refusals refusals;
    private final Departure departure;
    private final Arrivals arrivals;
    private final FrontCache front = new FrontCache();
    private final LongSupplier clock;
    private final Turnstile turnstile;
    private final Baker baker;
    private final Local local;
    private final Query query = new Query();
    private Outcome decision = Outcome.BAD_QUERY;
    private final Subject subject = new Subject();
    private final Telling telling;
    private final @Nullable Binding[] expected = new @Nullable Binding[MOST_AT_ONCE];

    /** Only so that the compiler does not leave out what is fetched. */
    @SuppressWarnings("UnusedVariable")
    private long fetched;

    private boolean faulty;
    private long nowNanos;
    private long nowSeconds;

    public Journey(
            Networks networks,
            Cached cached,
            Find find,
            Cookies cookies,
            Tally tally,
            EventLoop loop,
            @Nullable Pen log) {
        this(networks, cached, find, cookies, tally, loop, log, System::nanoTime);
    }

    Journey(
            Networks networks,
            Cached cached,
            Find find,
            Cookies cookies,
            Tally tally,
            EventLoop loop,
            @Nullable Pen log,
            LongSupplier clock) {
        this.networks = networks;
        this.cached = cached;
        this.find = find;
        this.turnstile = new Turnstile(networks, tally);
        this.baker = new Baker(cookies, tally);
        this.tally = tally;
        this.loop = loop;
        this.reply = new Reply(tally);
        this.refusals = new Refusals(reply);
        this.telling = new Telling(tally, log, clock);
        this.departure = new Departure(reply, tally);
        this.arrivals = new Arrivals(loop, this::tick, reply, departure, telling, this::dropped);
        this.local = new Local(reply, tally);
        this.clock = clock;
        tick();
    }

    /** What a client's network may spend. */
    public Budget budget(long addressHigh, long addressLow) {
        return turnstile.budget(networks.find(addressHigh, addressLow));
    }

    /** What this loop has counted, for the listener to add to. */
    public Tally tally() {
        return tally;
    }

    /** Looks at the clock, once for each batch of messages. */
    public void tick() {
        nowNanos = clock.getAsLong();
        nowSeconds = System.currentTimeMillis() / 1000;
        departure.tick(nowNanos, nowSeconds);
    }

    /** Notes how long a batch took, when its answers have been sent. */
    public void tock() {
        telling.settle(nowNanos);
    }

    /**
     * Takes one message on its way; does not keep or release it. Nothing that it holds can make
     * this throw.
     */
    public void begin(ByteBuf message, Client client) {
        try {
            Binding network = networks.find(client.addressHigh(), client.addressLow());
            Toll toll = turnstile.toll(network, client, nowNanos);
            if (toll != Toll.SILENCE) {
                ask(query.read(message), network, toll, client);
            }
        } catch (Throwable fault) {
            dropped(fault, client);
        }
    }

    /**
     * Finds who a message of a batch is from; after the last one comes {@link #fetch}.
     *
     * @param place of the message in its batch, less than {@link #MOST_AT_ONCE}
     */
    public void expect(int place, Client client) {
        expected[place] = networks.find(client.addressHigh(), client.addressLow());
    }

    /**
     * Reads what the networks of a batch need, before any of its messages is looked at: of a
     * thousand networks most of that is far from the processor. Here these waits overlap; between
     * two messages each would be waited for alone.
     */
    public void fetch(int messages) {
        long all = 0;
        for (int i = 0; i < messages; i++) {
            Binding network = expected[i];
            if (network != null) {
                all += network.fetch();
            }
        }
        fetched = all;
    }

    /**
     * As {@link #begin(ByteBuf, Client)}, of octets outside the heap.
     *
     * @param place of the message, by which {@link #expect} was told of its client
     */
    public void begin(MemorySegment memory, long offset, int length, int place, Client client) {
        try {
            Binding network = expected[place];
            if (network == null || network.ended()) { // or another is there by now
                network = networks.find(client.addressHigh(), client.addressLow());
            }
            Toll toll = turnstile.toll(network, client, nowNanos);
            if (toll != Toll.SILENCE) {
                ask(query.read(memory, offset, length), network, toll, client);
            }
        } catch (Throwable fault) {
            dropped(fault, client);
        }
    }

    private void ask(Gate gate, @Nullable Binding network, Toll toll, Client client) {
        boolean tcp = client.stream();
        turnstile.read(client, query, gate);
        if (gate == Gate.SILENT) {
            tally.add(Count.DROPPED_SILENT);
            client.silence();
            return;
        }
        if (query.cookieLength() > 0) {
            baker.bake(query, client, nowSeconds);
        }
        if (gate != Gate.PASS) {
            decide(Outcome.BAD_QUERY);
            tell(client, network, Origin.ERROR, refusals.turnAway(query, gate, tcp));
            return;
        }
        if (network == null) {
            decide(Outcome.UNKNOWN_CLIENT);
            tell(client, null, Origin.POLICY, refusals.stranger(query, tcp));
            return;
        }
        if (toll == Toll.TELL) {
            decide(Outcome.OVER_BUDGET);
            Reply told = reply.refuse(query, Reply.SERVFAIL, Budget.TOO_MANY_QUERIES, tcp);
            tell(client, network, Origin.LIMIT, told);
            return;
        }
        if (!query.recursionDesired()) {
            decide(Outcome.BAD_QUERY);
            tell(client, network, Origin.ERROR, refusals.withoutRecursion(query, tcp));
            return;
        }
        subject.prepare(query.lowered(), query.nameLength());
        Verdict verdict = network.policy().judge(subject);
        if (verdict instanceof Allow allow) {
            decide(Outcome.ALLOWED);
            network.allowed();
            answer(network, allow, tcp, client);
            return;
        }
        Reason reason = ((Deny) verdict).reason();
        if (reason == Reason.NOT_ALLOWED && network.observes() && observable()) {
            observe(network, tcp, client);
        } else {
            tell(client, network, Origin.POLICY, deny(network, reason, tcp));
        }
    }

    /** Special-use names stay here in any mode. */
    private boolean observable() {
        return !SpecialNames.answeredHere(query.lowered(), query.nameLength(), false);
    }

    private void observe(Binding network, boolean tcp, Client client) {
        decide(Outcome.OBSERVED);
        network.observed(query.lowered(), query.nameLength(), subject.hash(), nowSeconds);
        answer(network, network.policy().observed(), tcp, client);
    }

    private Reply deny(Binding network, Reason reason, boolean tcp) {
        Reply explained = local.explained(query, network, tcp);
        if (explained != null) {
            decision = Outcome.ALLOWED;
            return explained;
        }
        Reply pointer =
                reason == Reason.NOT_ALLOWED ? local.pointer(query, network, nowNanos, tcp) : null;
        if (pointer != null) {
            decide(Outcome.ALLOWED);
            return pointer;
        }
        decide(Refusals.decision(reason));
        network.denied(query.lowered(), query.nameLength(), subject.hash(), reason, nowSeconds);
        boolean nodata = reason == Reason.NOT_ALLOWED && network.policy().isAncestor(subject);
        return reply.deny(
                query, nodata ? Reply.NOERROR : Reply.NXDOMAIN, network.denial(reason), tcp);
    }

    private void answer(Binding network, Allow allow, boolean tcp, Client client) {
        if (SpecialNames.answeredHere(query.lowered(), query.nameLength(), allow.explicit())) {
            tell(client, network, Origin.POLICY, local.special(query, network, nowNanos, tcp));
            return;
        }
        if (query.type() == ANY) {
            tell(client, network, Origin.POLICY, reply.minimalAny(query, tcp));
            return;
        }
        if (!network.policy().allowsType(query.type())) {
            decide(Outcome.TYPE);
            Reply told = reply.deny(query, Reply.NOERROR, FILTERED_TYPE, tcp);
            tell(client, network, Origin.POLICY, told);
            return;
        }
        Hit hit = front.find(subject.hash(), query, allow.filter(), nowNanos);
        if (hit != null) {
            tally.add(Count.FRONT_HIT);
            cached(client, network, hit.name(), allow, hit.answer());
            return;
        }
        Question question = question(allow);
        Answer answer = cached.cached(question, nowNanos);
        if (answer != null) {
            Answer kept = front.put(subject.hash(), question, answer, nowNanos);
            cached(client, network, question.name(), allow, kept);
            return;
        }
        findThenAnswer(question, network, allow, client);
    }

    private void cached(Client client, Binding network, WireName name, Allow allow, Answer answer) {
        Reply told = departure.of(query, name, network, allow, answer, client.stream());
        decision = departure.decision(decision);
        tell(client, network, departure.origin(Origin.CACHE), told);
    }

    private void decide(Outcome made) {
        decision = made;
        tally.decided(made);
    }

    private void tell(Client client, @Nullable Binding network, Origin origin, Reply told) {
        telling.now(client, query, network, decision, origin, told, nowNanos);
    }

    private Question question(Allow allow) {
        return new Question(
                WireName.ofLowered(query.lowered(), 0, query.nameLength()),
                query.type(),
                query.dnssec(),
                query.checkingDisabled(),
                allow.filter());
    }

    private void findThenAnswer(Question question, Binding network, Allow allow, Client asking) {
        boolean tcp = asking.stream();
        ExtendedError overBudget = turnstile.depart(network, allow, query, nowNanos);
        if (overBudget != null) {
            decide(Outcome.OVER_BUDGET);
            Reply told = reply.refuse(query, Reply.SERVFAIL, overBudget, tcp);
            tell(asking, network, Origin.LIMIT, told);
            return;
        }
        Policy judgedBy = network.policy();
        Outcome made = decision;
        long since = nowNanos;
        Query waiting = query.detached();
        Client client = asking.kept();
        Consumer<Answer> then =
                answer -> {
                    network.budget().arrived();
                    arrivals.add(
                            new Arrivals.Arrival(
                                    waiting,
                                    question.name(),
                                    network,
                                    judgedBy,
                                    allow,
                                    answer,
                                    client,
                                    made,
                                    since));
                };
        try {
            find.find(question, loop, then);
        } catch (RuntimeException fault) {
            network.budget().arrived();
            throw fault;
        }
    }

    private void dropped(Throwable fault, Client client) {
        tally.add(Count.DROPPED_FAULT);
        if (!faulty) {
            faulty = true;
            LOG.error(
                    "a query was dropped because of a fault in this program; further ones are only counted",
                    fault);
        }
        client.silence();
    }
}
