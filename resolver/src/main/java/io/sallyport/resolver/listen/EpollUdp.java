package io.sallyport.resolver.listen;

import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.sallyport.resolver.journey.Journey;
import io.sallyport.resolver.reply.Reply;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One UDP socket straight on an event loop's epoll: a batch of datagrams comes in by one system
 * call, and the answers that are there at once go out by one. No object is made for a query that is
 * answered at once.
 */
final class EpollUdp implements EpollIoHandle, Journey.Client, UdpSocket {
    /**
     * Batches taken in a row before the loop's other sockets have their turn. More may have come
     * while one was answered, and a look costs less than to be told.
     */
    private static final int BATCHES = 8;

    /**
     * So many at once are a crowd: more are on their way, and to let them gather for a moment costs
     * less than to sleep and be woken for every few of them, which is why network cards moderate
     * their interrupts. A lone query is never held up, and only what is answered at once counts:
     * for the others an upstream's answers are waited for.
     */
    private static final int CROWD = 8;

    /** The shortest wait there is; the kernel's timer slack makes some 60 µs of it. */
    private static final long MOMENT_NANOS = 1;

    /**
     * All that a receive buffer holds, of the smallest datagrams too, and what still comes
     * meanwhile; a flood has an end.
     */
    private static final int LAST_BATCHES = 1024;

    private static final int SOL_SOCKET = 1;

    /** Beyond rmem_max, for whoever may set that too. */
    private static final int SO_RCVBUFFORCE = 33;

    private static final int IPPROTO_IP = 0;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_MTU_DISCOVER = 23;

    /**
     * IP_PMTUDISC_PROBE: never in fragments, and path MTUs that anybody could have forged are not
     * believed (RFC 9715 §3.1).
     */
    private static final int PROBE = 3;

    private final EventLoop loop;
    private final Socket socket;
    private final int descriptor;
    private final Datagrams datagrams;
    private final Journey journey;
    private @Nullable IoRegistration registration;
    private boolean closed;
    private boolean resting;
    private boolean sendingLater;

    /** Who asked and waits. */
    private int waiting;

    /** Which datagram of the batch is on its way. */
    private int current;

    private EpollUdp(EventLoop loop, Socket socket, Datagrams datagrams, Journey journey) {
        this.loop = loop;
        this.socket = socket;
        this.descriptor = socket.intValue();
        this.datagrams = datagrams;
        this.journey = journey;
    }

    /**
     * @param first whether this process has no other socket there: then nobody else may. A port
     *     that is shared from the start would be shared with every process of the same user
     * @param datagrams those of the loop
     */
    static EpollUdp bind(
            EventLoop loop,
            InetSocketAddress address,
            boolean first,
            Datagrams datagrams,
            Journey journey)
            throws IOException {
        boolean six = address.getAddress() instanceof Inet6Address;
        LinuxSocket socket =
                LinuxSocket.newSocketDgram(
                        six ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET);
        EpollUdp udp = new EpollUdp(loop, socket, datagrams, journey);
        try {
            socket.setReusePort(!first);
            enlarge(socket);
            socket.setSendBufferSize(SEND_BUFFER);
            socket.setIntOpt(
                    six ? IPPROTO_IPV6 : IPPROTO_IP,
                    six ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
                    PROBE);
            socket.bind(address);
            socket.setReusePort(true);
            udp.begin();
            return udp;
        } catch (IOException | RuntimeException e) {
            udp.close();
            throw e;
        }
    }

