package io.sallyport.resolver.upstream;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.question.Question;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The upstream servers. Shared by all event loops; a question stays on the loop it came with. */
public final class Upstreams {
    /** More than anyone has; the choice looks at each. */
    private static final int MAX_SERVERS = 16;

    /** What is left of the budget for the way back. */
    private static final long RESERVE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * @param servers at least one, with addresses (names are not looked up: who should do it?)
     * @param budget after which a question has failed
     * @param trustAd whether the servers validate and the way to them is safe, so that their AD bit
     *     may be passed on
     */
    public record Config(List<InetSocketAddress> servers, Duration budget, boolean trustAd) {
        /** Below glibc's timer of 5 s, so that it sees SERVFAIL instead of silence. */
        public static final Duration BUDGET = Duration.ofMillis(4500);

        public static Config of(List<InetSocketAddress> servers) {
            return new Config(servers, BUDGET, false);
        }

        public Config {
            servers = List.copyOf(servers);
            if (servers.isEmpty() || servers.size() > MAX_SERVERS) {
                throw new IllegalArgumentException(
                        "there must be 1 to " + MAX_SERVERS + " upstreams, not " + servers.size());
            }
            if (new HashSet<>(servers).size() < servers.size()) {
                throw new IllegalArgumentException("an upstream is listed twice in " + servers);
            }
            for (InetSocketAddress server : servers) {
                if (server.isUnresolved()
                        || server.getPort() == 0
                        || server.getAddress().isAnyLocalAddress()) {
                    throw new IllegalArgumentException(
                            "upstream "
                                    + server
                                    + " needs an IP address and a port, such as 192.0.2.53:53");
                }
            }
            if (budget.compareTo(Duration.ofMillis(100)) < 0
                    || budget.compareTo(Duration.ofSeconds(30)) > 0) {
                throw new IllegalArgumentException(
                        "the budget must be 100 ms to 30 s, not " + budget);
            }
        }
    }

    private final Config config;
    private final Ranking ranking;
    private final Randomness randomness = new Randomness();
    private final Tally tally = new Tally();
    private final AtomicInteger connections = new AtomicInteger();

    public Upstreams(Config config) {
        this.config = config;
        this.ranking = new Ranking(config.servers());
    }

    /**
     * Asks until there is an answer or the budget is spent.
     *
     * @param loop which this thread runs, and which {@code then} is called on, exactly once
     */
    public void ask(Question question, EventLoop loop, Consumer<Answer> then) {
        new Exchange(this, question, loop, then).start();
    }

    /** Adds the counters of this package, by metric name. */
    public void writeCounters(Map<String, Long> counters) {
        tally.writeTo(counters);
    }

    Ranking ranking() {
        return ranking;
    }

    Randomness randomness() {
        return randomness;
    }

    Tally tally() {
        return tally;
    }

    AtomicInteger connections() {
        return connections;
    }

    boolean trustAd() {
        return config.trustAd();
    }

    long budgetNanos() {
        return config.budget().toNanos() - RESERVE_NANOS;
    }
}
