package io.sallyport.resolver.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sallyport.resolver.journey.Journey;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Epoll where there is one; elsewhere, for development only, what the JDK has. */
enum Transport {
    EPOLL {
        @Override
        IoHandlerFactory handlers() {
            return EpollIoHandler.newFactory();
        }

        @Override
        Class<? extends ServerChannel> server() {
            return EpollServerSocketChannel.class;
        }

        @Override
        boolean sharesPorts() {
            return true;
        }

        @Override
        UdpSocket udp(
                EventLoop loop, InetSocketAddress address, Datagrams datagrams, Journey journey)
                throws IOException {
            return EpollUdp.bind(loop, address, datagrams, journey);
        }

        @Override
        void tune(ServerBootstrap tcp) {
            tcp.option(EpollChannelOption.SO_REUSEPORT, true);
        }
    },

    NIO {
        @Override
        IoHandlerFactory handlers() {
            return NioIoHandler.newFactory();
        }

        @Override
        Class<? extends ServerChannel> server() {
            return NioServerSocketChannel.class;
        }

        @Override
        boolean sharesPorts() {
            return false;
        }

        @Override
        UdpSocket udp(
                EventLoop loop, InetSocketAddress address, Datagrams datagrams, Journey journey)
                throws IOException {
            return NettyUdp.bind(loop, address, journey);
        }

        @Override
        void tune(ServerBootstrap tcp) {}
    };

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    abstract IoHandlerFactory handlers();

    abstract Class<? extends ServerChannel> server();

    /** Whether several sockets share one port, the kernel spreading clients over them. */
    abstract boolean sharesPorts();

    /** Binds one socket that answers on the loop. */
    abstract UdpSocket udp(
            EventLoop loop, InetSocketAddress address, Datagrams datagrams, Journey journey)
            throws IOException;

    abstract void tune(ServerBootstrap tcp);

    EventLoopGroup loops(int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("dns", true), handlers());
    }

    static Transport choose() {
        if (Epoll.isAvailable()) {
            return EPOLL;
        }
        LOG.warn(
                "epoll is not available here ({}); the resolver uses NIO: one socket an address, slower, for development",
                String.valueOf(Epoll.unavailabilityCause()));
        return NIO;
    }
}