    private static void enlarge(Socket socket) throws IOException {
        try {
            socket.setIntOpt(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
        } catch (IOException | ChannelException e) {
            socket.setReceiveBufferSize(RECEIVE_BUFFER); // without CAP_NET_ADMIN
        }
    }

    /**
     * A socket that was bound before, and has its options.
     *
     * @param datagrams those of the loop
     */
    static EpollUdp adopt(EventLoop loop, int descriptor, Datagrams datagrams, Journey journey)
            throws IOException {
        EpollUdp udp = new EpollUdp(loop, new Socket(descriptor), datagrams, journey);
        try {
            udp.begin();
            return udp;
        } catch (IOException | RuntimeException e) {
            udp.close();
            throw e;
        }
    }

    private void begin() throws IOException {
        try {
            registration = ((IoEventLoop) loop).register(this).get();
            registration.submit(EpollIoOps.EPOLLIN);
        } catch (ExecutionException e) {
            throw new IOException("the event loop does not take the socket", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public InetSocketAddress address() {
        return socket.localAddress();
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        if (!closed && !resting) {
            datagrams.send();
            take(BATCHES);
        }
    }

    private void take(int most) {
        int count;
        int batches = 0;
        do {
            count = datagrams.receive(descriptor);
            journey.tick();
            for (current = 0; current < count; current++) {
                journey.expect(current, this);
            }
            journey.fetch(count);
            for (current = 0; current < count; current++) {
                journey.begin(
                        datagrams.memory(),
                        Datagrams.offset(current),
                        datagrams.length(current),
                        current,
                        this);
            }
            int answered = datagrams.send();
            journey.tock();
            if (answered >= CROWD && count < Datagrams.BATCH) {
                LockSupport.parkNanos(MOMENT_NANOS);
            }
        } while (count > 0 && ++batches < most);
    }

    @Override
    public long addressHigh() {
        return datagrams.addressHigh(current);
    }

    @Override
    public long addressLow() {
        return datagrams.addressLow(current);
    }

    @Override
    public boolean stream() {
        return false;
    }

    @Override
    public void answer(Reply reply) {
        datagrams.reply(current, descriptor, reply);
    }

    @Override
    public void silence() {}

    @Override
    public Journey.Client kept() {
        waiting++;
        return new Kept(addressHigh(), addressLow(), datagrams.name(current));
    }

    /** Who asked in an earlier batch. */
    private final class Kept implements Journey.Client {
        private final long high;
        private final long low;
        private final byte[] name;

        private Kept(long high, long low, byte[] name) {
            this.high = high;
            this.low = low;
            this.name = name;
        }

        @Override
        public long addressHigh() {
            return high;
        }

        @Override
        public long addressLow() {
            return low;
        }

        @Override
        public boolean stream() {
            return false;
        }

        @Override
        public void answer(Reply reply) {
            waiting--;
            if (!closed) {
                datagrams.reply(name, descriptor, reply);
                sendSoon();
            }
        }

        @Override
        public void silence() {
            waiting--;
        }

        @Override
        public Journey.Client kept() {
            return this;
        }
    }

    /** Answers that become known in one turn of the loop leave together at its end. */
    private void sendSoon() {
        if (!sendingLater) {
            sendingLater = true;
            loop.execute(this::sendLate);
        }
    }

    private void sendLate() {
        sendingLater = false;
        datagrams.send();
    }

    @Override
    public void rest(boolean empty) {
        loop.submit(() -> restNow(empty)).awaitUninterruptibly();
    }

    private void restNow(boolean empty) {
        if (closed || resting) {
            return;
        }
        resting = true;
        if (empty) {
            take(LAST_BATCHES);
        }
        if (registration != null) {
            registration.cancel();
        }
    }

    @Override
    public boolean isQuiet() {
        return loop.submit(() -> waiting == 0).awaitUninterruptibly().getNow();
    }

    int descriptor() {
        return descriptor;
    }

    /** On the loop, so that nothing is sent by a descriptor that is somebody else's by then. */
    @Override
    public void close() {
        if (loop.inEventLoop() || registration == null) {
            closeNow();
        } else {
            loop.submit(this::closeNow).awaitUninterruptibly();
        }
    }

    private void closeNow() {
        if (closed) {
            return;
        }
        closed = true;
        if (registration != null) { // else this is not the loop, whose datagrams these are
            datagrams.send();
        }
        if (registration != null && !resting) {
            // First: another process may have the socket too, and epoll would go on telling of it.
            registration.cancel();
        }
        try {
            socket.close();
        } catch (IOException e) {
            // close(2) frees the descriptor even then, and nothing is left to be written
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }
}
