package io.sallyport.resolver.listen;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
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
        Class<? extends Channel> datagram() {
            return EpollDatagramChannel.class;
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
        void tune(Bootstrap udp) {
            // One recvmmsg fills as many slices as fit. Never UDP_GRO beside it: before netty#17492
            // it glued datagrams.
            udp.option(EpollChannelOption.SO_REUSEPORT, true)
                    .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_DATAGRAM)
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new FixedRecvByteBufAllocator(MAX_DATAGRAM * BATCH));
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
        Class<? extends Channel> datagram() {
            return NioDatagramChannel.class;
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
        void tune(Bootstrap udp) {
            udp.option(
                    ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM));
        }

        @Override
        void tune(ServerBootstrap tcp) {}
    };

    /**
     * A query is far smaller (RFC 9715: 1,232 at most); a longer datagram arrives cut and fails at
     * the gate.
     */
    static final int MAX_DATAGRAM = 2048;

    /**
     * Datagrams a system call: 32 take 64 kB of buffer, and the gain beyond is lost in the cache.
     */
    static final int BATCH = 32;

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    abstract IoHandlerFactory handlers();

    abstract Class<? extends Channel> datagram();

    abstract Class<? extends ServerChannel> server();

    /** Whether several sockets share one port, the kernel spreading clients over them. */
    abstract boolean sharesPorts();

    abstract void tune(Bootstrap udp);

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
