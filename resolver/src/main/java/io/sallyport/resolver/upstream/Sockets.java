package io.sallyport.resolver.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/** Channels of the kind that an event loop drives: epoll or NIO. */
final class Sockets {
    private Sockets() {}

    static Channel datagram(EventLoop loop, InetSocketAddress remote) {
        SocketProtocolFamily family =
                remote.getAddress() instanceof Inet6Address
                        ? SocketProtocolFamily.INET6
                        : SocketProtocolFamily.INET;
        Channel channel =
                isEpoll(loop) ? new EpollDatagramChannel(family) : new NioDatagramChannel(family);
        // One octet more than asked for shows that there was more.
        channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(Query.MAX_UDP + 1));
        return channel;
    }

    static Channel stream(EventLoop loop) {
        Channel channel = isEpoll(loop) ? new EpollSocketChannel() : new NioSocketChannel();
        // Closing resets: who makes us ask over TCP must not fill our ports with TIME_WAIT.
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        // The exchange has the only timer.
        channel.config().setConnectTimeoutMillis(0);
        return channel;
    }

    private static boolean isEpoll(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    }
}
