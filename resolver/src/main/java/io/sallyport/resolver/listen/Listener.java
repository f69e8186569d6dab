package io.sallyport.resolver.listen;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.EventExecutor;
import io.sallyport.resolver.journey.Journey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** All sockets of one resolver, and the event loops they run on. */
public final class Listener implements AutoCloseable {
    /** Port 0 asks for any port that is free for UDP and TCP alike; this many are tried. */
    private static final int FREE_PORT_TRIES = 20;

    /** A query's budget is 4.5 s: nobody who asked before the end is left without an answer. */
    private static final long LAST_ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(4800);

    /** Of it, for connections whose client never pauses. */
    private static final long LAST_MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

    /** Whoever asked nothing for so long over TCP is done. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** What the event loops still have to do then is to close. */
    private static final long QUIET_MILLIS = 100;

    private static final long STOP_MILLIS = 2000;

    /**
     * A bound socket that another process has, or had: whoever gets it goes on where the other
     * stopped, with all that waits in it.
     *
     * @param stream whether it listens for TCP
     * @param descriptor of this process
     */
    public record Handed(boolean stream, int descriptor) {
        boolean isAt(InetSocketAddress address) {
            return address.equals(new Socket(descriptor).localAddress());
        }

        void close() {
            try {
                new Socket(descriptor).close();
            } catch (IOException e) {
                // close(2) frees the descriptor even then
            }
        }
    }

    private final Transport transport;
    private final EventLoopGroup loops;
    private final Map<EventLoop, Journey> journeys = new HashMap<>();
    private final Map<EventLoop, Datagrams> datagrams = new HashMap<>();
    private final List<UdpSocket> sockets = new ArrayList<>();
    private final Streams streams;
    private final List<Handed> handed;
    private final List<InetSocketAddress> addresses = new ArrayList<>();

    private Listener(
            int threads,
            Function<EventLoop, Journey> journey,
            TcpLimits limits,
            List<Handed> handed) {
        this.transport = Transport.choose();
        this.loops = transport.loops(threads);
        this.streams = new Streams(transport, loops, this::journey, limits);
        this.handed = new ArrayList<>(handed);
        for (EventExecutor executor : loops) {
            EventLoop loop = (EventLoop) executor;
            Journey each = journey.apply(loop);
            journeys.put(loop, each);
            datagrams.put(loop, new Datagrams(each.tally()));
        }
    }

    /**
     * Binds every address, UDP and TCP, or none.
     *
     * @param journey makes the journey of one event loop
     * @param handed sockets to go on with; those of other addresses are closed
     * @throws IOException naming the address that could not be bound, and why
     */
    public static Listener open(
            List<InetSocketAddress> addresses,
            int threads,
            Function<EventLoop, Journey> journey,
            List<Handed> handed)
            throws IOException {
        return open(addresses, threads, journey, TcpLimits.DEFAULT, handed);
    }

