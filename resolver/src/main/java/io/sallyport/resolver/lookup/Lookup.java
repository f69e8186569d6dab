package io.sallyport.resolver.lookup;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.cache.AnswerCache;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.Upstreams;
import io.sallyport.resolver.validate.Validator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a question that policy has allowed to a checked answer: cache, then a question already in
 * flight, then an upstream. Shared by all event loops.
 */
public final class Lookup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lookup.class);

    /**
     * Each holds a descriptor and half a kilobyte, at the longest for the budget; clients' sockets
     * need descriptors too.
     */
    static final int MAX_FLIGHTS = 4096;

    /** Each holds a client's buffer and a task. */
    static final int MAX_WAITING = 20_000;

    /**
     * RFC 8767 §5: how long a client waits before it gets a stale answer. Those who wait longer
     * have none, and are told SERVFAIL before they give up.
     */
    static final long CLIENT_PATIENCE_MILLIS = 1800;

    /**
     * @param upstreams servers that recurse for us
     * @param cacheBytes bound of the cache, overhead included
     * @param serveStale whether an answer may be told after its time, when the upstreams fail
     * @param validation whether signatures are looked at here, and whose are trusted; empty leaves
     *     that to the upstreams
     */
    public record Config(
            Upstreams.Config upstreams,
            long cacheBytes,
            boolean serveStale,
            Optional<Validator.Config> validation) {
        /** About 130,000 answers. */
        public static final long CACHE_BYTES = 64L << 20;

        public static Config of(Upstreams.Config upstreams) {
            return new Config(upstreams, CACHE_BYTES, true, Optional.empty());
        }
    }

    private final AnswerCache cache;
    private final Source source;
    private final LongSupplier clock;
    private final Refreshes refreshes;
    private final ConcurrentMap<AnswerCache.Key, Flight> flights = new ConcurrentHashMap<>();
    private final AtomicInteger flying = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder coalesced = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final Consumer<AnswerCache.Key> refresh = this::refresh;
    private volatile @Nullable EventLoop lastLoop;
    private volatile boolean closed;
    private volatile boolean faulty;

    /**
     * @throws IllegalArgumentException with a sentence that names the fix
     */
    public Lookup(Config config) {
        this(config, Source.of(config), System::nanoTime);
    }

    Lookup(Config config, Source source, LongSupplier clock) {
        this.cache = new AnswerCache(config.cacheBytes(), config.serveStale());
        this.source = source;
        this.clock = clock;
        this.refreshes = new Refreshes(clock.getAsLong());
    }

    /**
     * A fresh answer from the cache, or null. Never blocks. A popular answer that is about to end
     * is asked for again in the background.
     */
    public @Nullable Answer cached(Question question, long nowNanos) {
        return cache.fresh(cache.key(question), nowNanos, refresh);
    }

    /**
     * Finds the answer, at the latest 4.5 s from now. Identical questions in flight share one
     * upstream query.
     *
     * @param loop where {@code then} is called, exactly once: with the answer, or with SERVFAIL and
     *     its extended error
     */
    public void find(Question question, EventLoop loop, Consumer<Answer> then) {
        if (closed) {
            call(loop, then, overload("the resolver is shutting down"));
            return;
        }
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            refuse(loop, then);
            return;
        }
        lastLoop = loop;
        board(cache.key(question), loop, then);
    }

    /** Asks the upstreams something before anybody waits for it. */
    public void greetUpstreams(EventLoop loop) {
        source.upstreams().greet(loop);
    }

    /** Whether an upstream has ever answered. */
    public boolean hasHeardUpstream() {
        return source.upstreams().isHeard();
    }

    /** Counters since the start and gauges of this moment, by metric name. */
    public Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>();
        counters.put("sallyport_lookups_coalesced_total", coalesced.sum());
        counters.put("sallyport_lookups_refused_total", refused.sum());
        counters.put("sallyport_lookups_refreshes_total", refreshes.begun());
        counters.put("sallyport_lookups_in_flight", (long) flying.get());
        counters.put("sallyport_lookups_waiting", (long) waiting.get());
        cache.writeCounters(counters);
        source.writeCounters(counters);
        return counters;
    }

    /**
     * Takes no more questions; those in flight are answered, within their budget, while their loops
     * run.
     */
    @Override
    public void close() {
        closed = true;
        source.close();
    }

    private void board(AnswerCache.Key key, EventLoop loop, Consumer<Answer> then) {
        Flight own = new Flight(loop, then);
        while (true) {
            Flight known = flights.putIfAbsent(key, own);
            if (known == null) {
                depart(key, loop, own);
                return;
            }
            switch (known.board(loop, then)) {
                case ABOARD -> {
                    coalesced.increment();
                    return;
                }
                case SERVED -> {
                    waiting.decrementAndGet();
                    return;
                }
                case FULL -> {
                    waiting.decrementAndGet();
                    refuse(loop, then);
                    return;
                }
                case LANDED -> flights.remove(key, known);
            }
        }
    }

    private void depart(AnswerCache.Key key, EventLoop loop, Flight flight) {
        if (flying.incrementAndGet() > MAX_FLIGHTS) {
            refused.increment();
            land(key, flight, overload("too many questions in flight"));
            return;
        }
        // By a flight that ended since the asker looked.
        Answer landed = cache.peek(key, clock.getAsLong());
        if (landed != null) {
            land(key, flight, landed);
        } else if (loop.inEventLoop()) {
            ask(key, loop, flight);
        } else {
            execute(key, loop, flight, () -> ask(key, loop, flight));
        }
    }

    private void execute(AnswerCache.Key key, EventLoop loop, Flight flight, Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            land(key, flight, overload("the resolver is shutting down"));
        }
    }

    private void ask(AnswerCache.Key key, EventLoop loop, Flight flight) {
        Future<?> impatience =
                cache.keepsGood(key)
                        ? loop.schedule(
                                () -> serveStale(key, flight),
                                CLIENT_PATIENCE_MILLIS,
                                TimeUnit.MILLISECONDS)
                        : null;
        try {
            ask(key, loop, flight, impatience);
        } catch (Throwable fault) {
            // Or everybody who asks this from now on would board a flight that never lands.
            if (!faulty) {
                faulty = true;
                LOG.error(
                        "a lookup failed by a fault of this program; more are only answered",
                        fault);
            }
            land(key, flight, overload("a fault in this program"));
        }
    }

    private void ask(
            AnswerCache.Key key, EventLoop loop, Flight flight, @Nullable Future<?> impatience) {
        source.ask(
                key.question(),
                loop,
                answer -> {
                    Answer told = answer;
                    try {
                        if (impatience != null) {
                            impatience.cancel(false);
                        }
                        told = cache.settle(key, answer, clock.getAsLong());
                    } finally {
                        land(key, flight, told);
                    }
                });
    }

    /** The question stays in flight: a late answer still goes into the cache. */
    private void serveStale(AnswerCache.Key key, Flight flight) {
        Answer stale = cache.stale(key, clock.getAsLong());
        if (stale != null) {
            waiting.addAndGet(-flight.serve(stale));
        }
    }

    /** Asks before anybody has to wait; whoever comes too late for the cache waits for it too. */
    private void refresh(AnswerCache.Key key) {
        EventLoop loop = lastLoop;
        if (closed || loop == null || !refreshes.begin(clock.getAsLong())) {
            return;
        }
        Flight flight = new Flight();
        if (flying.get() >= MAX_FLIGHTS / 2 || flights.putIfAbsent(key, flight) != null) {
            refreshes.end();
            return;
        }
        flying.incrementAndGet();
        execute(key, loop, flight, () -> ask(key, loop, flight));
    }

    /** In this order: who finds no flight finds the answer in the cache. */
    private void land(AnswerCache.Key key, Flight flight, Answer answer) {
        if (!flights.remove(key, flight)) {
            return; // landed before
        }
        flying.decrementAndGet();
        if (flight.isRefresh()) {
            refreshes.end();
        }
        waiting.addAndGet(-flight.land(answer));
    }

    private void refuse(EventLoop loop, Consumer<Answer> then) {
        refused.increment();
        call(loop, then, overload("too many questions in flight"));
    }

    private static void call(EventLoop loop, Consumer<Answer> then, Answer answer) {
        new Flight(loop, then).land(answer);
    }

    private Answer overload(String text) {
        return Answer.overload(text, clock.getAsLong());
    }
}
