package io.sallyport.resolver.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One query to one server over a channel of its own. Ends once: tells its exchange how, and closes
 * the channel. Lives on one event loop.
 */
abstract sealed class Attempt extends ChannelInboundHandlerAdapter permits UdpAttempt, TcpAttempt {

    /** How an attempt ended. */
    enum End {
        /** With a message that matches the query. */
        REPLY,
        /** With one that says the rest needs TCP. */
        TRUNCATED,
        /** With one that matches but for the case, over UDP. */
        OTHER_CASE,
        /** With a bare error of a server that may not know EDNS. */
        NO_EDNS,
        /** With more strangers' messages than chance brings. */
        FLOODED,
        /** With an error of the network, or a connection closed early. */
        UNREACHABLE,
        /** Without an answer in time. */
        SILENT
    }

    /** Who is told. */
    interface Listener {
        void ended(End end, byte[] octets);
    }

    private static final byte[] NOTHING = {};

    final Query query;
    private final Listener listener;
    private @Nullable Channel channel;
    private boolean over;

    Attempt(Query query, Listener listener) {
        this.query = query;
        this.listener = listener;
    }

    /** Opens the channel and asks; may end before it returns. */
    void start(EventLoop loop, Server server) {
        try {
            Channel opened = open(loop, server);
            channel = opened;
            opened.pipeline().addLast(this);
            var _ = loop.register(opened);
            opened.connect(server.address())
                    .addListener(connected -> {
                        if (!connected.isSuccess()) {
                            end(End.UNREACHABLE, NOTHING);
                        }
                    });
        } catch (ChannelException e) { // no more file descriptors, say
            end(End.UNREACHABLE, NOTHING);
        }
    }

    abstract Channel open(EventLoop loop, Server server);

    /** The time is over. */
    void expire() {
        end(End.SILENT, NOTHING);
    }

    final void end(End end, byte[] octets) {
        if (!over) {
            over = true;
            if (channel != null) {
                var _ = channel.close();
            }
            closed();
            listener.ended(end, octets);
        }
    }

    /** Gives back what the attempt held. Called once. */
    void closed() {}

    final boolean isOver() {
        return over;
    }

    static byte[] octets(ByteBuf content) {
        byte[] octets = new byte[content.readableBytes()];
        content.readBytes(octets);
        return octets;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(End.UNREACHABLE, NOTHING);
    }

    /** A reset, or an ICMP error about this socket's own four-tuple. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
        end(End.UNREACHABLE, NOTHING);
        if (!(cause instanceof IOException)) {
            super.exceptionCaught(context, cause);
        }
    }
}
