package io.sallyport.resolver.listen;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.sallyport.resolver.budget.Budget;
import java.net.InetAddress;

/**
 * The place that a connection takes, given back before the socket is closed: a client that sees the
 * end of one connection may begin the next at once. By the connection's event loop.
 */
final class Place extends ChannelOutboundHandlerAdapter {
    private final Doorkeeper doorkeeper;
    private final InetAddress client;
    private final Budget network;
    private boolean left;

    /** One that {@link Doorkeeper#enter} has taken. */
    Place(Doorkeeper doorkeeper, InetAddress client, Budget network) {
        this.doorkeeper = doorkeeper;
        this.client = client;
        this.network = network;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the promise tells
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        leave();
        context.close(promise);
    }

    /** Twice does no harm. */
    void leave() {
        if (!left) {
            left = true;
            doorkeeper.leave(client, network);
        }
    }
}
