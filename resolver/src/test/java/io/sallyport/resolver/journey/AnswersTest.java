package io.sallyport.resolver.journey;

import static io.sallyport.resolver.journey.Answered.error;
import static io.sallyport.resolver.journey.Answered.hasOneSoaOfTheRootForFiveSeconds;
import static io.sallyport.resolver.journey.Answered.message;
import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.AAAA;
import static io.sallyport.resolver.packet.Packet.CNAME;
import static io.sallyport.resolver.packet.Packet.HTTPS;
import static io.sallyport.resolver.packet.Packet.TXT;
import static io.sallyport.resolver.packet.Packet.ednsQuery;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.FakeLookup.Layout;
import io.sallyport.resolver.packet.Packet;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.resolver.policy.Policy.Reason;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** What each other case of the design is answered with. */
class AnswersTest {
    private final Desk desk = new Desk().allowing(".allowed.example");

    @Test
    void strangerIsRefusedAndLearnsNothingElse() throws IOException {
        byte[] answer = desk.ask(ednsQuery("www.allowed.example", A).octets(), "10.0.0.3", false);

        assertThat(message(answer).getRcode()).isEqualTo(Rcode.REFUSED);
        assertThat(error(message(answer)).getErrorCode()).isEqualTo(18);
        byte[] notRecursive =
                desk.ask(
                        header(0, 1, 0, 0, 1).name("a").u16(A).u16(1).opt(1232, 0, 0).octets(),
                        "10.0.0.3",
                        false);
        assertThat(error(message(notRecursive)).getErrorCode()).isEqualTo(18);
        assertThat(desk.lookup.asked).isEmpty();
    }

    @Test
    void clientBehindAMappedAddressIsTheSameClient() throws IOException {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(1));

        byte[] answer =
                desk.ask(query("www.allowed.example", A).octets(), "::ffff:10.0.0.2", false);

