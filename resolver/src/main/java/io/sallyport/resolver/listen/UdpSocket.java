package io.sallyport.resolver.listen;

import java.net.InetSocketAddress;

/** A bound UDP socket that answers. */
sealed interface UdpSocket extends AutoCloseable permits EpollUdp, NettyUdp {
    /**
     * A burst of a batch a network for a thousand networks; the kernel grants less without a higher
     * rmem_max.
     */
    int RECEIVE_BUFFER = 4 << 20;

    int SEND_BUFFER = 1 << 20;

    /** Where it is bound, with the port that port 0 became. */
    InetSocketAddress address();

    /**
     * Takes no more queries. The port stays: answers under way still leave by it.
     *
     * @param empty whether those that have come already are taken first; not where another process
     *     has the socket too and takes them
     */
    void rest(boolean empty);

    /** Whether all who asked have their answer. Not on the socket's loop. */
    boolean isQuiet();

    /** Idempotent; answers that are ready have left when it returns. */
    @Override
    void close();
}
