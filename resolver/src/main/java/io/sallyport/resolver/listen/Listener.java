package io.sallyport.resolver.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.sallyport.resolver.budget.Budget;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.journey.Journey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** All sockets of one resolver, and the event loops they run on. */
public final class Listener implements AutoCloseable {
    /** Port 0 asks for any port that is free for UDP and TCP alike; this many are tried. */
    private static final int FREE_PORT_TRIES = 20;

    /**
     * How long answers in flight may take when the process is asked to stop; a query may take 4.5
     * s, a stop may not.
     */
    private static final long QUIET_MILLIS = 100;

    private static final long STOP_MILLIS = 2000;

    private final Transport transport;
    private final EventLoopGroup loops;
    private final Map<EventLoop, Journey> journeys = new HashMap<>();
    private final TcpLimits limits;
    private final Doorkeeper doorkeeper;
    private final Map<EventLoop, Datagrams> datagrams = new HashMap<>();
    private final List<AutoCloseable> sockets = new ArrayList<>();
    private final List<InetSocketAddress> addresses = new ArrayList<>();

    private Listener(int threads, Function<EventLoop, Journey> journey, TcpLimits limits) {
        this.transport = Transport.choose();
        this.loops = transport.loops(threads);
        this.limits = limits;
        this.doorkeeper = new Doorkeeper(limits);
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
     * @throws IOException naming the address that could not be bound, and why
     */
    public static Listener open(
            List<InetSocketAddress> addresses, int threads, Function<EventLoop, Journey> journey)
            throws IOException {
        return open(addresses, threads, journey, TcpLimits.DEFAULT);
    }

    static Listener open(
            List<InetSocketAddress> addresses,
            int threads,
            Function<EventLoop, Journey> journey,
            TcpLimits limits)
            throws IOException {
        for (InetSocketAddress address : addresses) {
            if (address.isUnresolved()) {
                throw new IOException(
                        "cannot listen on \""
                                + address.getHostString()
                                + "\": write an IP address");
            }
        }
        Listener listener = new Listener(threads, journey, limits);
        try {
            for (InetSocketAddress address : addresses) {
                listener.addresses.add(
                        address.getPort() == 0
                                ? listener.bindAnyPort(address)
                                : listener.bind(address));
            }
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
            try {
                return bind(address);
            } catch (IOException e) {
                last = e;
                closeFrom(before);
            }
        }
        throw last;
    }

    private InetSocketAddress bind(InetSocketAddress address) throws IOException {
        InetSocketAddress bound = address;
        for (EventLoop loop : journeys.keySet()) {
            UdpSocket socket = udp(loop, bound);
            sockets.add(socket);
            bound = socket.address();
            if (!transport.sharesPorts()) {
                break;
            }
        }
        sockets.add(tcp(bound));
        return bound;
    }

    private UdpSocket udp(EventLoop loop, InetSocketAddress address) throws IOException {
        try {
            return transport.udp(
                    loop, address, Objects.requireNonNull(datagrams.get(loop)), journey(loop));
        } catch (IOException e) {
            throw failed(address, "UDP", e);
        }
    }

    private AutoCloseable tcp(InetSocketAddress address) throws IOException {
        ChannelFuture binding = tcp().bind(address).awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw failed(address, "TCP", binding.cause());
        }
        return () -> binding.channel().close().awaitUninterruptibly();
    }

    private static IOException failed(InetSocketAddress address, String protocol, Throwable cause) {
        return new IOException(
                "cannot listen on " + text(address) + " (" + protocol + "): " + cause.getMessage(),
                cause);
    }

    private ServerBootstrap tcp() {
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(loops, loops)
                        .channel(transport.server())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        accept(channel);
                                    }
                                });
        transport.tune(bootstrap);
        return bootstrap;
    }

    @SuppressWarnings(
            "FutureReturnValueIgnored") // nothing follows the close of a refused connection
    private void accept(Channel channel) {
        Journey journey = journey(channel.eventLoop());
        InetSocketAddress client = (InetSocketAddress) channel.remoteAddress();
        Budget network =
                client == null ? null : journey.budget(Halves.high(client), Halves.low(client));
        if (network == null || !doorkeeper.enter(client.getAddress(), network, System.nanoTime())) {
            journey.tally().add(Count.TCP_REFUSED);
            channel.close();
            return;
        }
        journey.tally().add(Count.TCP_OPENED);
        channel.closeFuture().addListener(closed -> doorkeeper.leave(client.getAddress(), network));
        channel.pipeline().addLast(new TcpConnection(channel, journey, client, limits, doorkeeper));
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

    private void closeFrom(int first) {
        for (AutoCloseable socket : sockets.subList(first, sockets.size())) {
            try {
                socket.close();
            } catch (Exception e) {
                throw new IllegalStateException("closing a socket throws nothing", e);
            }
        }
        sockets.subList(first, sockets.size()).clear();
    }

    /**
     * Stops listening, lets answers over TCP that are ready go, then ends the loops. What is under
     * way over UDP is lost: clients ask again.
     */
    @Override
    public void close() {
        closeFrom(0);
        loops.shutdownGracefully(QUIET_MILLIS, STOP_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(STOP_MILLIS);
    }
}
