package io.sallyport.resolver.upstream;

import static io.sallyport.resolver.upstream.Asking.assertFailed;
import static io.sallyport.resolver.upstream.Asking.assertGood;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.EpollIoHandler;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.question.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Several servers, of which some are slow, silent or gone. */
class HealthTest {
    private static final Question WWW = Packet.question("www.example.com", 1);

    @BeforeAll
    static void warmUp() throws Exception {
        Asking.warmUp();
    }

    @Test
    void otherServerAnswersInTimeForWhoIsSilent() throws Exception {
        try (FakeUpstream dead = new FakeUpstream(query -> {});
                FakeUpstream alive = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = new Asking(dead.address(), alive.address())) {
            for (int i = 0; asking.counter("hedges_won") == 0 && i < 100; i++) {
                assertGood(asking.ask(WWW));
            }
            assertThat(asking.counter("hedges_won")).isPositive();
        }
    }

    @Test
    void firstGoodAnswerWinsAndLateOneIsIgnored() throws Exception {
        List<FakeUpstream.Query> held = new CopyOnWriteArrayList<>();
        try (FakeUpstream slow = new FakeUpstream(held::add);
                FakeUpstream quick =
                        new FakeUpstream(query -> {
                            query.reply(query.good());
                            for (FakeUpstream.Query late : held) {
                                late.reply(late.packet().answer("@", 1, 60, Asking.evil()));
                            }
                        });
                Asking asking = new Asking(slow.address(), quick.address())) {
            for (int i = 0; asking.counter("hedges_won") == 0 && i < 100; i++) {
                assertGood(asking.ask(WWW));
            }
            assertThat(held).isNotEmpty();
            assertGood(asking.ask(WWW));
        }
    }

    @Test
    void serverWhoseProbesFailIsAskedLastAndComesBackWithoutClients() throws Exception {
        try (FakeUpstream dead = new FakeUpstream(query -> {});
                FakeUpstream alive = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = new Asking(dead.address(), alive.address())) {
            String up = "up{upstream=\"127.0.0.1:" + dead.address().getPort() + "\",domain=\".\"}";
            assertThat(asking.value(up)).isEqualTo(1);
            for (int i = 0; asking.value(up) == 1 && i < 4000; i++) {
                assertGood(asking.ask(Packet.question("www.example" + i + ".com", 1)));
                Thread.sleep(3);
            }
            assertThat(asking.value(up)).isZero();
            dead.queries().clear();
            for (int i = 0; i < 20; i++) {
                assertGood(asking.ask(Packet.question("n" + i + ".example.com", 1)));
            }
            assertThat(dead.queries()).allMatch(query -> query.type() == 2, "only probes");

            dead.script(query -> query.reply(query.packet()));
            await(() -> asking.value(up) == 1);
            assertThat(dead.queries()).allMatch(query -> query.name().length == 1, "only the root");
        }
    }

    @Test
    void namesThatClientsChooseDoNotTakeServersDown() throws Exception {
        FakeUpstream.Script silentButForProbes =
                query -> {
                    if (query.name().length == 1) {
                        query.reply(query.packet());
                    }
                };
        try (FakeUpstream server = new FakeUpstream(silentButForProbes);
                Asking asking =
                        new Asking(
                                EpollIoHandler.newFactory(),
                                Duration.ofSeconds(1),
                                server.address())) {
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                answers.add(asking.asking(Packet.question("www.attacker" + i + ".net", 1)));
            }
            for (CompletableFuture<Answer> answer : answers) {
                assertFailed(answer.get(10, TimeUnit.SECONDS), 22);
            }
            await(() -> asking.counter("probes") > 0);
            assertThat(
                            asking.value(
                                    "up{upstream=\"127.0.0.1:"
                                            + server.address().getPort()
                                            + "\",domain=\".\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void dyingServerIsNotAmplified() throws Exception {
        int asked = 600;
        try (FakeUpstream server = new FakeUpstream(query -> {});
                Asking asking =
                        new Asking(
                                EpollIoHandler.newFactory(),
                                Duration.ofMillis(1500),
                                server.address())) {
            flood(asking, asked);

            long queries = asking.counter("requests");
            assertThat(queries)
                    .isBetween((long) asked, asked + asked / 8L + RetryBudget.MOST_EXTRA);
            assertThat(asking.counter("extra_queries_denied")).isPositive();
        }
    }

    @Test
    void dyingPairIsNotAmplifiedByHedges() throws Exception {
        int asked = 600;
        try (FakeUpstream one = new FakeUpstream(query -> {});
                FakeUpstream two = new FakeUpstream(query -> {});
                Asking asking =
                        new Asking(
                                EpollIoHandler.newFactory(),
                                Duration.ofMillis(1500),
                                one.address(),
                                two.address())) {
            flood(asking, asked);

            long queries = asking.counter("requests");
            assertThat(queries)
                    .isBetween((long) asked, asked + asked / 8L + RetryBudget.MOST_EXTRA);
            assertThat(asking.counter("hedges")).isPositive();
            assertThat(asking.counter("extra_queries_denied")).isPositive();
        }
    }

    @Test
    void healthyServerTakesOverWholeLoadOfOneThatDied() throws Exception {
        int asked = 100;
        try (FakeUpstream dead = new FakeUpstream(query -> query.reply(query.good()));
                FakeUpstream alive = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = new Asking(dead.address(), alive.address())) {
            for (int i = 0; i < 20; i++) {
                assertGood(asking.ask(WWW));
            }
            dead.script(query -> {});
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < asked; i++) {
                answers.add(asking.asking(Packet.question("n" + i + ".example.com", 1)));
            }
            for (CompletableFuture<Answer> answer : answers) {
                assertGood(answer.get(10, TimeUnit.SECONDS));
            }
        }
    }

    private static void flood(Asking asking, int count) throws Exception {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(asking.asking(Packet.question("n" + i + ".example.com", 1)));
        }
        for (CompletableFuture<Answer> answer : answers) {
            assertFailed(answer.get(10, TimeUnit.SECONDS), 22);
        }
    }

    static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(condition.getAsBoolean()).as("within 10 s").isTrue();
    }
}
