package io.sallyport.resolver.listen;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ThreadFactory;
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
        void enter() {
            if (!ShortTurns.ask()) {
                LOG.debug("the scheduler grants no short turns; queries wait for other threads");
            }
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
        ServerChannel server(int descriptor) {
            return new EpollServerSocketChannel(descriptor);
        }

        @Override
        int descriptor(Channel server) {
            return ((EpollServerSocketChannel) server).fd().intValue();
        }
    },

    NIO {
        @Override
        IoHandlerFactory handlers() {
            return NioIoHandler.newFactory();
        }

        @Override
        void enter() {}

        @Override
        Class<? extends ServerChannel> server() {
            return NioServerSocketChannel.class;
        }

        @Override
        boolean sharesPorts() {
            return false;
        }

        @Override
        ServerChannel server(int descriptor) {
            throw new UnsupportedOperationException(ONLY_EPOLL);
        }

        @Override
        int descriptor(Channel server) {
            throw new UnsupportedOperationException(ONLY_EPOLL);
        }
    };

    private static final String ONLY_EPOLL = "sockets change hands with epoll only";

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    abstract IoHandlerFactory handlers();

    /** Called first on each loop's thread. */
    abstract void enter();

    abstract Class<? extends ServerChannel> server();

    /** Whether several sockets share one port, the kernel spreading clients over them. */
    abstract boolean sharesPorts();

    /** A socket that listens already. */
    abstract ServerChannel server(int descriptor);

    abstract int descriptor(Channel server);

    EventLoopGroup loops(int threads) {
        ThreadFactory named = new DefaultThreadFactory("dns", true);
        ThreadFactory entering =
                loop ->
                        named.newThread(() -> {
                            enter();
                            loop.run();
                        });
        return new MultiThreadIoEventLoopGroup(threads, entering, handlers());
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
