package io.sallyport.resolver.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.sallyport.resolver.budget.Budget;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.journey.Journey;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The TCP sockets that listen, and the connections that came by them. */
final class Streams implements AutoCloseable {
    private final Transport transport;
    private final EventLoopGroup loops;
    private final Function<EventLoop, Journey> journeys;
    private final TcpLimits limits;
    private final Doorkeeper doorkeeper;
    private final List<Channel> listening = new ArrayList<>();
    private final Set<TcpConnection> connections = ConcurrentHashMap.newKeySet();

    Streams(
            Transport transport,
            EventLoopGroup loops,
            Function<EventLoop, Journey> journeys,
            TcpLimits limits) {
        this.transport = transport;
        this.loops = loops;
        this.journeys = journeys;
        this.limits = limits;
        this.doorkeeper = new Doorkeeper(limits);
    }

    /** Listens on an address; the future's cause says why not. */
    ChannelFuture bind(InetSocketAddress address) {
        return listen(bootstrap().channel(transport.server()).bind(address).awaitUninterruptibly());
    }

    /** Listens by a socket that was bound before. */
    ChannelFuture adopt(int descriptor) {
        return listen(
                bootstrap()
                        .channelFactory(() -> transport.server(descriptor))
                        .register()
                        .awaitUninterruptibly());
    }

    private ChannelFuture listen(ChannelFuture beginning) {
        if (beginning.isSuccess()) {
            listening.add(beginning.channel());
        }
        return beginning;
    }

    private ServerBootstrap bootstrap() {
        return new ServerBootstrap()
                .group(loops, loops)
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
    }

    @SuppressWarnings(
            "FutureReturnValueIgnored") // nothing follows the close of a refused connection
    private void accept(Channel channel) {
        Journey journey = journeys.apply(channel.eventLoop());
        InetSocketAddress client = (InetSocketAddress) channel.remoteAddress();
        Budget network =
                client == null ? null : journey.budget(Halves.high(client), Halves.low(client));
        if (network == null || !doorkeeper.enter(client.getAddress(), network, System.nanoTime())) {
            journey.tally().add(Count.TCP_REFUSED);
            channel.close();
            return;
        }
        journey.tally().add(Count.TCP_OPENED);
        Place place = new Place(doorkeeper, client.getAddress(), network);
        TcpConnection connection = new TcpConnection(channel, journey, client, limits, doorkeeper);
        connections.add(connection);
        channel.closeFuture()
                .addListener(closed -> {
                    connections.remove(connection);
                    place.leave(); // also where nobody asked for its close
                });
        channel.pipeline().addLast(place, connection);
    }

    /** The sockets that listen, for another process. */
    List<Integer> descriptors() {
        return listening.stream().map(transport::descriptor).toList();
    }

    /** Accepts no more; a socket that another process has too goes on there. */
    void rest() {
        listening.forEach(channel -> channel.deregister().awaitUninterruptibly());
    }

    /** Tells every connection to end once nothing was asked for so long. */
    void finish(long quietNanos) {
        connections.forEach(connection -> connection.finishSoon(quietNanos));
    }

    boolean isEmpty() {
        return connections.isEmpty();
    }

    int listening() {
        return listening.size();
    }

    /** Stops listening on the sockets from this one on. */
    void closeFrom(int first) {
        List<Channel> last = listening.subList(first, listening.size());
        last.forEach(channel -> channel.close().awaitUninterruptibly());
        last.clear();
    }

    @Override
    public void close() {
        closeFrom(0);
    }
}
