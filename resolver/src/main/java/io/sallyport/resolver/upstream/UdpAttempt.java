package io.sallyport.resolver.upstream;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import java.util.concurrent.atomic.LongAdder;

/**
 * A datagram from a fresh, connected socket: the kernel draws the port and drops what comes from
 * elsewhere. Queries are far below the least MTU there is, so forged path MTUs (RFC 9715) have
 * nothing to work on.
 */
final class UdpAttempt extends Attempt {
    /**
     * Chance brings none; who sends more is guessing ids, and TCP ends the game (RFC 5452 §9.3).
     */
    static final int MAX_STRANGERS = 10;

    private final LongAdder mismatched;
    private int strangers;

    UdpAttempt(Query query, LongAdder mismatched, Listener listener) {
        super(query, listener);
        this.mismatched = mismatched;
    }

    @Override
    Channel open(EventLoop loop, Server server) {
        return Sockets.datagram(loop, server.address());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        var _ =
                context.writeAndFlush(
                        Unpooled.wrappedBuffer(query.octets()), context.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object received) {
        DatagramPacket packet = (DatagramPacket) received;
        try {
            if (!isOver()) {
                byte[] octets = octets(packet.content());
                judge(octets);
            }
        } finally {
            packet.release();
        }
    }

    private void judge(byte[] octets) {
        boolean oversize = octets.length > Query.MAX_UDP; // cut by our buffer, and never asked for
        switch (query.match(octets, octets.length)) {
            case ANSWER -> end(oversize ? End.TRUNCATED : End.REPLY, octets);
            case TRUNCATED -> end(End.TRUNCATED, octets);
            case NO_EDNS -> end(End.NO_EDNS, octets);
            case OTHER_CASE -> {
                mismatched.increment();
                end(End.OTHER_CASE, octets);
            }
            case STRANGER -> {
                mismatched.increment();
                if (++strangers >= MAX_STRANGERS) {
                    end(End.FLOODED, octets);
                }
            }
        }
    }
}
