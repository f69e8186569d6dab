package io.sallyport.resolver.upstream;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.rate.TokenBucket;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.forward.Forward;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The upstream servers. Shared by all event loops; a question stays on the loop it came with. */
public final class Upstreams {
    /** More than anyone has; the choice looks at each. */
    private static final int MAX_SERVERS = 16;

    /**
     * Each query over UDP has a port of its own, which where the firewall tracks connections is an
     * entry for 30 s: 15,000 at this rate, of the 65,536 that the smallest of hosts has room for.
     * At 10,000 a second the table would be full, and nothing on the host would get through.
     */
    static final int UDP_A_SECOND = 500;

    /** A build that starts on a cold cache asks so many hosts at once, and never more. */
    static final int UDP_BURST = 2000;

    /** What is left of the budget for the way back. */
    private static final long RESERVE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * @param servers at least one
     * @param forwards domains with servers of their own
     * @param budget after which a question has failed
     * @param trustAd whether the servers validate and the way to them is safe, so that their AD bit
     *     may be passed on
     */
    public record Config(
            List<Endpoint> servers, List<Forward> forwards, Duration budget, boolean trustAd) {
        /** Below glibc's timer of 5 s, so that it sees SERVFAIL instead of silence. */
        public static final Duration BUDGET = Duration.ofMillis(4500);

        /** Servers of plain DNS. */
        public static Config of(List<InetSocketAddress> servers) {
            return new Config(servers, BUDGET, false);
        }

        /** Servers for everything, but for the domains that have their own. */
        public static Config of(List<Endpoint> servers, List<Forward> forwards) {
            return new Config(servers, forwards, BUDGET, false);
        }

        /** Servers of plain DNS. */
        public Config(List<InetSocketAddress> servers, Duration budget, boolean trustAd) {
            this(servers.stream().map(Endpoint::plain).toList(), List.of(), budget, trustAd);
        }

        public Config {
            servers = List.copyOf(servers);
            forwards = List.copyOf(forwards);
            requireFew(servers);
            forwards.forEach(forward -> requireFew(forward.servers()));
            if (budget.compareTo(Duration.ofMillis(100)) < 0
                    || budget.compareTo(Duration.ofSeconds(30)) > 0) {
                throw new IllegalArgumentException(
                        "the budget must be 100 ms to 30 s, not " + budget);
            }
        }

        private static void requireFew(List<Endpoint> servers) {
            if (servers.isEmpty() || servers.size() > MAX_SERVERS) {
                throw new IllegalArgumentException(
                        "there must be 1 to " + MAX_SERVERS + " upstreams, not " + servers.size());
            }
            if (new HashSet<>(servers).size() < servers.size()) {
                throw new IllegalArgumentException("an upstream is listed twice in " + servers);
            }
        }

        /**
         * A resolver that asks itself asks for ever.
         *
         * @param own where it listens; port 0 is not known yet, and nobody's upstream
         * @throws IllegalArgumentException if one of the upstreams is among them
         */
        public void requireNot(Collection<InetSocketAddress> own) {
            Stream.concat(
                            servers.stream(),
                            forwards.stream().flatMap(forward -> forward.servers().stream()))
                    .filter(server -> own.stream().anyMatch(listen -> covers(listen, server)))
                    .findFirst()
                    .ifPresent(server -> {
                        throw new IllegalArgumentException(
                                "upstream "
                                        + server
                                        + " is this resolver itself; name another server");
                    });
        }

        private static boolean covers(InetSocketAddress listen, Endpoint server) {
            InetSocketAddress upstream = server.address();
            return listen.getPort() == upstream.getPort()
                    && (listen.equals(upstream)
                            || (listen.getAddress().isAnyLocalAddress() && isOwn(upstream)));
        }

        private static boolean isOwn(InetSocketAddress address) {
            try {
                return address.getAddress().isLoopbackAddress()
                        || NetworkInterface.getByInetAddress(address.getAddress()) != null;
            } catch (SocketException e) {
                return false; // the interfaces cannot be listed: nothing is known
            }
        }
    }

    private final Config config;
    private final Randomness randomness = new Randomness();
    private final Tally tally = new Tally();
    private final TokenBucket allowance = new TokenBucket(UDP_A_SECOND, UDP_BURST);
    private final Routes routes;

    /**
     * @throws IllegalArgumentException if a domain is forwarded twice, or a file of authorities
     *     cannot be used
     */
    public Upstreams(Config config) {
        this.config = config;
        this.routes = new Routes(config.servers(), config.forwards(), tally.streams);
    }

    /**
     * Asks until there is an answer or the budget is spent. May be called on any thread.
     *
     * @param loop where {@code then} is called, exactly once
     */
    public void ask(Question question, EventLoop loop, Consumer<Answer> then) {
        Exchange exchange = new Exchange(this, routes.of(question.name()), question, loop, then);
        if (loop.inEventLoop()) {
            exchange.start();
        } else {
            loop.execute(exchange::start);
        }
    }

    /** Asks every server something before anybody waits for it. */
    public void greet(EventLoop loop) {
        loop.execute(() -> {
            for (Group group : routes.groups()) {
                group.servers().stream()
                        .filter(Server::greet)
                        .forEach(server -> new Probe(this, group, server, loop).start());
            }
        });
    }

    /** Whether one of those that are asked about every name has ever answered. */
    public boolean isHeard() {
        return routes.groups().getFirst().servers().stream().anyMatch(Server::isHeard);
    }

    /** Adds the counters and gauges of this package, by metric name. */
    public void writeCounters(Map<String, Long> counters) {
        tally.writeTo(counters);
        Tally.writeGauges(routes, counters);
    }

    Randomness randomness() {
        return randomness;
    }

    Tally tally() {
        return tally;
    }

    /**
     * For queries over UDP; the ones beyond share kept connections, where the server takes them.
     */
    TokenBucket allowance() {
        return allowance;
    }

    boolean trustAd() {
        return config.trustAd();
    }

    long budgetNanos() {
        return config.budget().toNanos() - RESERVE_NANOS;
    }
}
