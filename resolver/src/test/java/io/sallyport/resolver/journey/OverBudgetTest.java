package io.sallyport.resolver.journey;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.ednsQuery;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.budget.Budget.Event;
import io.sallyport.resolver.budget.Budget.Events;
import io.sallyport.resolver.budget.Budget.Kind;
import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.Packet;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Ancestors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;

/** What is answered over each budget, and that nobody else pays for it: R1 to R4, 3.6. */
class OverBudgetTest {
    private static final Limits FIVE_QUERIES =
            Limits.DEFAULT.with(Limit.QUERIES_PER_SECOND, 1).with(Limit.QUERY_BURST, 5);

    private final List<Event> events = new ArrayList<>();
    private long now = 1;

    private Desk desk(Limits limits) {
        return desk(limits, events::add);
    }

    private Desk desk(Limits limits, Events told) {
        Desk desk = new Desk(() -> now, limits, told).allowing(".allowed.example,exact.example");
        desk.networks.put(
                new Network(
                        "n2",
                        List.of(Cidr.parse("10.0.0.3")),
                        Policy.compile(
                                Desk.rules(
                                        ".allowed.example",
                                        "",
                                        false,
                                        Set.of(),
                                        Ancestors.NXDOMAIN)),
                        desk.pinner));
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(1));
        return desk;
    }

    private static byte[] other(Desk desk, String name) {
        return desk.ask(ednsQuery(name, A).octets(), "10.0.0.3", false);
    }

    private static void isServfail(byte[] answer, int code, String text) throws IOException {
        Message message = new Message(answer);
        assertThat(message.getRcode()).isEqualTo(Rcode.SERVFAIL);
        List<EDNSOption> options = message.getOPT().getOptions();
        assertThat(options).hasSize(1);
        ExtendedErrorCodeOption error = (ExtendedErrorCodeOption) options.getFirst();
        assertThat(error.getErrorCode()).isEqualTo(code);
        assertThat(error.getText()).contains(text);
    }

    @Test
    void queriesAreToldThenDroppedAndOthersAreServed() throws IOException {
        Desk desk = desk(FIVE_QUERIES);
        for (int i = 0; i < 5; i++) {
            assertThat(headerOf(desk.ask(ednsQuery("www.allowed.example", A))))
                    .startsWith("1234 8180 0001 0001");
        }
        for (int i = 0; i < 20; i++) {
            isServfail(
                    desk.ask(ednsQuery("www.allowed.example", A)), 0, "too many queries a second");
        }
        assertThat(desk.ask(ednsQuery("www.allowed.example", A))).isEmpty();
        assertThat(desk.askTcp(ednsQuery("www.allowed.example", A))).isEmpty();
        assertThat(desk.silences).isEqualTo(2);
        assertThat(headerOf(other(desk, "www.allowed.example"))).startsWith("1234 8180 0001 0001");
        assertThat(desk.counters.value(Count.OVER_QUERIES)).isEqualTo(22);
        assertThat(desk.counters.value(Count.DROPPED_FLOOD)).isEqualTo(2);
        assertThat(events).containsExactly(new Event(Kind.QUERIES, "n1", "", 0, 0));
    }

    @Test
    void tcpIsToldTheSameWay() throws IOException {
        Desk desk = desk(FIVE_QUERIES);
        for (int i = 0; i < 5; i++) {
            desk.askTcp(ednsQuery("denied.example", A));
        }

        isServfail(
                desk.askTcp(ednsQuery("www.allowed.example", A)), 0, "too many queries a second");
    }

    @Test
    void whatIsNoQuestionAtAllCostsItsSenderTheSame() {
        Desk desk = desk(FIVE_QUERIES);
        for (int i = 0; i < 25; i++) {
            assertThat(desk.ask(header(0x0100, 2, 0, 0, 0))).hasSize(12);
        }

        assertThat(desk.ask(header(0x0100, 2, 0, 0, 0))).isEmpty();
        assertThat(desk.ask(ednsQuery("www.allowed.example", A))).isEmpty();
    }

    @Test
    void strangersShareOneBudget() {
        Desk desk = desk(Limits.DEFAULT);
        int answered = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] question = ednsQuery("www.allowed.example", A).octets();
            answered += desk.ask(question, "192.0.2." + i % 250, false).length > 0 ? 1 : 0;
        }

        assertThat(answered).isEqualTo(220);
        assertThat(headerOf(other(desk, "www.allowed.example"))).startsWith("1234 8180 0001 0001");
    }

    @Test
    void aGoodCookieLiftsNothing() {
        Desk desk = desk(FIVE_QUERIES);
        Packet packet =
                header(0x0100, 1, 0, 0, 1)
                        .name("www.allowed.example")
                        .u16(A)
                        .u16(1)
                        .opt(1232, 0, 0, "000a0008", "2464c4abcf10c957");
        for (int i = 0; i < 25; i++) {
            assertThat(desk.ask(packet)).isNotEmpty();
        }

        assertThat(desk.ask(packet)).isEmpty();
    }

    /** R2: water torture below an allowed name stops at what leaves for an upstream. */
    @Test
    void uncachedNamesHaveARateAndCachedOnesGoOn() throws IOException {
        Desk desk =
                desk(
                        Limits.NONE
                                .with(Limit.UPSTREAM_QUERIES_PER_SECOND, 1)
                                .with(Limit.UPSTREAM_QUERY_BURST, 3));
        for (int i = 0; i < 3; i++) {
            isServfail(desk.ask(ednsQuery("h" + i + ".allowed.example", A)), 22, "upstream");
        }

        isServfail(desk.ask(ednsQuery("h4.allowed.example", A)), 0, "too many uncached names");
        assertThat(headerOf(desk.ask(ednsQuery("www.allowed.example", A))))
                .startsWith("1234 8180 0001 0001");
        isServfail(other(desk, "h4.allowed.example"), 22, "upstream");
        assertThat(desk.counters.value(Count.OVER_UPSTREAM_QUERIES)).isEqualTo(1);
        assertThat(events).extracting(Event::kind).containsExactly(Kind.UPSTREAM_QUERIES);
    }

    /** R4 and 3.6 (CVE-2024-33655): what can wait for one moment is bounded a network. */
    @Test
    void answersThatWaitAreBounded() throws IOException {
        Desk desk = desk(Limits.NONE.with(Limit.QUESTIONS_IN_FLIGHT, 7));
        desk.lookup.hold = true;
        for (int i = 0; i < 50; i++) {
            desk.ask(ednsQuery("h" + i + ".allowed.example", A));
        }
        assertThat(desk.answers).hasSize(43);
        isServfail(desk.answers.getLast(), 0, "too many questions");

        desk.release();
        assertThat(desk.answers).hasSize(50);
    }

    @Test
    void aTunnelIsRefusedAndToldOnceAndSeenNamesAndOtherNetworksGoOn() throws IOException {
        Desk desk =
                desk(
                        Limits.NONE
                                .with(Limit.NEW_NAMES_PER_MINUTE, 10)
                                .with(Limit.NEW_NAME_OCTETS_PER_MINUTE, 1000));
        for (int i = 0; i < 10; i++) {
            isServfail(desk.ask(ednsQuery("h" + i + ".allowed.example", A)), 22, "upstream");
        }

        for (int i = 10; i < 30; i++) {
            isServfail(
                    desk.ask(ednsQuery("h" + i + ".allowed.example", A)), 15, "too many new names");
        }
        isServfail(desk.askTcp(ednsQuery("h99.allowed.example", A)), 15, "too many new names");
        isServfail(desk.ask(ednsQuery("h3.allowed.example", A)), 22, "upstream");
        isServfail(desk.ask(ednsQuery("exact.example", A)), 22, "upstream");
        isServfail(other(desk, "h20.allowed.example"), 22, "upstream");
        assertThat(headerOf(desk.ask(ednsQuery("www.allowed.example", A))))
                .startsWith("1234 8180 0001 0001");
        assertThat(desk.counters.value(Count.OVER_NAMES)).isEqualTo(21);
        assertThat(events).containsExactly(new Event(Kind.NAMES, "n1", ".allowed.example", 10, 30));
    }

    @Test
    void whatThrowsInABudgetEndsInNoAnswer() {
        Desk desk =
                desk(
                        Limits.NONE.with(Limit.NEW_NAMES_PER_MINUTE, 1),
                        event -> {
                            throw new IllegalStateException("the event log is broken");
                        });
        desk.lookup.upstream.put("b.allowed.example/1", FakeLookup.addresses(1));
        desk.ask(ednsQuery("a.allowed.example", A));

        assertThat(desk.ask(ednsQuery("b.allowed.example", A))).isEmpty();
        assertThat(desk.pinner.pins).isEmpty();
        assertThat(desk.counters.value(Count.DROPPED_FAULT)).isEqualTo(1);
    }
}
