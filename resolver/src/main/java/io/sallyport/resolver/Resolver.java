package io.sallyport.resolver;

import io.netty.channel.EventLoop;
import io.netty.util.ResourceLeakDetector;
import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.count.Counters;
import io.sallyport.resolver.journey.Journey;
import io.sallyport.resolver.listen.Listener;
import io.sallyport.resolver.listen.Listener.Handed;
import io.sallyport.resolver.lookup.Lookup;
import io.sallyport.resolver.network.Networks;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

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
     */
    public record Config(List<InetSocketAddress> listen, Lookup.Config lookup, int threads) {

        public Config {
            listen = List.copyOf(listen);
            lookup.upstreams().requireNot(listen);
        }
    }

    private final Counters counters;
    private final Lookup lookup;
    private final Listener listener;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Resolver(Counters counters, Lookup lookup, Listener listener) {
        this.counters = counters;
        this.lookup = lookup;
        this.listener = listener;
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
        Lookup lookup = new Lookup(config.lookup);
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
                            loop -> journey(networks, lookup, cookies, counters, loop),
                            handed);
            return new Resolver(counters, lookup, listener);
        } catch (IOException | RuntimeException e) {
            lookup.close();
            throw e;
        }
    }

    private static Journey journey(
            Networks networks, Lookup lookup, Cookies cookies, Counters counters, EventLoop loop) {
        return new Journey(networks, lookup::cached, lookup::find, cookies, counters.tally(), loop);
    }

    /** Where it listens, in the order of the configuration, with the ports that port 0 became. */
    public List<InetSocketAddress> addresses() {
        return listener.addresses();
    }

    /**
     * Counters since the start by metric name, such as {@code sallyport_answers_without_pin_total}.
     */
    public Map<String, Long> counters() {
        Map<String, Long> all = new TreeMap<>(counters.values());
        all.putAll(lookup.counters());
        return all;
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
        }
    }

    /** Stops listening, answers what was asked, then closes. Once is enough, twice does no harm. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            listener.close();
            lookup.close();
        }
    }
}
