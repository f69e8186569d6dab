package io.sallyport.resolver;

import io.netty.channel.EventLoop;
import io.netty.util.ResourceLeakDetector;
import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.count.Counters;
import io.sallyport.resolver.count.Counters.Histogram;
import io.sallyport.resolver.journey.Journey;
import io.sallyport.resolver.listen.Listener;
import io.sallyport.resolver.listen.Listener.Handed;
import io.sallyport.resolver.lookup.Lookup;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.querylog.QueryLog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The DNS server: starts listeners, shares one cache and one set of upstreams between all networks.
 */
public final class Resolver implements AutoCloseable {

    /** More loops than this bring nothing to one host's sandboxes and cost memory each. */
    private static final int MOST_THREADS = 4;

    /**
     * @param listen addresses to answer on, UDP and TCP
     * @param lookup where answers come from
     * @param threads event loops; 0 sizes them from the machine
     * @param log what is written down of queries; empty for nothing
     */
    public record Config(
            List<InetSocketAddress> listen,
            Lookup.Config lookup,
            int threads,
            Optional<QueryLog.Config> log) {

        public Config {
            listen = List.copyOf(listen);
            lookup.upstreams().requireNot(listen);
        }

        /** Without a query log. */
        public Config(List<InetSocketAddress> listen, Lookup.Config lookup, int threads) {
            this(listen, lookup, threads, Optional.empty());
        }
    }

    private final Counters counters;
    private final Lookup lookup;
    private final Listener listener;
    private final @Nullable QueryLog log;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Resolver(Counters counters, Lookup lookup, Listener listener, @Nullable QueryLog log) {
        this.counters = counters;
        this.lookup = lookup;
        this.listener = listener;
        this.log = log;
    }

    /**
     * Binds every address, or none.
     *
     * @throws IOException naming the address that could not be bound and why
     */
    public static Resolver start(Config config, Networks networks) throws IOException {
        return start(config, networks, List.of());
    }

    /**
     * As {@link #start(Config, Networks)}, going on with sockets that another process has or had.
     */
    public static Resolver start(Config config, Networks networks, List<Handed> handed)
            throws IOException {
        if (System.getProperty("io.netty.leakDetection.level") == null) {
            // Netty samples a buffer in 128 with a stack trace: worth it in tests, which set the
            // property.
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        }
        Counters counters = new Counters();
        QueryLog log = open(config);
        Lookup lookup = lookup(config, log);
        Cookies cookies = new Cookies(System.currentTimeMillis() / 1000);
        int threads =
                config.threads > 0
                        ? config.threads
                        : Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS);
        try {
            Listener listener =
                    Listener.open(
                            config.listen,
                            threads,
                            loop -> journey(networks, lookup, cookies, counters, log, loop),
                            handed);
            return new Resolver(counters, lookup, listener, log);
        } catch (IOException | RuntimeException e) {
            lookup.close();
            close(log);
            throw e;
        }
    }

    private static @Nullable QueryLog open(Config config) throws IOException {
        try {
            return config.log.isPresent() ? QueryLog.open(config.log.get()) : null;
        } catch (IOException e) {
            throw new IOException(
                    "the query log cannot be written: " + e + "; --query-log names another", e);
        }
    }

    private static Lookup lookup(Config config, @Nullable QueryLog log) {
        try {
            return new Lookup(config.lookup);
        } catch (RuntimeException e) {
            close(log);
            throw e;
        }
    }

    private static void close(@Nullable QueryLog log) {
        if (log != null) {
            log.close();
        }
    }

    private static Journey journey(
            Networks networks,
            Lookup lookup,
            Cookies cookies,
            Counters counters,
            @Nullable QueryLog log,
            EventLoop loop) {
        return new Journey(
                networks,
                lookup::cached,
                lookup::find,
                cookies,
                counters.tally(),
                loop,
                log == null ? null : log.pen());
    }

    /** Where it listens, in the order of the configuration, with the ports that port 0 became. */
    public List<InetSocketAddress> addresses() {
        return listener.addresses();
    }

    /**
     * Counters since the start by metric name, such as {@code sallyport_answers_without_pin_total};
     * what ends in {@code _nanoseconds} is a time.
     */
    public Map<String, Long> counters() {
        Map<String, Long> all = new TreeMap<>(counters.values());
        all.putAll(lookup.counters());
        all.putAll(log == null ? QueryLog.none() : log.counters());
        return all;
    }

    /** How long things took, since the start. */
    public List<Histogram> histograms() {
        return counters.histograms();
    }

    /** Asks the upstreams something before anybody waits for it. */
    public void greetUpstreams() {
        lookup.greetUpstreams(listener.loop());
    }

    /** Whether an upstream has ever answered. */
    public boolean hasHeardUpstream() {
        return lookup.hasHeardUpstream();
    }

    /** Whether every event loop gets to do what it is asked to. */
    public boolean isAlive() {
        return listener.isAlive();
    }

    /** The bound sockets, for another process; none when they are being closed. */
    public List<Handed> sockets() {
        return closed.get() ? List.of() : listener.sockets();
    }

    /** Leaves the sockets to another process that has them: answers what was asked, then closes. */
    public void leave() {
        if (closed.compareAndSet(false, true)) {
            listener.leave();
            lookup.close();
            close(log);
        }
    }

    /** Stops listening, answers what was asked, then closes. Once is enough, twice does no harm. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            listener.close();
            lookup.close();
            close(log);
        }
    }
}
