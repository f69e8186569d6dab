package io.sallyport.resolver.journey;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.count.Counters;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.pointer.Pointers.Pointer;
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
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of every query. One belongs to each event loop and is called on it only. */
public final class Journey {

    /** Whoever asked. Exactly one of the two is called for each message, on the event loop. */
    public interface Client {

        /** Takes over the buffer. */
        void answer(ByteBuf reply, InetSocketAddress to);

        /** No answer comes. */
        void silence();
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

    private static final ExtendedError STRANGER =
            new ExtendedError(
                    ExtendedError.PROHIBITED,
                    "this address belongs to no network that may ask here");
    private static final ExtendedError NO_RECURSION =
            new ExtendedError(
                    ExtendedError.NOT_AUTHORITATIVE,
                    "only recursive questions are answered: set RD");
    private static final ExtendedError NOT_IN =
            new ExtendedError(ExtendedError.NOT_SUPPORTED, "class IN only");
    private static final ExtendedError NOT_THIS_TYPE =
            new ExtendedError(ExtendedError.NOT_SUPPORTED, "no such question is answered here");
    private static final ExtendedError SPECIAL_USE =
            new ExtendedError(
                    ExtendedError.BLOCKED,
                    "a special-use name: answered here, never sent on; retrying will not help");
    private static final ExtendedError FILTERED_TYPE =
            new ExtendedError(
                    ExtendedError.FILTERED,
                    "the name is allowed, this record type is not; A and AAAA are");
    private static final ExtendedError NOT_ENFORCED =
            new ExtendedError(ExtendedError.OTHER, "enforcement not ready");
    private static final ExtendedError TOO_MANY =
            new ExtendedError(
                    ExtendedError.OTHER,
                    "too many questions of this network are under way; slow down");

    private final Networks networks;
    private final Cached cached;
    private final Find find;
    private final Counters counters;
    private final EventLoop loop;
    private final Reply reply;
    private final LongSupplier clock;
    private final Query query = new Query();
    private final Subject subject = new Subject();
    private long nowNanos;
    private long nowSeconds;

    public Journey(
            Networks networks,
            Cached cached,
            Find find,
            Counters counters,
            EventLoop loop,
            Reply reply) {
        this(networks, cached, find, counters, loop, reply, System::nanoTime);
    }

    Journey(
            Networks networks,
            Cached cached,
            Find find,
            Counters counters,
            EventLoop loop,
            Reply reply,
            LongSupplier clock) {
        this.networks = networks;
        this.cached = cached;
        this.find = find;
        this.counters = counters;
        this.loop = loop;
        this.reply = reply;
        this.clock = clock;
        nowNanos = clock.getAsLong();
    }

    /** Looks at the clock, once for each batch of messages. */
    public void tick() {
        nowNanos = clock.getAsLong();
        nowSeconds = System.currentTimeMillis() / 1000;
    }

    /**
     * Takes one message on its way; does not keep or release it. Nothing that it holds can make
     * this throw.
     */
    public void begin(ByteBuf message, InetSocketAddress from, boolean tcp, Client client) {
        counters.add(tcp ? Count.QUERIES_TCP : Count.QUERIES_UDP);
        try {
            ask(message, from, tcp, client);
        } catch (Throwable fault) {
            dropped(fault, client);
        }
    }

    private void ask(ByteBuf message, InetSocketAddress from, boolean tcp, Client client) {
        Gate gate = query.read(message);
        if (gate == Gate.SILENT) {
            counters.add(Count.DROPPED_SILENT);
            client.silence();
            return;
        }
        if (gate != Gate.PASS) {
            client.answer(turnAway(gate, tcp), from);
            return;
        }
        Binding network = networks.find(from.getAddress().getAddress());
        if (network == null) {
            counters.add(Count.DENIED_STRANGER);
            client.answer(reply.refuse(query, Reply.REFUSED, STRANGER, tcp), from);
            return;
        }
        if (!query.recursionDesired()) {
            // RFC 1034 §4.3.1; an answer from the cache would tell what others have asked.
            client.answer(reply.refuse(query, Reply.REFUSED, NO_RECURSION, tcp), from);
            return;
        }
        subject.prepare(query.lowered(), query.nameLength());
        Verdict verdict = network.network().policy().judge(subject);
        if (verdict instanceof Allow allow) {
            answer(network, allow, from, tcp, client);
        } else {
            client.answer(deny(network, ((Deny) verdict).reason(), tcp), from);
        }
    }

