package io.sallyport.resolver.upstream;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A connected UDP socket for one query. Lives on one event loop. */
sealed interface Datagram permits EpollDatagram, NioDatagram {
    /** One octet more than asked for shows that there was more. */
    int MAX_RECEIVED = Query.MAX_UDP + 1;

    /** Who gets what comes back. */
    interface Receiver {
        void received(byte[] octets);

        void broken();
    }

    static Datagram open(EventLoop loop, InetSocketAddress remote, Receiver receiver)
            throws IOException {
        return loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class)
                ? EpollDatagram.open(io, remote, receiver)
                : NioDatagram.open(loop, remote, receiver);
    }

    void send(byte[] octets) throws IOException;

    void close();
}
