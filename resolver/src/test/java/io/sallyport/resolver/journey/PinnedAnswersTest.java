package io.sallyport.resolver.journey;

import static io.sallyport.resolver.journey.Answered.error;
import static io.sallyport.resolver.journey.Answered.message;
import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.AAAA;
import static io.sallyport.resolver.packet.Packet.ednsQuery;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.journey.Desk.RecordingPinner.Pin;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.FakeLookup.Layout;
import io.sallyport.resolver.policy.Policy.Ancestors;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;

/** No address leaves without its pin. */
class PinnedAnswersTest {
    private final Desk desk = new Desk().allowing(".allowed.example");

    @Test
    void addressesArePinnedBeforeTheyLeaveFromTheCacheAndFromAnUpstream() {
        desk.lookup.cache.put("hit.allowed.example/1", FakeLookup.addresses(3));
        desk.lookup.upstream.put(
                "miss.allowed.example/28",
                new Layout().record("c00c", AAAA, new byte[16]).answer(0, 10, System.nanoTime()));

        desk.ask(query("hit.allowed.example", A));
        desk.ask(query("miss.allowed.example", AAAA));

        assertThat(desk.pinner.pins).containsExactly(new Pin(3, 2, 360), new Pin(1, 2, 120));
        assertThat(desk.counters.value(Count.WITHOUT_PIN)).isZero();
    }

    @Test
    void failedPinIsServfailWithoutAddresses() throws IOException {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(3));
        desk.pinner.opens = false;

        byte[] answer = desk.ask(ednsQuery("www.allowed.example", A));

        assertThat(headerOf(answer)).isEqualTo("1234 8182 0001 0000 0000 0001");
        assertThat(error(message(answer)).getErrorCode()).isZero();
        assertThat(error(message(answer)).getText()).isEqualTo("enforcement not ready");
        assertThat(desk.counters.value(Count.PIN_FAILED)).isEqualTo(1);
    }

    @Test
    void slowPinIsServfailToo() {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(3));
        desk.pinner.sleepMillis = 250;

        assertThat(headerOf(desk.ask(query("www.allowed.example", A))))
                .isEqualTo("1234 8182 0001 0000 0000 0000");
        assertThat(desk.counters.value(Count.PIN_SLOW)).isEqualTo(1);
    }

    @Test
    void bindingThatEndsWhileItsQueryWaitsPinsNothing() {
        desk.lookup.upstream.put("www.allowed.example/1", FakeLookup.addresses(1));
        desk.lookup.hold = true;
        assertThat(desk.ask(query("www.allowed.example", A))).isEmpty();

        desk.networks.remove("n1");
        desk.release();

        assertThat(headerOf(desk.answers.getLast())).isEqualTo("1234 8182 0001 0000 0000 0000");
        assertThat(desk.pinner.pins).isEmpty();
    }

    @Test
    void answersThatComeInOneTurnAreAnnouncedBeforeTheFirstIsPinned() {
        desk.lookup.upstream.put("www.allowed.example/1", FakeLookup.addresses(1));
        desk.lookup.hold = true;
        desk.ask(query("www.allowed.example", A));
        desk.release();
        assertThat(desk.pinner.announced).as("one alone").isEmpty();

        desk.ask(query("www.allowed.example", A));
        desk.ask(query("www.allowed.example", A));
        desk.release();

        assertThat(desk.pinner.announced).containsExactly(1, 1);
        assertThat(desk.pinner.pins).hasSize(3);
        assertThat(desk.answers).hasSize(3);
    }

    @Test
    void bindingThatIsReplacedWhileItsQueryWaitsPinsNothing() {
        desk.lookup.upstream.put("www.allowed.example/1", FakeLookup.addresses(1));
        desk.lookup.hold = true;
        desk.ask(query("www.allowed.example", A));

        desk.allowing("other.example");
        desk.release();

        assertThat(headerOf(desk.answers.getLast())).isEqualTo("1234 8182 0001 0000 0000 0000");
        assertThat(desk.pinner.pins).isEmpty();
    }

    @Test
    void addressThatTheCheckerDidNotReportNeverLeaves() {
        desk.lookup.cache.put(
                "www.allowed.example/1",
                new Layout()
                        .record("c00c", A, new byte[] {93, 1, 1, 1})
                        .forgetAddresses()
                        .answer(0, 300, System.nanoTime()));

        assertThat(headerOf(desk.ask(query("www.allowed.example", A))))
                .isEqualTo("1234 8182 0001 0000 0000 0000");
        assertThat(desk.counters.value(Count.WITHOUT_PIN)).isEqualTo(1);
    }

    @Test
    void addressOtherThanThePinnedOneNeverLeaves() {
        Layout layout = new Layout().record("c00c", A, new byte[] {93, 1, 1, 1});
        io.sallyport.resolver.answer.Answer honest = layout.answer(0, 300, System.nanoTime());
        honest.addresses()[0] = new byte[] {93, 1, 1, 2};
        desk.lookup.cache.put("www.allowed.example/1", honest);

        assertThat(headerOf(desk.ask(query("www.allowed.example", A))))
                .isEqualTo("1234 8182 0001 0000 0000 0000");
    }

    @Test
    void levelAllPinsNothing() {
        Desk all = new Desk().with(Desk.rules("", "", true, Set.of(), Ancestors.NXDOMAIN));
        all.lookup.cache.put("www.example.com/1", FakeLookup.addresses(2));

        assertThat(headerOf(all.ask(query("www.example.com", A))))
                .isEqualTo("1234 8180 0001 0002 0000 0000");
        assertThat(all.pinner.pins).isEmpty();
    }

    @Test
    void answerIsCutAtSixtyFourAddressesAndSoAreThePins() throws IOException {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(100));

        Message answer = message(desk.askTcp(query("www.allowed.example", A)));

        assertThat(answer.getSection(Section.ANSWER)).hasSize(64);
        assertThat(desk.pinner.pins).containsExactly(new Pin(64, 2, 360));
    }

    @Test
    void everyCounterIsThereFromTheStart() {
        assertThat(new Desk().counters.values())
                .containsEntry("sallyport_answers_without_pin_total", 0L)
                .containsEntry(
                        "sallyport_queries_total{proto=\"udp\",family=\"4\",qtype=\"A\"}", 0L);
    }
}