    private ByteBuf turnAway(Gate gate, boolean tcp) {
        return switch (gate) {
            case OPCODE -> reply.headerOnly(query, Reply.NOTIMP, tcp);
            case VERSION -> reply.badVersion(query, tcp);
            case CLASS -> reply.refuse(query, Reply.REFUSED, NOT_IN, tcp);
            case TRANSFER -> reply.refuse(query, Reply.REFUSED, NOT_THIS_TYPE, tcp);
            case PSEUDO_TYPE -> reply.refuse(query, Reply.FORMERR, NOT_THIS_TYPE, tcp);
            case META_TYPE -> reply.refuse(query, Reply.NOTIMP, NOT_THIS_TYPE, tcp);
            case MALFORMED, SILENT, PASS -> reply.headerOnly(query, Reply.FORMERR, tcp);
        };
    }

    private ByteBuf deny(Binding network, Reason reason, boolean tcp) {
        ByteBuf pointer = reason == Reason.NOT_ALLOWED ? pointer(network, tcp) : null;
        if (pointer != null) {
            counters.add(Count.ALLOWED);
            return pointer;
        }
        counters.add(count(reason));
        network.denied(query.lowered(), query.nameLength(), subject.hash(), reason, nowSeconds);
        boolean nodata =
                reason == Reason.NOT_ALLOWED && network.network().policy().isAncestor(subject);
        return reply.deny(
                query, nodata ? Reply.NOERROR : Reply.NXDOMAIN, network.denial(reason), tcp);
    }

    private static Count count(Reason reason) {
        return switch (reason) {
            case NOT_READY -> Count.DENIED_PENDING;
            case INTERNET_OFF -> Count.DENIED_INTERNET_OFF;
            case DENIED_DOMAIN -> Count.DENIED_RULE;
            case EMERGENCY -> Count.DENIED_EMERGENCY;
            case PUBLIC_RESOLVER -> Count.DENIED_PUBLIC_RESOLVER;
            case NOT_ALLOWED -> Count.DENIED_NO_RULE;
        };
    }

    private void answer(
            Binding network, Allow allow, InetSocketAddress from, boolean tcp, Client client) {
        counters.add(Count.ALLOWED);
        if (SpecialNames.answeredHere(query.lowered(), query.nameLength(), allow.explicit())) {
            client.answer(special(network, tcp), from);
            return;
        }
        if (query.type() == ANY) {
            client.answer(reply.minimalAny(query, tcp), from);
            return;
        }
        if (!network.network().policy().allowsType(query.type())) {
            counters.add(Count.FILTERED_TYPE);
            client.answer(reply.deny(query, Reply.NOERROR, FILTERED_TYPE, tcp), from);
            return;
        }
        WireName name = WireName.ofLowered(query.lowered(), 0, query.nameLength());
        Question question =
                new Question(
                        name,
                        query.type(),
                        query.dnssec(),
                        query.checkingDisabled(),
                        allow.filter());
        Answer answer = cached.cached(question, nowNanos);
        if (answer != null) {
            client.answer(pinned(query, name, network, allow, answer, tcp), from);
            return;
        }
        findThenAnswer(question, network, allow, from, tcp, client);
    }

