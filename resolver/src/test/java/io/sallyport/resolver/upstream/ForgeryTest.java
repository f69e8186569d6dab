package io.sallyport.resolver.upstream;

import static io.sallyport.resolver.upstream.Asking.assertGood;
import static io.sallyport.resolver.upstream.Asking.evil;
import static io.sallyport.resolver.upstream.Asking.stranger;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages of somebody who guesses, and what there is to guess. */
class ForgeryTest {
    private static final Question WWW = Packet.question("www.example.com", 1);

    @BeforeAll
    static void warmUp() throws Exception {
        Asking.warmUp();
    }

    /** What must be waited through until the true answer comes. */
    static Stream<Arguments> strangers() {
        return Stream.of(
                stranger(
                        "wrong id",
                        query ->
                                query.reply(
                                        new Packet(query.id() ^ 1, Packet.NOERROR)
                                                .question(query.name(), 1, 1)
                                                .answer("@", 1, 60, evil()))),
                stranger(
                        "wrong name",
                        query ->
                                query.reply(
                                        new Packet(query.id(), Packet.NOERROR)
                                                .question(Packet.name("wwx.example.com"), 1, 1)
                                                .answer("@", 1, 60, evil()))),
                stranger(
                        "wrong type",
                        query ->
                                query.reply(
                                        new Packet(query.id(), Packet.NOERROR)
                                                .question(query.name(), 28, 1)
                                                .answer("@", 1, 60, evil()))),
                stranger(
                        "wrong class",
                        query ->
                                query.reply(
                                        new Packet(query.id(), Packet.NOERROR)
                                                .question(query.name(), 1, 3)
                                                .answer("@", 1, 60, evil()))),
                stranger(
                        "QR=0",
                        query ->
                                query.reply(
                                        query.packet().flags(0x0180).answer("@", 1, 60, evil()))),
                stranger(
                        "opcode NOTIFY",
                        query ->
                                query.reply(
                                        query.packet().flags(0xa180).answer("@", 1, 60, evil()))),
                stranger(
                        "no question",
                        query ->
                                query.reply(
                                        new Packet(query.id(), Packet.NOERROR)
                                                .answer("www.example.com", 1, 60, evil()))),
                stranger(
                        "two questions",
                        query ->
                                query.reply(
                                        query.packet()
                                                .question(query.name(), 1, 1)
                                                .answer("@", 1, 60, evil()))),
                stranger(
                        "a bare header",
                        query -> query.reply(new Packet(query.id(), Packet.NOERROR))),
                stranger("half a header", query -> query.reply(new byte[5])),
                stranger(
                        "another port",
                        query ->
                                query.replyFromElsewhere(
                                        query.packet().answer("@", 1, 60, evil()).octets())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strangers")
    void waitsThroughStrangersMessages(String what, FakeUpstream.Script stranger) throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            stranger.handle(query);
                            query.reply(query.good());
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries()).hasSize(1);
            assertThat(asking.counter("mismatched"))
                    .as(what)
                    .isEqualTo(what.equals("another port") ? 0 : 1);
        }
    }

    @Test
    void goesToTcpWhenIdsAreBeingGuessed() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            for (int i = 1; i <= 20 && !query.tcp; i++) {
                                query.reply(
                                        new Packet(query.id() ^ i, Packet.NOERROR)
                                                .question(query.name(), 1, 1)
                                                .answer("@", 1, 60, evil()));
                            }
                            if (query.tcp) {
                                query.reply(query.good());
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, true);
            assertThat(asking.counter("mismatched")).isEqualTo(10);
        }
    }

    @Test
    void answerInOtherCaseIsAskedForOverTcp() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (query.tcp) {
                                query.reply(query.good());
                            } else {
                                byte[] swapped = query.name();
                                swapped[1] ^= 0x20;
                                query.reply(
                                        new Packet(query.id(), Packet.NOERROR)
                                                .question(swapped, 1, 1)
                                                .answer("@", 1, 60, evil()));
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(asking.counter("mismatched")).isEqualTo(1);
        }
    }

    @Test
    void serverThatLowersCaseIsKnownAfterThreeNames() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            byte[] name = query.name();
                            for (int i = 0; i < name.length; i++) {
                                name[i] = WireName.lower(name[i]);
                            }
                            query.reply(
                                    new Packet(query.id(), Packet.NOERROR)
                                            .question(name, 1, 1)
                                            .answer("@", 1, 60, Packet.address("93.184.216.34")));
                        });
                Asking asking = new Asking(server.address())) {
            for (int i = 0; i < 4; i++) {
                assertGood(asking.ask(Packet.question("long-name-" + i + ".example.com", 1)));
            }
            assertThat(server.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, true, false, true, false, true, false);
        }
    }

    @Test
    void oversizeDatagramLeadsToTcp() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (query.tcp) {
                                query.reply(query.good());
                            } else {
                                query.reply(Arrays.copyOf(query.good().octets(), 1400));
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries()).hasSize(2);
        }
    }

    @Test
    void portsAndIdsAndCaseAreRandom() throws Exception {
        int asked = 400;
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = new Asking(server.address())) {
            for (int i = 0; i < asked; i++) {
                assertGood(asking.ask(WWW));
            }
            List<FakeUpstream.Query> queries = server.queries();
            assertThat(queries).hasSize(asked);
            assertThat(queries.stream().map(query -> query.port).distinct().count())
                    .isGreaterThan(asked * 9 / 10);
            assertThat(queries.stream().map(FakeUpstream.Query::id).distinct().count())
                    .isGreaterThan(asked * 9 / 10);
            assertThat(
                            queries.stream()
                                    .map(query ->
                                            new String(query.name(), StandardCharsets.US_ASCII))
                                    .distinct()
                                    .count())
                    .isGreaterThan(asked * 9 / 10);
            for (int bit = 0; bit < 16; bit++) {
                int shift = bit;
                assertThat(queries.stream().filter(query -> (query.id() >> shift & 1) == 1).count())
                        .as("id bit %d of %d", bit, asked)
                        .isBetween(130L, 270L);
            }
        }
    }
}
