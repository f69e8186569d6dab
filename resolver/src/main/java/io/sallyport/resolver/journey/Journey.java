package io.sallyport.resolver.journey;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.budget.Budget;
import io.sallyport.resolver.budget.Budget.Toll;
import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.count.Counters.Tally;
import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.front.FrontCache;
import io.sallyport.resolver.front.FrontCache.Hit;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.pointer.Pointers.Pointer;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.policy.Policy.Deny;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.resolver.policy.Policy.Subject;
import io.sallyport.resolver.policy.Policy.Verdict;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.query.Query.Gate;
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
    private static final int ANY = 255;
    private static final int PTR = 12;
    private static final int TXT = 16;

    private static final ExtendedError SPECIAL_USE =
            new ExtendedError(
                    ExtendedError.BLOCKED,
                    "a special-use name: answered here, never sent on; retrying will not help");
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
    private final Why why;
    private final Query query = new Query();
    private final Subject subject = new Subject();
    private boolean faulty;
    private long nowNanos;
    private long nowSeconds;

    public Journey(
            Networks networks,
            Cached cached,
            Find find,
            Cookies cookies,
            Tally tally,
            EventLoop loop) {
        this(networks, cached, find, cookies, tally, loop, System::nanoTime);
    }

    Journey(
            Networks networks,
            Cached cached,
            Find find,
            Cookies cookies,
            Tally tally,
            EventLoop loop,
            LongSupplier clock) {
        this.networks = networks;
        this.cached = cached;
        this.find = find;
        this.turnstile = new Turnstile(networks, tally);
        this.baker = new Baker(cookies, tally);
        this.tally = tally;
        this.loop = loop;
        this.reply = new Reply(tally);
        this.refusals = new Refusals(reply, tally);
        this.departure = new Departure(reply, tally);
        this.arrivals = new Arrivals(loop, this::tick, reply, departure, this::dropped);
        this.why = new Why(reply, tally);
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

    /** As {@link #begin(ByteBuf, Client)}, of octets outside the heap. */
    public void begin(MemorySegment memory, long offset, int length, Client client) {
        try {
            Binding network = networks.find(client.addressHigh(), client.addressLow());
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
        if (gate == Gate.SILENT) {
            tally.add(Count.DROPPED_SILENT);
            client.silence();
            return;
        }
        if (query.cookieLength() > 0) {
            baker.bake(query, client, nowSeconds);
        }
        if (gate != Gate.PASS) {
            client.answer(refusals.turnAway(query, gate, tcp));
            return;
        }
        if (network == null) {
            client.answer(refusals.stranger(query, tcp));
            return;
        }
        if (toll == Toll.TELL) {
            client.answer(reply.refuse(query, Reply.SERVFAIL, Budget.TOO_MANY_QUERIES, tcp));
            return;
        }
        if (!query.recursionDesired()) {
            client.answer(refusals.withoutRecursion(query, tcp));
            return;
        }
        subject.prepare(query.lowered(), query.nameLength());
        Verdict verdict = network.policy().judge(subject);
        if (verdict instanceof Allow allow) {
            tally.add(Count.ALLOWED);
            network.allowed();
            answer(network, allow, tcp, client);
            return;
        }
        Reason reason = ((Deny) verdict).reason();
        if (reason == Reason.NOT_ALLOWED && network.observes() && observable()) {
            observe(network, tcp, client);
        } else {
            client.answer(deny(network, reason, tcp));
        }
    }

    /** Special-use names stay here in any mode. */
    private boolean observable() {
        return !SpecialNames.answeredHere(query.lowered(), query.nameLength(), false);
    }

    private void observe(Binding network, boolean tcp, Client client) {
        tally.add(Count.OBSERVED);
        network.observed(query.lowered(), query.nameLength(), subject.hash(), nowSeconds);
        answer(network, network.policy().observed(), tcp, client);
    }

    private Reply deny(Binding network, Reason reason, boolean tcp) {
        Reply explained = query.type() == TXT ? why.of(query, network, tcp) : null;
        if (explained != null) {
            return explained;
        }
        Reply pointer = reason == Reason.NOT_ALLOWED ? pointer(network, tcp) : null;
        if (pointer != null) {
            tally.add(Count.ALLOWED);
            return pointer;
        }
        refusals.count(reason);
        network.denied(query.lowered(), query.nameLength(), subject.hash(), reason, nowSeconds);
        boolean nodata = reason == Reason.NOT_ALLOWED && network.policy().isAncestor(subject);
        return reply.deny(
                query, nodata ? Reply.NOERROR : Reply.NXDOMAIN, network.denial(reason), tcp);
    }

    private void answer(Binding network, Allow allow, boolean tcp, Client client) {
        if (SpecialNames.answeredHere(query.lowered(), query.nameLength(), allow.explicit())) {
            client.answer(special(network, tcp));
            return;
        }
        if (query.type() == ANY) {
            client.answer(reply.minimalAny(query, tcp));
            return;
        }
        if (!network.policy().allowsType(query.type())) {
            tally.add(Count.FILTERED_TYPE);
            client.answer(reply.deny(query, Reply.NOERROR, FILTERED_TYPE, tcp));
            return;
        }
        Hit hit = front.find(subject.hash(), query, allow.filter(), nowNanos);
        if (hit != null) {
            tally.add(Count.FRONT_HIT);
            client.answer(departure.of(query, hit.name(), network, allow, hit.answer(), tcp));
            return;
        }
        Question question = question(allow);
        Answer answer = cached.cached(question, nowNanos);
        if (answer != null) {
            front.put(subject.hash(), question, answer, nowNanos);
            client.answer(departure.of(query, question.name(), network, allow, answer, tcp));
            return;
        }
        findThenAnswer(question, network, allow, client);
    }

    private Question question(Allow allow) {
        return new Question(
                WireName.ofLowered(query.lowered(), 0, query.nameLength()),
                query.type(),
                query.dnssec(),
                query.checkingDisabled(),
                allow.filter());
    }

    private Reply special(Binding network, boolean tcp) {
        Reply explained = query.type() == TXT ? why.of(query, network, tcp) : null;
        if (explained != null) {
            return explained;
        }
        Reply pointer = pointer(network, tcp);
        if (pointer != null) {
            return pointer;
        }
        tally.add(Count.SPECIAL_USE);
        return reply.deny(query, Reply.NXDOMAIN, SPECIAL_USE, tcp);
    }

    /**
     * The one thing that a reverse zone is asked for here: the name of an address that this network
     * has been given, from memory. Null for all else, which then gets its denial.
     */
    private @Nullable Reply pointer(Binding network, boolean tcp) {
        if (query.type() != PTR && query.type() != ANY) {
            return null;
        }
        if (network.ended() || !network.policy().allowsPointers()) {
            return null;
        }
        Pointer pointer = network.pointers().find(query.lowered(), query.nameLength(), nowNanos);
        if (pointer == null) {
            return null;
        }
        tally.add(Count.SPECIAL_USE);
        return query.type() == ANY
                ? reply.minimalAny(query, tcp)
                : reply.pointer(query, pointer.name(), pointer.ttl(), tcp);
    }

    private void findThenAnswer(Question question, Binding network, Allow allow, Client asking) {
        boolean tcp = asking.stream();
        ExtendedError overBudget = turnstile.depart(network, allow, query, nowNanos);
        if (overBudget != null) {
            asking.answer(reply.refuse(query, Reply.SERVFAIL, overBudget, tcp));
            return;
        }
        Policy judgedBy = network.policy();
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
                                    client));
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
