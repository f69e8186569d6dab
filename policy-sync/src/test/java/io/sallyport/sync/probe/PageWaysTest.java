package io.sallyport.sync.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.page.Page;
import io.sallyport.sync.port.FreePort;
import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The web port of the resolver's address: the page, nothing, or something else. */
final class PageWaysTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    private static Seen look(int port) {
        return PageWays.look(List.of(HERE), port, Duration.ofSeconds(10));
    }

    @Test
    void theRealPageAndAClosedPortAreNoWayOut() throws IOException {
        Networks networks = new Networks();
        networks.put(
                new Networks.Network(
                        "n1",
                        List.of(Cidr.parse("127.0.0.1")),
                        Policy.PENDING,
                        (addresses, ports, seconds) -> false));
        int port = FreePort.any();
        assertThat(look(port)).isEqualTo(Seen.blocked("refused"));
        try (Page page =
                Page.start(
                        List.of(HERE), port, networks, (network, name) -> new Page.Told("", ""))) {
            assertThat(page).isNotNull();
            assertThat(look(port)).isEqualTo(Seen.blocked("only the page"));
        }
    }

    /** What it says to everything, or to all but {@code GET /}, which looks like the page. */
    @ParameterizedTest
    @ValueSource(strings = {"another server", "a proxy behind the page"})
    void anythingElseIsOpen(String what) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(HERE, 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        boolean root = exchange.getRequestURI().toString().equals("/");
                        byte[] body =
                                (what.startsWith("another") || !root ? "hello" : Page.GREETING)
                                        .getBytes(StandardCharsets.US_ASCII);
                        exchange.getResponseHeaders().set("Connection", "close");
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                    }
                });
        server.start();
        try {
            Seen seen = look(server.getAddress().getPort());
            assertThat(seen.result()).isEqualTo(Probe.Result.OPEN);
            assertThat(seen.happened())
                    .contains(what.startsWith("another") ? "is not the page" : "GET /metrics");
        } finally {
            server.stop(0);
        }
    }
}
