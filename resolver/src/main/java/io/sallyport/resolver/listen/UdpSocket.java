package io.sallyport.resolver.listen;

import java.net.InetSocketAddress;

/** A bound UDP socket that answers. */
sealed interface UdpSocket extends AutoCloseable permits EpollUdp, NettyUdp {
    /**
     * What comes while the process stands still: the longest that was seen, for a collection or
     * because the machine itself did, was 100 ms. The kernel counts 1,280 octets a query and takes
     * twice of what is asked, so this is 25,000 queries: 0.3 s of 80,000 a second. Without
     * CAP_NET_ADMIN no more than rmem_max is granted.
     */
    int RECEIVE_BUFFER = 16 << 20;

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
