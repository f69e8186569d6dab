package io.sallyport.resolver.upstream.stream;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.tls.TlsClient;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one server: a few for each event loop, opened when needed, kept for a while.
 */
public final class Streams {

    /** A query, and who waits for its answer. Called on its event loop only. */
    public interface Call {
        int id();

        /** Takes another id: this one is in use on the connection (RFC 7766 §6.2.1). */
        void redraw();

        /** The message without its length. */
        byte[] octets();

        /** It is on its way now, and not only waiting for a connection. */
        void sent(long nowNanos);

        /**
         * A message with its id has come.
         *
         * @return whether it can be an answer to it at all; if not, the server is out of step, and
         *     the connection is closed
         */
        boolean answered(byte[] message);

        /** There will be no answer. */
        void lost(Loss loss);
    }

    /** How a call was lost. */
    public enum Loss {
        /** No connection, or one that ended without a single answer. */
        UNREACHABLE,
        /** A connection that had served before was closed: worth a fresh one (RFC 7766 §6.2.4). */
        STALE,
        /** There are as many calls in flight as are allowed. */
        BUSY
    }

    /**
     * How long a connection serves.
     *
     * @param queries after so many, a new one: a server behind a balancer may be a bad one
     * @param age likewise
     * @param idle without a query, unless the server says otherwise (RFC 7828)
     */
    public record Limits(int queries, Duration age, Duration idle) {
        /** What servers are used to from others. */
        public static final Limits TCP =
                new Limits(200, Duration.ofSeconds(60), Duration.ofSeconds(10));

        /** A handshake costs as much as some hundred queries. */
        public static final Limits TLS =
                new Limits(5_000, Duration.ofMinutes(5), Duration.ofSeconds(10));
    }

    /** What all connections of all servers count. */
    public static final class Counts {
        final LongAdder connections = new LongAdder();
        final LongAdder reused = new LongAdder();
        final LongAdder stale = new LongAdder();
        final LongAdder busy = new LongAdder();
        final LongAdder strangers = new LongAdder();
        final LongAdder fullHandshakes = new LongAdder();
        final LongAdder resumedHandshakes = new LongAdder();
        private final EnumMap<TlsClient.Failure, LongAdder> failures =
                new EnumMap<>(TlsClient.Failure.class);

        public Counts() {
            for (TlsClient.Failure failure : TlsClient.Failure.values()) {
                failures.put(failure, new LongAdder());
            }
        }

        LongAdder failures(TlsClient.Failure failure) {
            return Objects.requireNonNull(failures.get(failure), "all are there from the start");
        }

        /** Messages that answered nothing that was asked. */
        public long strangers() {
            return strangers.sum();
        }

        /** Adds the counters by metric name. */
        public void writeTo(Map<String, Long> counters) {
            counters.put("sallyport_upstream_connections_total", connections.sum());
            counters.put("sallyport_upstream_reused_connections_total", reused.sum());
            counters.put("sallyport_upstream_stale_connections_total", stale.sum());
            counters.put("sallyport_upstream_busy_total", busy.sum());
            String handshakes = "sallyport_upstream_tls_handshakes_total{kind=\"";
            counters.put(handshakes + "full\"}", fullHandshakes.sum());
            counters.put(handshakes + "resumed\"}", resumedHandshakes.sum());
            for (TlsClient.Failure failure : TlsClient.Failure.values()) {
                String reason = failure.name().toLowerCase(Locale.ROOT);
                counters.put(
                        "sallyport_upstream_tls_failures_total{reason=\"" + reason + "\"}",
                        failures(failure).sum());
            }
        }
    }

    private final InetSocketAddress address;
    private final @Nullable TlsClient tls;
    private final Limits limits;
    private final Counts counts;
    private final ConcurrentMap<EventLoop, Pool> pools = new ConcurrentHashMap<>();

    /**
     * @throws IllegalArgumentException if the file of authorities cannot be used
     */
    public Streams(Endpoint endpoint, Limits limits, Counts counts) {
        this.address = endpoint.address();
        this.tls = endpoint.tls().map(proof -> new TlsClient(address, proof)).orElse(null);
        this.limits = limits;
        this.counts = counts;
    }

    /**
     * Sends a query over a connection of this loop, which this thread runs. The call may be lost
     * before this returns.
     *
     * @param fresh not over a connection that has served before
     */
    public void send(EventLoop loop, Call call, boolean fresh) {
        pool(loop).send(call, fresh);
    }

    /**
     * Nobody waits for this call any more.
     *
     * @param late because its time was over: a connection that was silent all that time gets no
     *     more queries
     */
    public void cancel(EventLoop loop, Call call, boolean late) {
        pool(loop).cancel(call, late);
    }

    private Pool pool(EventLoop loop) {
        Pool known = pools.get(loop);
        return known != null
                ? known
                : pools.computeIfAbsent(loop, key -> new Pool(key, address, tls, limits, counts));
    }
}