        assertThat(message(answer).getRcode()).isEqualTo(Rcode.NOERROR);
    }

    @Test
    void pendingNetworkIsToldToWait() throws IOException {
        Desk pending = new Desk().with(Policy.PENDING);

        Message answer = message(pending.ask(ednsQuery("www.allowed.example", A)));

        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(error(answer).getErrorCode()).isEqualTo(14);
        hasOneSoaOfTheRootForFiveSeconds(answer);
        assertThat(pending.networks.denied("n1"))
                .extracting(d -> d.reason())
                .containsExactly(Reason.NOT_READY);
    }

    @Test
    void notRecursiveQuestionIsRefused() throws IOException {
        Message answer =
                message(
                        desk.ask(
                                header(0, 1, 0, 0, 1)
                                        .name("www.allowed.example")
                                        .u16(A)
                                        .u16(1)
                                        .opt(1232, 0, 0)));

        assertThat(answer.getRcode()).isEqualTo(Rcode.REFUSED);
        assertThat(error(answer).getErrorCode()).isEqualTo(20);
    }

    @ParameterizedTest
    @ValueSource(ints = {HTTPS, 64, TXT, 12, 2, 33})
    void typeThatIsNotAllowedIsNodata(int type) throws IOException {
        Message answer = message(desk.ask(ednsQuery("www.allowed.example", type)));

        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        hasOneSoaOfTheRootForFiveSeconds(answer);
        assertThat(error(answer).getErrorCode()).isEqualTo(17);
        assertThat(desk.lookup.asked).isEmpty();
    }

    @Test
    void typeThatAnOrgAllowsIsLookedUp() {
        Desk text =
                new Desk()
                        .with(
                                Desk.rules(
                                        ".allowed.example",
                                        "",
                                        false,
                                        Set.of(TXT),
                                        Ancestors.NXDOMAIN));
        text.lookup.upstream.put("www.allowed.example/16", FakeLookup.text("hello", 1));

        assertThat(headerOf(text.ask(query("www.allowed.example", TXT))))
                .isEqualTo("1234 8180 0001 0001 0000 0000");
        assertThat(text.pinner.pins).isEmpty();
    }

    @Test
    void anyIsAnsweredWithTheMinimum() throws IOException {
        Message answer = message(desk.ask(ednsQuery("www.allowed.example", Packet.ANY)));

        assertThat(answer.getSection(Section.ANSWER))
                .singleElement()
                .asString()
                .contains("HINFO", "RFC8482");
        assertThat(desk.lookup.asked).isEmpty();
    }

    @Test
    void ttlCountsDown() throws IOException {
        desk.lookup.cache.put(
                "www.allowed.example/1",
                new Layout()
                        .record("c00c", CNAME, Packet.empty().name("x.cdn").octets())
                        .record("c00c", A, new byte[] {93, 1, 1, 1})
                        .answer(0, 300, System.nanoTime() - 100_500_000_000L));
        desk.lookup.cache.put(
                "old.allowed.example/1",
                new Layout()
                        .record("c00c", A, new byte[] {93, 1, 1, 1})
                        .answer(0, 300, System.nanoTime() - 400_000_000_000L));

        Message answer = message(desk.ask(query("www.allowed.example", A)));
        Message old = message(desk.ask(query("old.allowed.example", A)));

        assertThat(answer.getSection(Section.ANSWER))
                .extracting(r -> r.getTTL())
                .containsExactly(200L, 200L);
        assertThat(old.getSection(Section.ANSWER)).extracting(r -> r.getTTL()).containsExactly(0L);
    }

    @Test
    void negativeAnswersKeepTheirSoa() throws IOException {
        desk.lookup.cache.put("gone.allowed.example/1", FakeLookup.negative(3));
        desk.lookup.cache.put("v4.allowed.example/28", FakeLookup.negative(0));

        assertThat(headerOf(desk.ask(query("gone.allowed.example", A))))
                .isEqualTo("1234 8183 0001 0000 0001 0000");
        assertThat(headerOf(desk.ask(query("v4.allowed.example", AAAA))))
                .isEqualTo("1234 8180 0001 0000 0001 0000");
        assertThat(desk.pinner.pins).isEmpty();
    }

    @Test
    void upstreamsErrorIsPassedOnWithItsReason() throws IOException {
        Message answer = message(desk.ask(ednsQuery("lame.allowed.example", A)));

        assertThat(answer.getRcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(error(answer).getErrorCode()).isEqualTo(22);
        assertThat(error(answer).getText()).isEqualTo("no upstream answered");
    }

    @Test
    void oneNetworkCannotFillTheUpstreams() {
        desk.lookup.hold = true;
        for (int i = 0; i < 200; i++) {
            assertThat(desk.ask(query("h" + i + ".allowed.example", A))).isEmpty();
        }

        assertThat(headerOf(desk.ask(query("one.more.allowed.example", A))))
                .isEqualTo("1234 8182 0001 0000 0000 0000");
        desk.release();
        desk.lookup.hold = false;
        desk.lookup.upstream.put("again.allowed.example/1", FakeLookup.addresses(1));
        assertThat(headerOf(desk.ask(query("again.allowed.example", A))))
                .isEqualTo("1234 8180 0001 0001 0000 0000");
    }

    @Test
    void faultOnTheWayEndsInNoAnswerAndIsCounted() {
        desk.lookup.cache.put(
                "www.allowed.example/1",
                new Layout().record("c00c", A, new byte[4]).answer(0, 300, System.nanoTime()));
        io.sallyport.resolver.answer.Answer broken =
                new io.sallyport.resolver.answer.Answer(
                        0,
                        false,
                        1,
                        0,
                        new byte[0],
                        new int[] {99},
                        new int[] {4000},
                        300,
                        0,
                        new byte[][] {{1}},
                        -1,
                        "");
        desk.lookup.cache.put("broken.allowed.example/1", broken);

        assertThat(desk.ask(query("broken.allowed.example", A))).isEmpty();
        assertThat(desk.silences).isEqualTo(1);
        assertThat(desk.counters.value(Count.DROPPED_FAULT)).isEqualTo(1);
        assertThat(headerOf(desk.ask(query("www.allowed.example", A))))
                .isEqualTo("1234 8180 0001 0001 0000 0000");
    }
}
