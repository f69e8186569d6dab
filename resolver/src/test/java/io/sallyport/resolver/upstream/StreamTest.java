package io.sallyport.resolver.upstream;

import static io.sallyport.resolver.upstream.Asking.assertFailed;
import static io.sallyport.resolver.upstream.Asking.assertGood;
import static io.sallyport.resolver.upstream.Asking.evil;
import static io.sallyport.resolver.upstream.Asking.stranger;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.EpollIoHandler;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.question.Question;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams in pieces, too long, too short, and cut off. */
class StreamTest {
    private static final Question WWW = Packet.question("www.example.com", 1);

    @BeforeAll
    static void warmUp() throws Exception {
        Asking.warmUp();
    }

    @Test
    void readsTcpOctetByOctet() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (!query.tcp) {
                                query.reply(query.packet().flags(0x8380));
                                return;
                            }
                            byte[] message = query.good().octets();
                            query.raw(new byte[] {0});
                            pause();
                            query.raw(new byte[] {(byte) message.length});
                            for (byte octet : message) {
                                query.raw(new byte[] {octet});
                                pause();
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
        }
    }

    @Test
    void readsLongestMessageOverTcp() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (!query.tcp) {
                                query.reply(query.packet().flags(0x8380));
                                return;
                            }
                            Packet packet = query.good();
                            while (packet.length() < 60_000) {
                                packet.additional("@", 65280, 60, new byte[1000]);
                            }
                            query.reply(
                                    packet.additional(
                                            "@",
                                            65280,
                                            60,
                                            new byte[65_535 - packet.length() - 12]));
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
        }
    }

    @Test
    void connectionIsKeptForTheNextTruncatedAnswers() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query ->
                                query.reply(
                                        query.tcp ? query.good() : query.packet().flags(0x8380)));
                Asking asking = new Asking(server.address())) {
            for (int i = 0; i < 250; i++) {
                assertGood(asking.ask(WWW));
            }
            assertThat(server.connections()).isEqualTo(2); // 200 queries and 50
            assertThat(asking.counter("reused_connections")).isEqualTo(248);
        }
    }

    /** RFC 7766 §6.2.4: the server may close when it likes, and nobody is the worse for it. */
    @Test
    void queryLostToClosedConnectionIsAskedAgainOnFreshOne() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (!query.tcp) {
                                query.reply(query.packet().flags(0x8380));
                            } else if (query.number == 3) {
                                query.hangUp();
                            } else {
                                query.reply(query.good());
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertGood(asking.ask(WWW));
            assertThat(server.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, true, false, true, true);
            assertThat(server.connections()).isEqualTo(2);
            assertThat(asking.counter("stale_connections")).isEqualTo(1);
            assertThat(asking.counter("unreachable")).isZero();
        }
    }

    /**
     * RFC 9520 §3.1, and the class of NXNSAttack: whatever servers do, a question is three queries.
     */
    @Test
    void noMisbehaviourMakesMoreThanThreeQueriesOfOneQuestion() throws Exception {
        Random random = new Random(53);
        FakeUpstream.Script erratic =
                query -> {
                    switch (random.nextInt(10)) {
                        case 0 -> query.reply(query.packet().flags(0x8182)); // SERVFAIL
                        case 1 -> query.reply(query.packet().flags(0x8181)); // FORMERR
                        case 2 -> query.reply(query.packet().flags(0x8380)); // TC, even over TCP
                        case 3 -> query.reply(new Packet(query.id(), 0x8184)); // bare NOTIMP
                        case 4 -> query.reply(query.good().answer("@", 1, 60, new byte[5]));
                        case 5 -> {} // silence
                        case 6 -> {
                            if (query.tcp) {
                                query.hangUp();
                            } else {
                                query.reply(new byte[3]);
                            }
                        }
                        default -> query.reply(query.good());
                    }
                };
        try (FakeUpstream one = new FakeUpstream(erratic);
                FakeUpstream two = new FakeUpstream(erratic);
                Asking asking =
                        new Asking(
                                EpollIoHandler.newFactory(),
                                Duration.ofSeconds(2),
                                one.address(),
                                two.address())) {
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int i = 100; i < 400; i++) {
                answers.add(asking.asking(Packet.question("n" + i + ".example.com", 1)));
            }
            for (CompletableFuture<Answer> answer : answers) {
                assertThat(answer.get(10, TimeUnit.SECONDS).rcode()).isIn(0, 2);
            }
            Map<String, Long> asked =
                    Stream.concat(one.queries().stream(), two.queries().stream())
                            .collect(
                                    Collectors.groupingBy(
                                            query ->
                                                    new String(
                                                                    query.name(),
                                                                    StandardCharsets.US_ASCII)
                                                            .toLowerCase(Locale.ROOT),
                                            Collectors.counting()));
            assertThat(asked.values()).hasSizeGreaterThan(250);
            asked.remove("\0"); // probes
            assertThat(asked.values()).allMatch(count -> count <= Exchange.MAX_QUERIES);
            assertThat(asked.values()).contains(3L);
            assertThat(asking.counter("errors")).isZero();
        }
    }

    /** Each makes the second TCP query fail; the third query, also TCP, is answered. */
    static Stream<Arguments> brokenStreams() {
        return Stream.of(
                stranger("closed early", query -> query.raw(new byte[] {0, 50, 1})),
                stranger(
                        "wrong id",
                        query ->
                                query.reply(
                                        new Packet(query.id() ^ 1, Packet.NOERROR)
                                                .question(query.name(), 1, 1)
                                                .answer("@", 1, 60, evil()))),
                stranger("truncated again", query -> query.reply(query.packet().flags(0x8380))),
                stranger("empty message", query -> query.raw(new byte[] {0, 0})),
                stranger(
                        "length too short",
                        query ->
                                query.raw(Packet.join(new byte[] {0, 20}, query.good().octets()))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenStreams")
    void brokenStreamFails(String what, FakeUpstream.Script broken) throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (!query.tcp) {
                                query.reply(query.packet().flags(0x8380));
                            } else if (query.number == 1) {
                                broken.handle(query);
                                if (what.equals("closed early")) {
                                    throw new SocketException("close");
                                }
                            } else {
                                query.reply(query.good());
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, true, true);
        }
    }

    @Test
    void queriesInFlightAreBoundedAndTheRestFailsAtOnce() throws Exception {
        int asked = 1500;
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (!query.tcp) {
                                query.reply(query.packet().flags(0x8380));
                            }
                        });
                Asking asking =
                        new Asking(
                                EpollIoHandler.newFactory(),
                                Duration.ofMillis(2500),
                                server.address())) {
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < asked; i++) {
                answers.add(asking.asking(Packet.question("n" + i + ".example.com", 1)));
            }
            for (CompletableFuture<Answer> answer : answers) {
                assertFailed(answer.get(10, TimeUnit.SECONDS));
            }
            assertThat(server.connections()).isBetween(8, 24);
            assertThat(asking.counter("busy")).isBetween(1L, asked - 1000L);
            server.script(
                    query -> query.reply(query.tcp ? query.good() : query.packet().flags(0x8380)));
            assertGood(asking.ask(WWW));
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
