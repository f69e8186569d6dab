package io.sallyport.resolver.listen;

import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.count.Counters;
import io.sallyport.resolver.journey.Journey;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.packet.FakeLookup;
import java.net.InetSocketAddress;

/** What one connection is served by, where every client is a stranger: nothing depends on time. */
final class Desk {
    final Counters counters = new Counters();
    private final FakeLookup lookup = new FakeLookup();

    TcpConnection connection(EmbeddedChannel channel, InetSocketAddress client) {
        Journey journey =
                new Journey(
                        new Networks(),
                        lookup::cached,
                        lookup::find,
                        new Cookies(0),
                        counters.tally(),
                        channel.eventLoop(),
                        null);
        return new TcpConnection(
                channel, journey, client, TcpLimits.DEFAULT, new Doorkeeper(TcpLimits.DEFAULT));
    }
}
