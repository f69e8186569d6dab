package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.EpollIoHandler;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.name.WireName;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailingTest {
    private static final WireName NAME = WireName.parse("a.silent.example");
    private static final WireName SISTER = WireName.parse("b.c.silent.example");
    private static final WireName OTHER = WireName.parse("a.other.example");

    @Test
    void domainIsGivenUpAfterFailuresInARowAndBackWithItsFirstAnswer() {
        Failing failing = new Failing();
        for (int i = 0; i < Failing.GIVEN_UP; i++) {
            assertThat(failing.isGivenUp(NAME)).isFalse();
            failing.failed(i % 2 == 0 ? NAME : SISTER);
        }

        assertThat(failing.isGivenUp(SISTER)).isTrue();
        assertThat(failing.isGivenUp(OTHER)).isFalse();

        failing.answered(SISTER);
        assertThat(failing.isGivenUp(NAME)).isFalse();
    }

    @Test
    void silentDomainLeavesTheRepetitionsToOthers() throws Exception {
        try (FakeUpstream silent = new FakeUpstream(query -> {});
                Asking asking =
                        new Asking(
                                EpollIoHandler.newFactory(),
                                Duration.ofSeconds(1),
                                silent.address())) {
            for (int i = 0; i < Failing.GIVEN_UP; i++) {
                asking.ask(Packet.question("n" + i + ".silent.example", 1));
            }
            long before = asking.counter("requests");

            asking.ask(Packet.question("n.silent.example", 1));
            assertThat(asking.counter("requests") - before).isEqualTo(1);

            asking.ask(Packet.question("n.other.example", 1));
            assertThat(asking.counter("requests") - before).isGreaterThanOrEqualTo(3);
        }
    }
}
