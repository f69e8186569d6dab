package io.sallyport.resolver.upstream;

import static io.sallyport.resolver.upstream.Asking.assertFailed;
import static io.sallyport.resolver.upstream.Asking.assertGood;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.question.Question;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that answer with an error: because of EDNS, or because they cannot do better. */
class ErrorTest {
    private static final Question WWW = Packet.question("www.example.com", 1);

    @BeforeAll
    static void warmUp() throws Exception {
        Asking.warmUp();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void asksOnceWithoutEdns(int rcode) throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query ->
                                query.reply(
                                        query.hasEdns()
                                                ? query.packet().flags(0x8180 | rcode)
                                                : query.good()));
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertGood(asking.ask(WWW));
            assertThat(server.queries())
                    .extracting(FakeUpstream.Query::hasEdns)
                    .containsExactly(true, false, false);
        }
    }

    @Test
    void bareHeaderWithFormerrMeansNoEdns() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query ->
                                query.reply(
                                        query.hasEdns()
                                                ? new Packet(query.id(), 0x8181)
                                                : query.good()));
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries())
                    .extracting(FakeUpstream.Query::hasEdns)
                    .containsExactly(true, false);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 9})
    void errorOfOneServerLeadsToTheNextAndThenFails(int rcode) throws Exception {
        FakeUpstream.Script refuse =
                query -> query.reply(query.packet().flags(0x8180 | rcode).opt());
        try (FakeUpstream one = new FakeUpstream(refuse);
                FakeUpstream two = new FakeUpstream(refuse);
                Asking asking = new Asking(one.address(), two.address())) {
            assertFailed(asking.ask(WWW), 22);
            assertThat(one.queries()).hasSize(1);
            assertThat(two.queries()).hasSize(1);
        }
    }

    @Test
    void formerrAgainAndAgainEnds() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> query.reply(query.packet().flags(0x8181)));
                Asking asking = new Asking(server.address())) {
            assertFailed(asking.ask(WWW), 22);
            assertThat(server.queries()).hasSize(2);
        }
    }

    @Test
    void badVersionDoesNotLoop() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query ->
                                query.reply(
                                        query.packet()
                                                .record(2, new byte[1], 41, 1232, 1L << 24)));
                Asking asking = new Asking(server.address())) {
            assertFailed(asking.ask(WWW), 22);
            assertThat(server.queries()).hasSize(1);
        }
    }
}
