package io.sallyport.resolver.journey;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.AAAA;
import static io.sallyport.resolver.packet.Packet.ANY;
import static io.sallyport.resolver.packet.Packet.ednsQuery;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.count.Counters.Outcome;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.FakeLookup.Layout;
import io.sallyport.resolver.packet.Packet;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.resolver.policy.Policy.Rules;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** Reverse zones: the names of addresses that were answered, told from memory, and nothing else. */
class ReverseTest {
    private static final int PTR = 12;
    private static final long SECOND = 1_000_000_000L;
    private static final String FOUR = "1.0.0.203.in-addr.arpa";
    private static final String SIX =
            "f.0.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";

    private long now = System.nanoTime();
    private final Desk desk = new Desk(() -> now).allowing(".allowed.example");

    @BeforeEach
    void answers() {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(2));
        desk.lookup.cache.put("api.allowed.example/1", FakeLookup.addresses(2));
        desk.lookup.cache.put(
                "www.allowed.example/28",
                new Layout()
                        .record("c00c", AAAA, Cidr.address("2001:db8::a0f"))
                        .answer(0, 300, now));
    }

    private static String outcome(byte[] octets) throws IOException {
        Message message = new Message(octets);
        List<Record> answers = message.getSection(Section.ANSWER);
        return answers.isEmpty()
                ? Rcode.string(message.getRcode())
                : answers.getFirst().rdataToString() + " " + answers.getFirst().getTTL();
    }

    private String ask(String name) throws IOException {
        return outcome(desk.ask(ednsQuery(name, PTR)));
    }

    private String askFrom(String client, String name) throws IOException {
        return outcome(desk.ask(query(name, PTR).octets(), client, false));
    }

    private void resolve(String... names) {
        for (String name : names) {
            desk.ask(query(name, A));
        }
    }

    private void secondsPass(long seconds) {
        now += seconds * SECOND;
    }

    private static Rules types(Integer... types) {
        return Desk.rules(".allowed.example", "", false, Set.of(types), Ancestors.NXDOMAIN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # name after www.allowed.example has been resolved                               | answer
                    0.0.0.203.in-addr.arpa                                                           | www.allowed.example. 300
                    1.0.0.203.in-addr.arpa                                                           | www.allowed.example. 300
                    1.0.0.203.IN-ADDR.Arpa                                                           | www.allowed.example. 300
                    f.0.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa         | www.allowed.example. 300
                    F.0.A.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.IP6.ARPA         | www.allowed.example. 300
                    2.0.0.203.in-addr.arpa                                                           | NXDOMAIN
                    203.0.0.1.in-addr.arpa                                                           | NXDOMAIN
                    01.0.0.203.in-addr.arpa                                                          | NXDOMAIN
                    001.0.0.203.in-addr.arpa                                                         | NXDOMAIN
                    1.00.0.203.in-addr.arpa                                                          | NXDOMAIN
                    257.0.0.203.in-addr.arpa                                                         | NXDOMAIN
                    999.0.0.203.in-addr.arpa                                                         | NXDOMAIN
                    4294967297.0.0.203.in-addr.arpa                                                  | NXDOMAIN
                    +1.0.0.203.in-addr.arpa                                                          | NXDOMAIN
                    0x1.0.0.203.in-addr.arpa                                                         | NXDOMAIN
                    a.0.0.203.in-addr.arpa                                                           | NXDOMAIN
                    1.0.0.203.x.in-addr.arpa                                                         | NXDOMAIN
                    x.1.0.0.203.in-addr.arpa                                                         | NXDOMAIN
                    1.1.0.0.203.in-addr.arpa                                                         | NXDOMAIN
                    1.0.0.203.xin-addr.arpa                                                          | NXDOMAIN
                    1.0.0.203.in-addr.arpa.evil.example                                              | NXDOMAIN
                    1.0.0.203                                                                        | NXDOMAIN
                    0.0.203.in-addr.arpa                                                             | NXDOMAIN
                    203.in-addr.arpa                                                                 | NXDOMAIN
                    in-addr.arpa                                                                     | NXDOMAIN
                    arpa                                                                             | NXDOMAIN
                    1.0.0.203.ip6.arpa                                                               | NXDOMAIN
                    e.0.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa         | NXDOMAIN
                    0.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa           | NXDOMAIN
                    f.f.0.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa       | NXDOMAIN
                    g.0.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa         | NXDOMAIN
                    0f.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa        | NXDOMAIN
                    0fa.00.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.2.ip6.arpa        | NXDOMAIN
                    f.0.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.int          | NXDOMAIN
                    f.0.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.in-addr.arpa     | NXDOMAIN
                    ip6.arpa                                                                         | NXDOMAIN
                    """)
    void onlyTheNamesOfAnsweredAddressesLeadAnywhere(String name, String answer)
            throws IOException {
        resolve("www.allowed.example");
        desk.ask(query("www.allowed.example", AAAA));
        desk.lookup.asked.clear();

        assertThat(ask(name)).isEqualTo(answer);
        assertThat(desk.lookup.asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "03312e30 0130 03323033", // 1.0 as one label
                "09312e302e302e323033", // the whole address as one
                "0131 0130 0130 04323033 00", // a NUL behind the digits
                "0131 0130 0130 0332303a", // ':' comes after '9'
                "0131 0130 0130 0332302f", // '/' comes before '0'
            })
    void labelsAreReadAsOctetsAndNotAsText(String labels) throws IOException {
        resolve("www.allowed.example");

        byte[] answer =
                desk.ask(
                        header(0x0100, 1, 0, 0, 0)
                                .hex(labels)
                                .name("in-addr.arpa")
                                .u16(PTR)
                                .u16(1));

        assertThat(outcome(answer)).isEqualTo("NXDOMAIN");
    }

    @Test
    void zoneInsideALabelIsNoZone() throws IOException {
        resolve("www.allowed.example");
        byte[] zone = HexFormat.of().parseHex("07696e2d61646472" + "0461727061");

        byte[] answer =
                desk.ask(
                        header(0x0100, 1, 0, 0, 0)
                                .hex("0131 0130 0130")
                                .label(Packet.empty().hex("323033").bytes(zone).octets())
                                .u8(0)
                                .u16(PTR)
                                .u16(1));

        assertThat(outcome(answer)).isEqualTo("NXDOMAIN");
    }

    @Test
    void answerIsOneRecordWithTheNameInFullFromNoAuthority() throws IOException {
        resolve("WWW.allowed.example");

        byte[] answer = desk.ask(query(FOUR.toUpperCase(java.util.Locale.ROOT), PTR));

        assertThat(headerOf(answer)).isEqualTo("1234 8180 0001 0001 0000 0000");
        Message message = new Message(answer);
        assertThat(message.getHeader().getFlag(Flags.AA)).isFalse();
        assertThat(message.getHeader().getFlag(Flags.RA)).isTrue();
        int record = 12 + FOUR.length() + 2 + 4;
        assertThat(Arrays.copyOfRange(answer, record, answer.length))
                .isEqualTo(
                        Packet.empty()
                                .hex("c00c 000c 0001 0000012c 0015")
                                .name("www.allowed.example")
                                .octets());
    }

    @Test
    void longestNameFitsIntoTheSmallestAnswer() throws IOException {
        String longest = ("a".repeat(63) + ".").repeat(3) + "b".repeat(45) + ".allowed.example";
        desk.lookup.cache.put(
                longest + "/28",
                new Layout()
                        .record("c00c", AAAA, Cidr.address("2001:db8::a0f"))
                        .answer(0, 300, now));
        desk.ask(query(longest, AAAA));

        byte[] answer = desk.ask(header(0x0100, 1, 0, 0, 1).name(SIX).u16(PTR).u16(1).opt(0, 0, 0));

        assertThat(outcome(answer)).isEqualTo(longest + ". 300");
        assertThat(answer.length).isLessThanOrEqualTo(512);
        assertThat(outcome(desk.askTcp(query(SIX, PTR)))).isEqualTo(longest + ". 300");
    }

    @Test
    void otherReverseNamesGetTheirDenialAsEver() throws IOException {
        resolve("www.allowed.example");

        Message answer = new Message(desk.ask(ednsQuery("2.0.0.203.in-addr.arpa", PTR)));

        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(answer.getSection(Section.AUTHORITY)).hasSize(1);
        assertThat(((ExtendedErrorCodeOption) answer.getOPT().getOptions().getFirst()).getText())
                .contains("not allowed by org acme");
        assertThat(desk.networks.denied("n1"))
                .extracting(denied -> denied.name())
                .containsExactly("2.0.0.203.in-addr.arpa");
    }

    @Test
    void answeredPointerIsNoDenial() throws IOException {
        resolve("www.allowed.example");

        assertThat(ask(FOUR)).startsWith("www.");

        assertThat(desk.networks.denied("n1")).isEmpty();
        assertThat(desk.counters.value(Count.SPECIAL_USE)).isEqualTo(1);
        assertThat(desk.counters.value(Outcome.ALLOWED)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 6, 16, 28, 65})
    void otherTypesOfAReverseNameAreDenied(int type) throws IOException {
        resolve("www.allowed.example");

        assertThat(outcome(desk.ask(query(FOUR, type)))).isEqualTo("NXDOMAIN");
    }

    @Test
    void anyIsAnsweredWithTheMinimumWhereThereIsAPointerAndDeniedElsewhere() throws IOException {
        resolve("www.allowed.example");

        assertThat(outcome(desk.ask(query(FOUR, ANY)))).startsWith("\"RFC8482\"");
        assertThat(outcome(desk.ask(query("2.0.0.203.in-addr.arpa", ANY)))).isEqualTo("NXDOMAIN");
    }

    @Test
    void questionThatIsNotRecursiveLearnsNothing() throws IOException {
        resolve("www.allowed.example");

        assertThat(outcome(desk.ask(header(0, 1, 0, 0, 0).name(FOUR).u16(PTR).u16(1))))
                .isEqualTo("REFUSED");
    }

    @Test
    void nameThatWasAskedIsToldAndNotWhatItsAliasesLeadTo() throws IOException {
        desk.lookup.cache.put(
                "alias.allowed.example/1",
                new Layout()
                        .record("c00c", Packet.CNAME, Packet.empty().name("x.cdn").octets())
                        .record("c00c", A, Cidr.address("203.0.9.1"))
                        .answer(0, 300, now));
        resolve("alias.allowed.example");

        assertThat(ask("1.9.0.203.in-addr.arpa")).isEqualTo("alias.allowed.example. 300");
    }

    @Test
    void nameThatWasAskedLastWins() throws IOException {
        for (int turn = 0; turn < 2; turn++) {
            resolve("www.allowed.example");
            assertThat(ask(FOUR)).isEqualTo("www.allowed.example. 300");
            resolve("api.allowed.example");
            assertThat(ask(FOUR)).isEqualTo("api.allowed.example. 300");
        }
    }

    @Test
    void ttlIsWhatIsLeftOfThePinAndThenThereIsNothing() throws IOException {
        resolve("www.allowed.example");

        assertThat(ask(FOUR)).isEqualTo("www.allowed.example. 300");
        secondsPass(100);
        assertThat(ask(FOUR)).isEqualTo("www.allowed.example. 260");
        resolve("www.allowed.example");
        assertThat(ask(FOUR)).as("pinned again").isEqualTo("www.allowed.example. 300");
        secondsPass(359);
        assertThat(ask(FOUR)).isEqualTo("www.allowed.example. 1");
        secondsPass(1);
        assertThat(ask(FOUR)).isEqualTo("NXDOMAIN");
    }

    @Test
    void answerFromAnUpstreamIsRememberedToo() throws IOException {
        desk.lookup.upstream.put("late.allowed.example/1", FakeLookup.addresses(1));
        desk.lookup.hold = true;
        resolve("late.allowed.example");
        assertThat(ask("0.0.0.203.in-addr.arpa")).isEqualTo("NXDOMAIN");

        desk.release();

        assertThat(ask("0.0.0.203.in-addr.arpa")).isEqualTo("late.allowed.example. 300");
    }

    @Test
    void addressesThatDidNotLeaveHaveNoName() throws IOException {
        desk.lookup.cache.put("many.allowed.example/1", FakeLookup.addresses(40));
        resolve("many.allowed.example");

        int left = desk.pinner.pins.getFirst().addresses();
        assertThat(left).isBetween(10, 39);
        assertThat(ask((left - 1) + ".0.0.203.in-addr.arpa")).startsWith("many.");
        assertThat(ask(left + ".0.0.203.in-addr.arpa")).isEqualTo("NXDOMAIN");
    }

    @Test
    void failedPinLeavesNoName() throws IOException {
        desk.pinner.opens = false;
        resolve("www.allowed.example");

        assertThat(ask(FOUR)).isEqualTo("NXDOMAIN");
    }

    @Test
    void whatAnotherNetworkResolvedIsNotToBeSeen() throws IOException {
        desk.networks.put(
                new Network(
                        "n2",
                        List.of(Cidr.parse("10.0.0.3")),
                        Policy.compile(types()),
                        desk.pinner));
        desk.ask(query("api.allowed.example", A).octets(), "10.0.0.3", false);

        assertThat(askFrom("10.0.0.3", FOUR)).isEqualTo("api.allowed.example. 300");
        assertThat(askFrom("10.0.0.2", FOUR)).isEqualTo("NXDOMAIN");
        resolve("www.allowed.example");
        assertThat(askFrom("10.0.0.2", FOUR)).isEqualTo("www.allowed.example. 300");
        assertThat(askFrom("10.0.0.3", FOUR)).isEqualTo("api.allowed.example. 300");
        assertThat(askFrom("10.0.0.4", FOUR)).isEqualTo("REFUSED");
    }

    @Test
    void memoryEndsWithTheBinding() throws IOException {
        resolve("www.allowed.example");

        desk.allowing(".allowed.example");

        assertThat(ask(FOUR)).isEqualTo("NXDOMAIN");
    }

    @Test
    void bindingThatEndsWhileItsQueryWaitsGivesItsSuccessorNothing() throws IOException {
        desk.lookup.upstream.put("late.allowed.example/1", FakeLookup.addresses(2));
        desk.lookup.hold = true;
        resolve("late.allowed.example");
        desk.allowing(".allowed.example");
        desk.release();

        assertThat(ask(FOUR)).isEqualTo("NXDOMAIN");
    }

    @Test
    void pendingAndClosedNetworksGetTheirOwnDenials() throws IOException {
        desk.with(Policy.PENDING);
        assertThat(error(desk.ask(ednsQuery(FOUR, PTR)))).isEqualTo(14);

        desk.with(
                new Rules(
                        "org acme",
                        false,
                        true,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        Set.of(),
                        Desk.PORTS,
                        Ancestors.NXDOMAIN));
        assertThat(error(desk.ask(ednsQuery(FOUR, PTR)))).isEqualTo(15);
    }

    private static int error(byte[] octets) throws IOException {
        Message message = new Message(octets);
        assertThat(message.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        return ((ExtendedErrorCodeOption) message.getOPT().getOptions().getFirst()).getErrorCode();
    }

    @Test
    void deniedReverseZoneStaysDenied() throws IOException {
        desk.with(
                Desk.rules(
                        ".allowed.example",
                        ".203.in-addr.arpa",
                        false,
                        Set.of(),
                        Ancestors.NXDOMAIN));
        resolve("www.allowed.example");

        assertThat(ask(FOUR)).isEqualTo("NXDOMAIN");
    }

    @Test
    void typesThatLeaveOutPtrLeaveOutPointers() throws IOException {
        desk.with(types(A, AAAA));
        resolve("www.allowed.example");
        assertThat(ask(FOUR)).isEqualTo("NXDOMAIN");

        for (Rules with : List.of(types(), types(A, PTR), types(Policy.EVERY_TYPE))) {
            desk.with(with);
            resolve("www.allowed.example");
            assertThat(ask(FOUR)).isEqualTo("www.allowed.example. 300");
        }
    }

    @Test
    void levelAllKnowsTheNamesOfItsAddressesAlthoughItPinsNothing() throws IOException {
        desk.with(Desk.rules("", "", true, Set.of(), Ancestors.NXDOMAIN));
        desk.lookup.cache.put("www.example.com/1", FakeLookup.addresses(2));
        resolve("www.example.com");
        desk.lookup.asked.clear();

        assertThat(ask(FOUR)).isEqualTo("www.example.com. 300");
        assertThat(ask("2.0.0.203.in-addr.arpa")).isEqualTo("NXDOMAIN");
        assertThat(desk.lookup.asked).isEmpty();
        assertThat(desk.pinner.pins).isEmpty();
    }
}
