package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Much to ask at once: datagrams as far as they go, connections for the rest. */
class AllowanceTest {
    private static final int MANY = Upstreams.UDP_BURST + 1000;
    private static final int AT_ONCE = 40;

    @BeforeAll
    static void warmUp() throws Exception {
        Asking.warmUp();
    }

    @Test
    void whatGoesBeyondSharesConnections() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = new Asking(server.address())) {
            askMany(asking);

            assertThat(asking.counter("queries", "transport=\"tcp\""))
                    .isPositive()
                    .isLessThanOrEqualTo(MANY);
            assertThat(asking.counter("reused_connections")).isPositive();
        }
    }

    @Test
    void serverWithoutTcpIsAskedByDatagramsAndNotTakenToBeDown() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (query.tcp) {
                                query.hangUp();
                            } else {
                                query.reply(query.good());
                            }
                        });
                Asking asking = new Asking(server.address())) {
            askMany(asking);

            assertThat(asking.counter("queries", "transport=\"udp\""))
                    .isGreaterThan(Upstreams.UDP_BURST);
        }
    }

    private static void askMany(Asking asking) throws Exception {
        for (int done = 0; done < MANY; done += AT_ONCE) {
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                answers.add(asking.asking(Packet.question("n" + (done + i) + ".example.com", 1)));
            }
            for (CompletableFuture<Answer> answer : answers) {
                Asking.assertGood(answer.get(10, TimeUnit.SECONDS));
            }
        }
    }
}