    static Listener open(
            List<InetSocketAddress> addresses,
            int threads,
            Function<EventLoop, Journey> journey,
            TcpLimits limits,
            List<Handed> handed)
            throws IOException {
        for (InetSocketAddress address : addresses) {
            if (address.isUnresolved()) {
                throw new IOException(
                        "cannot listen on \""
                                + address.getHostString()
                                + "\": write an IP address");
            }
        }
        Listener listener = new Listener(threads, journey, limits, handed);
        try {
            for (InetSocketAddress address : addresses) {
                listener.addresses.add(
                        address.getPort() == 0
                                ? listener.bindAnyPort(address)
                                : listener.bind(address));
            }
            listener.handed.forEach(Handed::close);
            return listener;
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    /** Where it listens, in the order asked for, with the ports that were chosen. */
    public List<InetSocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    private InetSocketAddress bindAnyPort(InetSocketAddress address) throws IOException {
        IOException last = new IOException("no port is free for UDP and TCP on " + text(address));
        for (int i = 0; i < FREE_PORT_TRIES; i++) {
            int before = sockets.size();
            int streamsBefore = streams.listening();
            try {
                return bind(address);
            } catch (IOException e) {
                last = e;
                closeFrom(before, streamsBefore);
            }
        }
        throw last;
    }

    private InetSocketAddress bind(InetSocketAddress address) throws IOException {
        List<Handed> mine = handed.stream().filter(each -> each.isAt(address)).toList();
        handed.removeAll(mine);
        InetSocketAddress bound = datagrams(address, mine);
        List<Handed> listening = mine.stream().filter(Handed::stream).toList();
        if (listening.isEmpty()) {
            require(streams.bind(bound), bound);
        }
        for (Handed each : listening) {
            require(streams.adopt(each.descriptor()), bound);
        }
        return bound;
    }

    private static void require(ChannelFuture listening, InetSocketAddress address)
            throws IOException {
        if (!listening.isSuccess()) {
            throw failed(address, "TCP", listening.cause());
        }
    }

    private InetSocketAddress datagrams(InetSocketAddress address, List<Handed> mine)
            throws IOException {
        List<EventLoop> free = new ArrayList<>(journeys.keySet());
        InetSocketAddress bound = address;
        try {
            for (Handed each : mine) {
                if (!each.stream()) {
                    // One reads of several sockets where there were more loops before.
                    EventLoop loop = free.removeFirst();
                    free.add(loop);
                    sockets.add(
                            EpollUdp.adopt(
                                    loop, each.descriptor(), datagrams(loop), journey(loop)));
                }
            }
            if (mine.stream().allMatch(Handed::stream)) {
                bound = bindDatagrams(address);
            }
            return bound;
        } catch (IOException e) {
            throw failed(address, "UDP", e);
        }
    }

    private InetSocketAddress bindDatagrams(InetSocketAddress address) throws IOException {
        if (!transport.sharesPorts()) {
            EventLoop loop = journeys.keySet().iterator().next();
            UdpSocket socket = NettyUdp.bind(loop, address, journey(loop));
            sockets.add(socket);
            return socket.address();
        }
        InetSocketAddress bound = address;
        boolean first = true;
        for (EventLoop loop : journeys.keySet()) {
            UdpSocket socket = EpollUdp.bind(loop, bound, first, datagrams(loop), journey(loop));
            sockets.add(socket);
            bound = socket.address();
            first = false;
        }
        return bound;
    }

    private Datagrams datagrams(EventLoop loop) {
        return Objects.requireNonNull(datagrams.get(loop));
    }

    private static IOException failed(InetSocketAddress address, String protocol, Throwable cause) {
        return new IOException(
                "cannot listen on " + text(address) + " (" + protocol + "): " + cause.getMessage(),
                cause);
    }

    private Journey journey(EventLoop loop) {
        Journey journey = journeys.get(loop);
        if (journey == null) {
            throw new IllegalStateException("every loop has its journey");
        }
        return journey;
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + " port " + address.getPort();
    }

    private void closeFrom(int firstSocket, int firstStream) {
        List<UdpSocket> last = sockets.subList(firstSocket, sockets.size());
        last.forEach(UdpSocket::close);
        last.clear();
        streams.closeFrom(firstStream);
    }

    /** One of the event loops. */
    public EventLoop loop() {
        return journeys.keySet().iterator().next();
    }

    /** Whether every event loop does what it is asked to, within seconds. */
    public boolean isAlive() {
        return journeys.keySet().stream()
                .map(loop -> loop.submit(() -> {}))
                .allMatch(asked -> asked.awaitUninterruptibly(STOP_MILLIS));
    }

    /** The bound sockets, as another process may have them too; none without epoll. */
    public List<Handed> sockets() {
        List<Handed> all = new ArrayList<>();
        if (transport.sharesPorts()) {
            sockets.forEach(each -> all.add(new Handed(false, ((EpollUdp) each).descriptor())));
            streams.descriptors().forEach(each -> all.add(new Handed(true, each)));
        }
        return all;
    }

    /**
     * Leaves the sockets to another process that has them: takes nothing more from them, answers
     * what was asked, lets connections go on until they pause, then closes.
     */
    public void leave() {
        sockets.forEach(socket -> socket.rest(false));
        streams.rest();
        await(PAUSE_NANOS);
        end();
    }

    /** Stops listening, answers what was asked, then closes. */
    @Override
    public void close() {
        streams.close();
        sockets.forEach(socket -> socket.rest(true));
        await(0);
        end();
    }

    /** Until everybody has an answer; connections are to end after a pause of so long. */
    private void await(long pauseNanos) {
        long begun = System.nanoTime();
        long passed = 0;
        while (passed < LAST_ANSWER_NANOS) {
            boolean late = passed > LAST_ANSWER_NANOS - LAST_MOMENT_NANOS;
            streams.finish(late ? 0 : pauseNanos);
            if (isQuiet() && streams.isEmpty()) {
                return;
            }
            LockSupport.parkNanos(LOOK_NANOS);
            passed = System.nanoTime() - begun;
        }
    }

    private boolean isQuiet() {
        return sockets.stream().allMatch(UdpSocket::isQuiet);
    }

    private void end() {
        closeFrom(0, 0);
        loops.shutdownGracefully(QUIET_MILLIS, STOP_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(STOP_MILLIS);
    }
}
