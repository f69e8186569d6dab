package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.name.WireName;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What makes a server look down, and what must not. */
class ServerTest {
    @Test
    void silenceAboutOneDomainDoesNotCondemnServer() {
        Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 53));
        server.heard(1_000_000);
        for (int i = 0; i < 1000; i++) {
            server.silent(WireName.parse("n" + i + ".tunnel.attacker.net"), i);
        }
        assertThat(server.cost(2000)).isLessThan(Long.MAX_VALUE);

        server.silent(WireName.parse("a.net"), 2000);
        server.silent(WireName.parse("b.net"), 2000);
        assertThat(server.cost(2001)).isEqualTo(Long.MAX_VALUE);

        server.heard(1_000_000);
        assertThat(server.cost(2001)).isLessThan(Long.MAX_VALUE);
    }

    @Test
    void serverThatIsDownGetsOneProbeInAWhile() {
        Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 53));
        for (String name : List.of("a.net", "b.net", "c.net")) {
            server.silent(WireName.parse(name), 0);
        }
        long later = Duration.ofSeconds(3).toNanos();
        assertThat(server.cost(1)).isEqualTo(Long.MAX_VALUE);
        assertThat(server.cost(later)).isZero();
        server.chosen(later);
        assertThat(server.cost(later)).isEqualTo(Long.MAX_VALUE);
    }
}
