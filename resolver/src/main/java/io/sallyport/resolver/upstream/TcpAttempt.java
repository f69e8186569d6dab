package io.sallyport.resolver.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** One query over one connection (RFC 7766), answered by one message behind its length. */
final class TcpAttempt extends Attempt {
    /** All of them together: each may make us hold 64 kB. */
    static final int MAX_CONNECTIONS = 256;

    private static final int PREFIX = 2;

    private final LongAdder mismatched;
    private final AtomicInteger connections;
    private @Nullable Channel channel;
    private byte[] received = new byte[512];
    private int count;

    TcpAttempt(Query query, LongAdder mismatched, AtomicInteger connections, Listener listener) {
        super(query, listener);
        this.mismatched = mismatched;
        this.connections = connections;
    }

    @Override
    void start(EventLoop loop, Server server) {
        if (connections.incrementAndGet() > MAX_CONNECTIONS) {
            end(End.UNREACHABLE);
            return;
        }
        try {
            Channel opened = open(loop);
            channel = opened;
            opened.pipeline().addLast(new Handler());
            var _ = loop.register(opened);
            opened.connect(server.address())
                    .addListener(connected -> {
                        if (!connected.isSuccess()) {
                            end(End.UNREACHABLE);
                        }
                    });
        } catch (ChannelException e) { // no more file descriptors
            end(End.UNREACHABLE);
        }
    }

    @Override
    void release() {
        connections.decrementAndGet();
        if (channel != null) {
            var _ = channel.close();
        }
    }

    private static Channel open(EventLoop loop) {
        boolean epoll = loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
        Channel channel = epoll ? new EpollSocketChannel() : new NioSocketChannel();
        // Closing resets: who makes us ask over TCP must not fill our ports with TIME_WAIT.
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        // The exchange has the only timer.
        channel.config().setConnectTimeoutMillis(0);
        return channel;
    }

    /** Room grows with what was really sent, never with what a length announces. */
    private void append(ByteBuf buffer) {
        int length = Math.min(buffer.readableBytes(), PREFIX + 0xffff - count);
        if (count + length > received.length) {
            received = Arrays.copyOf(received, Math.max(received.length * 2, count + length));
        }
        buffer.readBytes(received, count, length);
        count += length;
    }

    private void judge() {
        int length = (received[0] & 0xff) << 8 | (received[1] & 0xff);
        if (count < PREFIX || count < PREFIX + length) {
            return;
        }
        byte[] octets = Arrays.copyOfRange(received, PREFIX, PREFIX + length);
        switch (query.match(octets, length)) {
            case ANSWER, OTHER_CASE ->
                    end(End.REPLY, octets); // nobody off the path can have sent it
            case NO_EDNS -> end(End.NO_EDNS);
            case TRUNCATED, STRANGER -> {
                mismatched.increment();
                end(End.UNREACHABLE);
            }
        }
    }

    private final class Handler extends ChannelInboundHandlerAdapter {
        /** Prefix and message in one write, so in one segment. */
        @Override
        public void channelActive(ChannelHandlerContext context) {
            int length = query.octets().length;
            byte[] prefix = {(byte) (length >>> 8), (byte) length};
            var _ =
                    context.writeAndFlush(
                            Unpooled.wrappedBuffer(prefix, query.octets()), context.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object part) {
            ByteBuf buffer = (ByteBuf) part;
            try {
                if (!isOver()) {
                    append(buffer);
                    judge();
                }
            } finally {
                buffer.release();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end(End.UNREACHABLE);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            end(End.UNREACHABLE);
        }
    }
}
