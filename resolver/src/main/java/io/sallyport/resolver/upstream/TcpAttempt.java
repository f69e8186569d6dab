package io.sallyport.resolver.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** One query over one connection (RFC 7766), answered by one message behind its length. */
final class TcpAttempt extends Attempt {
    /** All of them together: each may make us hold 64 kB. */
    static final int MAX_CONNECTIONS = 256;

    private static final byte[] NOTHING = {};
    private static final int PREFIX = 2;

    private final LongAdder mismatched;
    private final AtomicInteger connections;
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
            end(End.UNREACHABLE, NOTHING);
        } else {
            super.start(loop, server);
        }
    }

    @Override
    Channel open(EventLoop loop, Server server) {
        return Sockets.stream(loop);
    }

    @Override
    void closed() {
        connections.decrementAndGet();
    }

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
            case NO_EDNS -> end(End.NO_EDNS, octets);
            case TRUNCATED, STRANGER -> {
                mismatched.increment();
                end(End.UNREACHABLE, NOTHING);
            }
        }
    }
}
