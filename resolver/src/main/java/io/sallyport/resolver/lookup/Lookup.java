package io.sallyport.resolver.lookup;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.cache.AnswerCache;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.Upstreams;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From a question that policy has allowed to a checked answer: cache, then a question already in
 * flight, then an upstream. Shared by all event loops.
 */
public final class Lookup implements AutoCloseable {
    /**
     * Each holds a descriptor and half a kilobyte, at the longest for the budget; clients' sockets
     * need descriptors too.
     */
    static final int MAX_FLIGHTS = 4096;

    /** Each holds a client's buffer and a task. */
    static final int MAX_WAITING = 20_000;

    private static final int EDE_OTHER = 0;

    /**
     * @param upstreams servers that recurse for us
     * @param cacheBytes bound of the cache, overhead included
     */
    public record Config(Upstreams.Config upstreams, long cacheBytes) {
        /** About 200,000 answers. */
        public static final long CACHE_BYTES = 64L << 20;

        public static Config of(Upstreams.Config upstreams) {
            return new Config(upstreams, CACHE_BYTES);
        }
    }

    private final AnswerCache cache;
    private final Upstreams upstreams;
    private final ConcurrentMap<AnswerCache.Key, Flight> flights = new ConcurrentHashMap<>();
    private final AtomicInteger flying = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder coalesced = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile boolean closed;

    /**
     * @throws IllegalArgumentException with a sentence that names the fix
     */
    public Lookup(Config config) {
        cache = new AnswerCache(config.cacheBytes());
        upstreams = new Upstreams(config.upstreams());
    }

    /** A fresh answer from the cache, or null. Never blocks. */
    public @Nullable Answer cached(Question question, long nowNanos) {
        return cache.fresh(cache.key(question), nowNanos);
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
            call(loop, then, failure("the resolver is shutting down"));
            return;
        }
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            refuse(loop, then);
            return;
        }
        board(cache.key(question), question, loop, then);
    }

    /** Counters since the start and gauges of this moment, by metric name. */
    public Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>();
        counters.put("sallyport_lookups_coalesced_total", coalesced.sum());
        counters.put("sallyport_lookups_refused_total", refused.sum());
        counters.put("sallyport_lookups_in_flight", (long) flying.get());
        counters.put("sallyport_lookups_waiting", (long) waiting.get());
        cache.writeCounters(counters);
        upstreams.writeCounters(counters);
        return counters;
    }

    /**
     * Takes no more questions; those in flight are answered, within their budget, while their loops
     * run.
     */
    @Override
    public void close() {
        closed = true;
    }

    private void board(
            AnswerCache.Key key, Question question, EventLoop loop, Consumer<Answer> then) {
        Flight own = new Flight(loop, then);
        while (true) {
            Flight known = flights.putIfAbsent(key, own);
            if (known == null) {
                depart(key, question, loop, own);
                return;
            }
            switch (known.board(loop, then)) {
                case ABOARD -> {
                    coalesced.increment();
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

    private void depart(AnswerCache.Key key, Question question, EventLoop loop, Flight flight) {
        if (flying.incrementAndGet() > MAX_FLIGHTS) {
            refused.increment();
            land(key, flight, failure("too many questions in flight"));
            return;
        }
        Answer landed =
                cache.peek(key, System.nanoTime()); // by a flight that ended since the asker looked
        if (landed != null) {
            land(key, flight, landed);
        } else if (loop.inEventLoop()) {
            ask(key, question, loop, flight);
        } else {
            try {
                loop.execute(() -> ask(key, question, loop, flight));
            } catch (RejectedExecutionException e) {
                land(key, flight, failure("the resolver is shutting down"));
            }
        }
    }

    private void ask(AnswerCache.Key key, Question question, EventLoop loop, Flight flight) {
        upstreams.ask(
                question,
                loop,
                answer -> {
                    try {
                        cache.put(key, answer);
                    } finally {
                        land(key, flight, answer);
                    }
                });
    }

    /** In this order: who finds no flight finds the answer in the cache. */
    private void land(AnswerCache.Key key, Flight flight, Answer answer) {
        flights.remove(key, flight);
        flying.decrementAndGet();
        flight.land(answer);
        waiting.addAndGet(-flight.waiters());
    }

    private void refuse(EventLoop loop, Consumer<Answer> then) {
        refused.increment();
        call(loop, then, failure("too many questions in flight"));
    }

    private static void call(EventLoop loop, Consumer<Answer> then, Answer answer) {
        new Flight(loop, then).land(answer);
    }

    private static Answer failure(String text) {
        return Answer.serverFailure(EDE_OTHER, text, System.nanoTime());
    }
}
