package io.sallyport.sync.doorman;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.sallyport.sync.limit.RateLimit;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Who may stand at the server, and for how long. The connections of an address are counted, so that
 * one cannot take all places; and each connection has a time for what it is about, so that whoever
 * dribbles a request, or does not read the answer, is sent away. The server's own read timeout does
 * nothing for sockets of the kind that it uses, and its idle timeout leaves half a request alone.
 *
 * <p>A connection has a thread of its own, which says what it is about by {@link #stay}.
 */
public final class Doorman implements ServerConnectionSelector, AutoCloseable {
    /**
     * How long a connection may be about one thing.
     *
     * @param waiting for the whole head of the next request
     * @param stranger for a request of nobody that is known yet, sign-ins by a provider among them
     * @param caller for the body, the work and the answer of somebody who may ask
     * @param flow for an answer of any length
     */
    public record Patience(Duration waiting, Duration stranger, Duration caller, Duration flow) {
        public static final Patience DEFAULT =
                new Patience(
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60),
                        Duration.ofMinutes(15));
    }

    /** Of all connections that one address, or one IPv6 network of 64 bits, may have. */
    private static final int SHARE = 4;

    private static final Duration ROUND = Duration.ofMillis(500);
    private static final ScopedValue<Visit> VISIT = ScopedValue.newInstance();

    private final ServerConnectionSelector http;
    private final Patience patience;
    private final int mostOfAnAddress;
    private final Map<String, Integer> byAddress = new ConcurrentHashMap<>();
    private final Set<Visit> visits = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("doorman").daemon().factory());

    /**
     * @param most connections there may be in all
     */
    public Doorman(Patience patience, int most) {
        this.http = Http1ConnectionSelector.builder().config(Http1Config.create()).build();
        this.patience = patience;
        this.mostOfAnAddress = Math.ceilDiv(most, SHARE);
        var _ =
                clock.scheduleWithFixedDelay(
                        this::sendAway, ROUND.toMillis(), ROUND.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** From now on, what this thread's connection is about may take so long. */
    public static void stay(Duration time) {
        if (VISIT.isBound()) {
            VISIT.get().until(time);
        }
    }

    /** Nobody knows where this thread's connection would begin its next request: there is none. */
    public static void last() {
        if (VISIT.isBound()) {
            VISIT.get().last = true;
        }
    }

    /** The answer is sent; the connection waits for its next request, if there is to be one. */
    public static void next() {
        if (VISIT.isBound()) {
            VISIT.get().next();
        }
    }

    private void sendAway() {
        long now = System.nanoTime();
        for (Visit visit : visits) {
            if (visit.until - now < 0) {
                visit.giveBack(); // first: who sees the end may come again at once
                visit.close(true);
            }
        }
    }

    @Override
    public int bytesToIdentifyConnection() {
        return http.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return http.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return http.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        return new Visit(http.connection(context), address(context.remotePeer().address()));
    }

    private static String address(SocketAddress peer) {
        return peer instanceof InetSocketAddress internet
                ? RateLimit.key(internet.getAddress())
                : peer.toString();
    }

    /** One connection. */
    private final class Visit implements ServerConnection {
        private final ServerConnection connection;
        private final String address;
        private volatile long until;
        private boolean last; // its own thread's
        private final AtomicBoolean counted = new AtomicBoolean();

        Visit(ServerConnection connection, String address) {
            this.connection = connection;
            this.address = address;
            until(patience.waiting());
        }

        void until(Duration time) {
            until = System.nanoTime() + time.toNanos();
        }

        void next() {
            until(patience.waiting());
            if (last) {
                connection.close(false);
            }
        }

        /** One too many is closed without a word: that it is told something costs as much. */
        @Override
        public void handle(Limit limit) throws InterruptedException {
            try {
                counted.set(true);
                if (byAddress.merge(address, 1, Integer::sum) <= mostOfAnAddress) {
                    visits.add(this);
                    handleKnown(limit);
                }
            } finally {
                visits.remove(this);
                giveBack();
            }
        }

        /** Its place; twice does no harm. */
        void giveBack() {
            if (counted.compareAndSet(true, false)) {
                byAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
            }
        }

        private void handleKnown(Limit limit) throws InterruptedException {
            ScopedValue.where(VISIT, this)
                    .<Boolean, InterruptedException>call(() -> {
                        connection.handle(limit);
                        return true;
                    });
        }

        @Override
        public Duration idleTime() {
            return connection.idleTime();
        }

        /** Its thread waits for the other side, and is woken by an error. */
        @Override
        public void close(boolean interrupt) {
            connection.close(interrupt);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
