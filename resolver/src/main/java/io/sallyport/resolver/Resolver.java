package io.sallyport.resolver;

import io.sallyport.resolver.network.Networks;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The DNS server: starts listeners, shares one cache and one set of upstreams between all networks. */
public final class Resolver implements AutoCloseable {

    /**
     * @param listen addresses to answer on, UDP and TCP
     * @param upstreams servers that recurse for us, tried in order of health
     * @param cacheBytes bound of the shared cache
     * @param threads event loops; 0 sizes them from the machine
     * @param budget whole time a query may take
     */
    public record Config(
            List<InetSocketAddress> listen,
            List<InetSocketAddress> upstreams,
            long cacheBytes,
            int threads,
            Duration budget) {

        public static Config of(List<InetSocketAddress> listen, List<InetSocketAddress> upstreams) {
            // 64 MiB holds about 200,000 answers; 4.5 s stays below glibc's timer of 5 s.
            return new Config(listen, upstreams, 64L << 20, 0, Duration.ofMillis(4500));
        }
    }

    /**
     * Binds every address, or none.
     *
     * @throws java.io.IOException naming the address that could not be bound and why
     */
    public static Resolver start(Config config, Networks networks) throws java.io.IOException {
        throw new UnsupportedOperationException();
    }

    /** Counters since the start by metric name, such as {@code sallyport_answers_without_pin_total}. */
    public Map<String, Long> counters() {
        throw new UnsupportedOperationException();
    }

    /** Stops listening, lets answers in flight go for a moment, then closes. */
    @Override
    public void close() {}
}
