package io.sallyport.resolver.upstream.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.collection.IntObjectHashMap;
import io.sallyport.resolver.upstream.stream.Streams.Call;
import io.sallyport.resolver.upstream.stream.Streams.Counts;
import io.sallyport.resolver.upstream.stream.Streams.Limits;
import io.sallyport.resolver.upstream.stream.Streams.Loss;
import io.sallyport.resolver.upstream.tls.TlsClient;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection and the queries in flight on it: answered in any order, matched by id here and by
 * everything else by the call itself. Lives on one event loop.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    /** Servers stop reading at about as many. */
    static final int MAX_IN_FLIGHT = 128;

    /** Answers to nothing that was asked; late ones of cancelled queries do not count. */
    static final int MAX_STRANGERS = 10;

    /**
     * A connection that was silent for so long while a query's time ran out is not worth another.
     */
    private static final long SILENT_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** However long a server would like to keep an idle connection. */
    private static final long MOST_IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private enum State {
        /** Not connected, or not proven. */
        OPENING,
        OPEN,
        CLOSED
    }

    private final Pool pool;
    private final EventLoop loop;
    private final Limits limits;
    private final Counts counts;
    private final boolean secure;
    private final long bornNanos;
    private final long bornMillis = System.currentTimeMillis();
    private final IntObjectHashMap<Call> calls = new IntObjectHashMap<>();
    private final Framing framing = new Framing();
    private final Runnable flush = this::flush;
    private State state = State.OPENING;
    private @Nullable Channel channel;
    private boolean draining;
    private boolean flushing;
    private boolean watched;
    private int asked;
    private int answered;
    private int late;
    private int strangers;
    private long idleNanos;
    private long lastHeardNanos;
    private long idleSinceNanos;

    Connection(
            Pool pool,
            EventLoop loop,
            Limits limits,
            Counts counts,
            boolean secure,
            long nowNanos) {
        this.pool = pool;
        this.loop = loop;
        this.limits = limits;
        this.counts = counts;
        this.secure = secure;
        this.bornNanos = nowNanos;
        this.lastHeardNanos = nowNanos;
        this.idleNanos = limits.idle().toNanos();
    }

    void open(Channel opened, InetSocketAddress address) {
        channel = opened;
        counts.connections.increment();
        var _ = loop.register(opened);
        opened.connect(address)
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        end();
                    }
                });
    }

    /** There is no channel; told when the first call is aboard. */
    void endSoon() {
        draining = true;
        loop.execute(this::end);
    }

    boolean takes(long nowNanos) {
        return state != State.CLOSED
                && !draining
                && calls.size() < MAX_IN_FLIGHT
                && asked < limits.queries()
                && nowNanos - bornNanos < limits.age().toNanos();
    }

    int inFlight() {
        return calls.size();
    }

    boolean hasServed() {
        return answered > 0;
    }

    void add(Call call, long nowNanos) {
        while (calls.containsKey(call.id())) {
            call.redraw();
        }
        calls.put(call.id(), call);
        asked++;
        if (state == State.OPEN) {
            write(call, nowNanos);
        }
    }

    /** Whether the call was in flight here. */
    boolean cancel(Call call, boolean overdue) {
        if (!call.equals(calls.get(call.id()))) {
            return false;
        }
        calls.remove(call.id());
        late++;
        if (overdue && System.nanoTime() - lastHeardNanos > SILENT_NANOS && !draining) {
            draining = true;
            if (secure && state == State.OPENING) {
                counts.failures(TlsClient.Failure.TIMEOUT).increment();
            }
        }
        rest();
        return true;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!secure) {
            opened();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && state == State.OPENING) {
            if (handshake.isSuccess()) {
                countHandshake(context);
                opened();
            } else {
                counts.failures(TlsClient.failure(handshake.cause())).increment();
                pool.distrust();
                end();
            }
        }
    }

    private void countHandshake(ChannelHandlerContext context) {
        long began =
                context.pipeline().get(SslHandler.class).engine().getSession().getCreationTime();
        (began < bornMillis ? counts.resumedHandshakes : counts.fullHandshakes).increment();
    }

    private void opened() {
        state = State.OPEN;
        long now = System.nanoTime();
        lastHeardNanos = now;
        for (Call call : calls.values()) {
            write(call, now);
        }
        rest();
    }

    /** Length and message in one write, and all writes of one turn of the loop in one segment. */
    private void write(Call call, long nowNanos) {
        Channel open = Objects.requireNonNull(channel);
        byte[] octets = call.octets();
        ByteBuf buffer = open.alloc().directBuffer(2 + octets.length);
        buffer.writeShort(octets.length).writeBytes(octets);
        var _ = open.write(buffer, open.voidPromise());
        call.sent(nowNanos);
        if (!flushing) {
            flushing = true;
            loop.execute(flush);
        }
    }

    private void flush() {
        flushing = false;
        if (state == State.OPEN && channel != null) {
            channel.flush();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object part) {
        ByteBuf buffer = (ByteBuf) part;
        try {
            while (state == State.OPEN) {
                byte[] message = framing.next(buffer);
                if (message == null) {
                    return;
                }
                received(message);
            }
        } finally {
            buffer.release();
        }
    }

    private void received(byte[] message) {
        int id = message.length < 2 ? -1 : (message[0] & 0xff) << 8 | (message[1] & 0xff);
        Call call = calls.get(id);
        if (call == null) {
            if (late > 0) {
                late--;
                return;
            }
            counts.strangers.increment();
            if (message.length < 2 || ++strangers >= MAX_STRANGERS) {
                end();
            }
            return;
        }
        lastHeardNanos = System.nanoTime();
        heed(Keepalive.nanos(message));
        calls.remove(id);
        if (call.answered(message)) {
            answered++;
            rest();
        } else {
            counts.strangers.increment();
            end();
            call.lost(Loss.UNREACHABLE);
        }
    }

    /** RFC 7828 §3.4: 0 asks for the connection to be closed; a little earlier than the server. */
    private void heed(long serverNanos) {
        if (serverNanos == 0) {
            draining = true;
        } else if (serverNanos > 0) {
            idleNanos = Math.min(serverNanos - serverNanos / 8, MOST_IDLE_NANOS);
        }
    }

    /** With nothing in flight, a connection that is used up goes, another one is watched. */
    private void rest() {
        if (!calls.isEmpty() || state == State.CLOSED) {
            return;
        }
        idleSinceNanos = System.nanoTime();
        if (!takes(idleSinceNanos)) {
            end();
        } else if (!watched) {
            watched = true;
            watch(idleNanos);
        }
    }

    private void watch(long nanos) {
        var _ = loop.schedule(this::closeIfIdle, nanos, TimeUnit.NANOSECONDS);
    }

    private void closeIfIdle() {
        watched = false;
        if (state == State.CLOSED || !calls.isEmpty()) {
            return;
        }
        long left = idleNanos - (System.nanoTime() - idleSinceNanos);
        if (left <= 0) {
            end();
        } else {
            watched = true;
            watch(left);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A failed handshake comes here as well, after its event has told why.
        end();
    }

    /** Closes, for good or bad; what is still in flight is lost. */
    private void end() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        pool.closed(this);
        if (channel != null) {
            var _ = channel.close();
        }
        Loss loss = answered > 0 ? Loss.STALE : Loss.UNREACHABLE;
        if (!calls.isEmpty() && loss == Loss.STALE) {
            counts.stale.increment();
        }
        List<Call> lost = new ArrayList<>(calls.values());
        calls.clear();
        for (Call call : lost) {
            call.lost(loss);
        }
    }
}