    private ByteBuf special(Binding network, boolean tcp) {
        ByteBuf pointer = pointer(network, tcp);
        if (pointer != null) {
            return pointer;
        }
        counters.add(Count.SPECIAL_USE);
        return reply.deny(query, Reply.NXDOMAIN, SPECIAL_USE, tcp);
    }

    /**
     * The one thing that a reverse zone is asked for here: the name of an address that this network
     * has been given, from memory. Null for all else, which then gets its denial.
     */
    private @Nullable ByteBuf pointer(Binding network, boolean tcp) {
        if (query.type() != PTR && query.type() != ANY) {
            return null;
        }
        if (network.ended() || !network.network().policy().allowsPointers()) {
            return null;
        }
        Pointer pointer = network.pointers().find(query.lowered(), query.nameLength(), nowNanos);
        if (pointer == null) {
            return null;
        }
        counters.add(Count.SPECIAL_USE);
        return query.type() == ANY
                ? reply.minimalAny(query, tcp)
                : reply.pointer(query, pointer.name(), pointer.ttl(), tcp);
    }

    private void findThenAnswer(
            Question question,
            Binding network,
            Allow allow,
            InetSocketAddress from,
            boolean tcp,
            Client client) {
        if (!network.enter()) {
            counters.add(Count.TOO_MANY_IN_FLIGHT);
            client.answer(reply.refuse(query, Reply.SERVFAIL, TOO_MANY, tcp), from);
            return;
        }
        Query waiting = query.detached();
        Consumer<Answer> then =
                answer -> {
                    network.leave();
                    try {
                        tick();
                        client.answer(
                                pinned(waiting, question.name(), network, allow, answer, tcp),
                                from);
                    } catch (Throwable fault) {
                        dropped(fault, client);
                    }
                };
        try {
            find.find(question, loop, then);
        } catch (RuntimeException fault) {
            network.leave();
            throw fault;
        }
    }

    /**
     * The only way by which addresses leave: what is written is what fits, and what fits is pinned
     * first.
     */
    private ByteBuf pinned(
            Query asked, WireName name, Binding network, Allow allow, Answer answer, boolean tcp) {
        int addresses = reply.fit(asked, answer, tcp);
        int pinned = Reply.NO_PIN_NEEDED;
        if (addresses > 0 && allow.ports().length > 0) {
            pinned = pin(network, allow, answer, addresses) ? addresses : 0;
        }
        if (pinned == 0 || network.ended()) {
            return reply.refuse(asked, Reply.SERVFAIL, NOT_ENFORCED, tcp);
        }
        ByteBuf written = reply.answer(asked, answer, nowNanos, pinned, tcp);
        if (written == null) {
            return reply.refuse(asked, Reply.SERVFAIL, NOT_ENFORCED, tcp);
        }
        network.pointers().remember(name, answer, addresses, pinSeconds(answer), nowNanos);
        return written;
    }

    private boolean pin(Binding network, Allow allow, Answer answer, int count) {
        if (network.ended()) {
            counters.add(Count.PIN_FAILED);
            return false;
        }
        byte[][] all = answer.addresses();
        byte[][] leaving = count >= all.length ? all : Arrays.copyOf(all, count);
        long start = System.nanoTime();
        boolean open = network.network().pinner().pin(leaving, allow.ports(), pinSeconds(answer));
        boolean late = System.nanoTime() - start > PIN_LIMIT_NANOS;
        counters.add(!open ? Count.PIN_FAILED : late ? Count.PIN_SLOW : Count.PINNED);
        return open && !late;
    }

    private static int pinSeconds(Answer answer) {
        return Math.max(PIN_LEAST_SECONDS, answer.ttl() + PIN_GRACE_SECONDS);
    }

    private void dropped(Throwable fault, Client client) {
        counters.add(Count.DROPPED_FAULT);
        if (counters.value(Count.DROPPED_FAULT) == 1) {
            LOG.error(
                    "a query was dropped because of a fault in this program; further ones are only counted",
                    fault);
        }
        client.silence();
    }
}
