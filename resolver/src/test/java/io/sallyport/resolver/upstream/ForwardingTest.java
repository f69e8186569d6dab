package io.sallyport.resolver.upstream;

import static io.sallyport.resolver.upstream.Asking.assertFailed;
import static io.sallyport.resolver.upstream.Asking.assertGood;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.forward.Forward;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Domains with servers of their own, and servers that nobody may have. */
class ForwardingTest {

    @BeforeAll
    static void warmUp() throws Exception {
        Asking.warmUp();
    }

    @Test
    void domainIsAskedOfItsOwnServersOnly() throws Exception {
        try (FakeUpstream usual = new FakeUpstream(query -> query.reply(query.good()));
                FakeUpstream own = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = forwarding(usual, ".corp.example", own)) {
            assertGood(asking.ask(Packet.question("a.corp.example", 1)));
            assertGood(asking.ask(Packet.question("www.example.com", 1)));

            assertThat(own.queries()).allMatch(query -> query.name().length == 16).hasSize(1);
            assertThat(usual.queries()).allMatch(query -> query.name().length == 17).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"0x8182", "0x8185", "0x8180", "0"})
    void failureOfItsServersNeverLeadsToTheUsualOnes(String flags) throws Exception {
        FakeUpstream.Script failing =
                query -> {
                    int rcode = Integer.decode(flags);
                    if (rcode == 0x8180) {
                        query.reply(query.good().answer("@", 1, 60, new byte[5])); // malformed
                    } else if (rcode != 0) {
                        query.reply(query.packet().flags(rcode));
                    }
                };
        try (FakeUpstream usual = new FakeUpstream(query -> query.reply(query.good()));
                FakeUpstream own = new FakeUpstream(failing);
                Asking asking = forwarding(usual, ".corp.example", own)) {
            assertFailed(asking.ask(Packet.question("a.corp.example", 1)));
            assertThat(own.queries()).isNotEmpty();
            assertThat(usual.queries()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    127.0.0.1:5300 | 127.0.0.1:5300
                    0.0.0.0:5300   | 127.0.0.1:5300
                    0.0.0.0:5300   | 127.8.8.8:5300
                    [::]:5300      | [::1]:5300
                    [::]:5300      | 127.0.0.1:5300
                    """)
    void resolverIsNotItsOwnUpstream(String listen, String upstream) {
        List<InetSocketAddress> own = List.of(listening(listen));
        Upstreams.Config usual = Upstreams.Config.of(List.of(Endpoint.parse(upstream)), List.of());
        Upstreams.Config forwarded =
                Upstreams.Config.of(
                        List.of(Endpoint.parse("192.0.2.53")),
                        List.of(Forward.parse(".a.test=" + upstream)));

        assertThatThrownBy(() -> usual.requireNot(own))
                .hasMessageContaining("this resolver itself");
        assertThatThrownBy(() -> forwarded.requireNot(own))
                .hasMessageContaining("this resolver itself");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    127.0.0.1:5300 | 127.0.0.1:5301
                    127.0.0.1:5300 | 127.0.0.2:5300
                    0.0.0.0:5300   | 192.0.2.53:5300
                    127.0.0.1:0    | 127.0.0.1:5300
                    """)
    void otherAddressesMayBe(String listen, String upstream) {
        Upstreams.Config config = Upstreams.Config.of(List.of(Endpoint.parse(upstream)), List.of());

        assertThatCode(() -> config.requireNot(List.of(listening(listen))))
                .doesNotThrowAnyException();
    }

    private static InetSocketAddress listening(String text) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, colon).replaceAll("[\\[\\]]", "");
        return new InetSocketAddress(
                InetAddress.ofLiteral(host), Integer.parseInt(text.substring(colon + 1)));
    }

    private static Asking forwarding(FakeUpstream usual, String pattern, FakeUpstream own) {
        return new Asking(
                Upstreams.Config.of(
                        List.of(Endpoint.plain(usual.address())),
                        List.of(Forward.parse(pattern + "=127.0.0.1:" + own.address().getPort()))));
    }
}
