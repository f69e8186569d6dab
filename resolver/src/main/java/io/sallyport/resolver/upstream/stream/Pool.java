package io.sallyport.resolver.upstream.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.sallyport.resolver.upstream.stream.Streams.Call;
import io.sallyport.resolver.upstream.stream.Streams.Counts;
import io.sallyport.resolver.upstream.stream.Streams.Limits;
import io.sallyport.resolver.upstream.stream.Streams.Loss;
import io.sallyport.resolver.upstream.tls.TlsClient;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop to one server. */
final class Pool {
    /**
     * With what each may have in flight, some thousand queries. Each may make us hold a message of
     * 64 kB and what TLS buffers.
     */
    static final int MAX_CONNECTIONS = 8;

    /** More than this in flight, and the next query goes over a connection of its own. */
    static final int CROWDED = 32;

    private static final int CONNECT_MILLIS = 3000;

    /** A server that fails its proof is not made to try again for every query. */
    private static final long DISTRUST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final EventLoop loop;
    private final InetSocketAddress address;
    private final @Nullable TlsClient tls;
    private final Limits limits;
    private final Counts counts;
    private final List<Connection> connections = new ArrayList<>(2);
    private boolean distrusted;
    private long distrustedUntilNanos;

    Pool(
            EventLoop loop,
            InetSocketAddress address,
            @Nullable TlsClient tls,
            Limits limits,
            Counts counts) {
        this.loop = loop;
        this.address = address;
        this.tls = tls;
        this.limits = limits;
        this.counts = counts;
    }

    /**
     * Over the connection with the least in flight; some servers answer one query after another, so
     * that many wait for one that is slow, and then another connection is worth its price.
     */
    void send(Call call, boolean fresh) {
        long now = System.nanoTime();
        Connection best = best(fresh, now);
        boolean full = connections.size() == MAX_CONNECTIONS;
        if (best != null && (full || best.inFlight() < CROWDED)) {
            if (best.hasServed()) {
                counts.reused.increment();
            }
            best.add(call, now);
        } else if (full) {
            counts.busy.increment();
            call.lost(Loss.BUSY);
        } else if (distrusted && distrustedUntilNanos - now > 0) {
            call.lost(Loss.UNREACHABLE);
        } else {
            open(now).add(call, now);
        }
    }

    private @Nullable Connection best(boolean fresh, long now) {
        Connection best = null;
        for (Connection connection : connections) {
            if (connection.takes(now)
                    && !(fresh && connection.hasServed())
                    && (best == null || connection.inFlight() < best.inFlight())) {
                best = connection;
            }
        }
        return best;
    }

    void cancel(Call call, boolean late) {
        for (Connection connection : connections) {
            if (connection.cancel(call, late)) {
                return;
            }
        }
    }

    void closed(Connection connection) {
        connections.remove(connection);
    }

    void distrust() {
        distrusted = true;
        distrustedUntilNanos = System.nanoTime() + DISTRUST_NANOS;
    }

    private Connection open(long now) {
        Connection connection = new Connection(this, loop, limits, counts, tls != null, now);
        connections.add(connection);
        try {
            Channel channel = channel();
            if (tls != null) {
                channel.pipeline().addLast(tls.handler(channel.alloc()));
            }
            channel.pipeline().addLast(connection);
            connection.open(channel, address);
        } catch (ChannelException e) { // no more file descriptors
            connection.endSoon();
        }
        return connection;
    }

    private Channel channel() {
        boolean epoll = loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
        Channel channel = epoll ? new EpollSocketChannel() : new NioSocketChannel();
        // Closing resets: nothing is in flight then, and who makes us ask over TCP must not fill
        // our
        // ports with TIME_WAIT.
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setConnectTimeoutMillis(CONNECT_MILLIS);
        return channel;
    }
}
