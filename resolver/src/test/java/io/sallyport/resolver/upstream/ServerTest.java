package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.stream.Streams;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What makes a server suspect, and what must not. */
class ServerTest {
    private static final long MILLI = Duration.ofMillis(1).toNanos();

    private final Server server = new Server(Endpoint.parse("192.0.2.53"), new Streams.Counts());

    @Test
    void silenceAboutOneDomainIsNoReasonToProbe() {
        for (int i = 0; i < 1000; i++) {
            assertThat(server.silent(WireName.parse("n" + i + ".tunnel.attacker.net"), 0))
                    .isFalse();
        }
        assertThat(server.silent(WireName.parse("a.net"), 0)).isFalse();
        assertThat(server.silent(WireName.parse("b.net"), 0)).isTrue();
    }

    @Test
    void namesOfClientsAloneNeverTakeServerDown() {
        for (int i = 0; i < 1000; i++) {
            server.silent(WireName.parse("attacker" + i + ".net"), 0);
        }
        assertThat(server.isUp()).isTrue();
    }

    @Test
    void oneProbeAtATime() {
        server.silent(WireName.parse("a.net"), 0);
        server.silent(WireName.parse("b.net"), 0);
        assertThat(server.silent(WireName.parse("c.net"), 0)).isTrue();
        assertThat(server.silent(WireName.parse("d.net"), 0)).isFalse();

        server.heard(MILLI, 0);
        server.probesOver(0);
        server.silent(WireName.parse("a.net"), 0);
        server.silent(WireName.parse("b.net"), 0);
        assertThat(server.silent(WireName.parse("c.net"), 999 * MILLI)).isFalse();
        assertThat(server.silent(WireName.parse("c.net"), 1000 * MILLI)).isTrue();
    }

    @Test
    void anyAnswerBringsServerUp() {
        server.takeDown();
        assertThat(server.isUp()).isFalse();
        assertThat(server.isWell(0)).isFalse();

        server.heard(MILLI, 0);
        assertThat(server.isUp()).isTrue();
        assertThat(server.isWell(1)).isTrue();
        assertThat(server.isWell(Duration.ofSeconds(3).toNanos())).isFalse();
    }

    @Test
    void patienceFollowsDistanceWithinReason() {
        assertThat(server.timeoutNanos()).isEqualTo(500 * MILLI);
        assertThat(server.hedgeNanos()).isEqualTo(150 * MILLI);
        for (int i = 0; i < 100; i++) {
            server.heard(100 * MILLI, 0);
        }
        assertThat(server.timeoutNanos()).isEqualTo(400 * MILLI);
        assertThat(server.hedgeNanos()).isBetween(100 * MILLI, 110 * MILLI);
        for (int i = 0; i < 100; i++) {
            server.heard(5000 * MILLI, 0);
        }
        assertThat(server.timeoutNanos()).isEqualTo(800 * MILLI);
        assertThat(server.hedgeNanos()).isEqualTo(400 * MILLI);
    }

    @Test
    void serverThatWasOutrunLooksFartherNeverNearer() {
        server.heard(10 * MILLI, 0);
        server.outrun(5 * MILLI);
        assertThat(server.roundTripNanos()).isEqualTo(10 * MILLI);
        server.outrun(90 * MILLI);
        assertThat(server.roundTripNanos()).isEqualTo(20 * MILLI);
    }
}
