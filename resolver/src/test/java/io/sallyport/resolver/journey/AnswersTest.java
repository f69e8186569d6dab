package io.sallyport.resolver.journey;

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
import io.sallyport.resolver.journey.Desk.RecordingPinner.Pin;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/** What each case of the design is answered with, and that no address leaves without its pin. */
class AnswersTest {
    private final Desk desk = new Desk().allowing(".allowed.example");

    private static Message message(byte[] octets) throws IOException {
        return new Message(octets);
    }

    private static ExtendedErrorCodeOption error(Message message) {
        OPTRecord opt = message.getOPT();
        assertThat(opt).as("the answer has an OPT").isNotNull();
        assertThat(opt.getPayloadSize()).isEqualTo(1232);
        for (EDNSOption option : opt.getOptions()) {
            return (ExtendedErrorCodeOption) option;
        }
        throw new AssertionError("the answer has no extended error");
    }

    private static void hasOneSoaOfTheRootForFiveSeconds(Message message) {
        assertThat(message.getSection(Section.ANSWER)).isEmpty();
        assertThat(message.getSection(Section.AUTHORITY)).hasSize(1);
        SOARecord soa = (SOARecord) message.getSection(Section.AUTHORITY).getFirst();
        assertThat(soa.getName()).hasToString(".");
        assertThat(soa.getTTL()).isEqualTo(5);
        assertThat(soa.getMinimum()).isEqualTo(5);
    }

    @Test
    void deniedNameIsNxdomainWithTheReasonAndWhoseItIs() throws IOException {
        Message answer = message(desk.ask(ednsQuery("denied.example", A)));

        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        hasOneSoaOfTheRootForFiveSeconds(answer);
        assertThat(error(answer).getErrorCode()).isEqualTo(15);
        assertThat(error(answer).getText())
                .contains("org acme", "level none", "snapshot 3f2a91c0", "retrying will not help")
                .doesNotContain("denied.example");
        assertThat(desk.lookup.asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # name                      | code | text
                    blocked.allowed.example     | 15   | deny list
                    dns.google                  | 15   | public DNS resolvers
                    other.example               | 15   | not allowed
                    """)
    void saysWhichListDenied(String name, int code, String text) throws IOException {
        Desk strict =
                new Desk()
                        .with(
                                Desk.rules(
                                        ".allowed.example .dns.google",
                                        "blocked.allowed.example",
                                        false,
                                        Set.of(),
                                        Ancestors.NXDOMAIN));

        Message answer = message(strict.ask(ednsQuery(name, A)));

        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(error(answer).getErrorCode()).isEqualTo(code);
        assertThat(error(answer).getText()).contains(text);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 16, 28, 43, 65, 65280})
    void deniedNameIsNxdomainForEveryType(int type) throws IOException {
        assertThat(message(desk.ask(query("denied.example", type))).getRcode())
                .isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void deniedNameOfAnyLengthFitsIntoTheSmallestAnswer() throws IOException {
        String longest = ("a".repeat(63) + ".").repeat(3) + "b".repeat(61);
        Desk wordy =
                new Desk()
                        .with(
                                Policy.compile(
                                        new Policy.Rules(
                                                "org ü".repeat(200),
                                                true,
                                                false,
                                                java.util.List.of(),
                                                java.util.List.of(),
                                                java.util.List.of(),
                                                java.util.List.of(),
                                                Set.of(),
                                                java.util.List.of(),
                                                Ancestors.NXDOMAIN)));

        byte[] answer =
                wordy.ask(header(0x0100, 1, 0, 0, 1).name(longest).u16(A).u16(1).opt(0, 0, 0));

        assertThat(answer.length).isLessThanOrEqualTo(512);
        hasOneSoaOfTheRootForFiveSeconds(message(answer));
        assertThat(error(message(answer)).getErrorCode()).isEqualTo(15);
    }

    @Test
    void withoutEdnsThereIsNoOpt() throws IOException {
        assertThat(message(desk.ask(query("denied.example", A))).getOPT()).isNull();
    }

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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # level all, name             | answered here
                    localhost                     | true
                    a.localhost                   | true
                    x.invalid                     | true
                    printer.local                 | true
                    abc.onion                     | true
                    x.alt                         | true
                    1.0.0.10.in-addr.arpa         | true
                    8.8.8.8.in-addr.arpa          | true
                    in-addr.arpa                  | true
                    1.0.0.0.ip6.arpa              | true
                    ipv4only.arpa                 | true
                    _dns.resolver.arpa            | true
                    x.test                        | true
                    x.example                     | true
                    x.internal                    | true
                    nas.home.arpa                 | true
                    why.sallyport.internal        | true
                    named.test                    | false
                    named.internal                | false
                    www.example.com               | false
                    localhost.evil.net            | false
                    notlocalhost                  | false
                    xin-addr.arpa                 | false
                    arpa                          | false
                    """)
    void specialUseNamesNeverGoUpstream(String name, boolean here) throws IOException {
        Desk all =
                new Desk()
                        .with(
                                Desk.rules(
                                        "named.test named.internal",
                                        "",
                                        true,
                                        Set.of(),
                                        Ancestors.NXDOMAIN));

        Message answer = message(all.ask(ednsQuery(name, A)));

        assertThat(all.lookup.asked.isEmpty()).isEqualTo(here);
        if (here) {
            assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
            hasOneSoaOfTheRootForFiveSeconds(answer);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "x.local", "1.0.0.10.in-addr.arpa"})
    void someSpecialUseNamesStayHereEvenIfAnEntryNamesThem(String name) {
        Desk named = new Desk().allowing(name);

        named.ask(query(name, A));

        assertThat(named.lookup.asked).isEmpty();
    }

    @Test
    void ancestorOfAnAllowedNameIsNxdomainUnlessTheRulesWantNodata() throws IOException {
        Desk nodata =
                new Desk()
                        .with(
                                Desk.rules(
                                        "api.allowed.example",
                                        "",
                                        false,
                                        Set.of(),
                                        Ancestors.NODATA));
        Desk standard = new Desk().allowing("api.allowed.example");

        assertThat(message(standard.ask(query("allowed.example", A))).getRcode())
                .isEqualTo(Rcode.NXDOMAIN);
        Message answer = message(nodata.ask(ednsQuery("allowed.example", A)));
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        hasOneSoaOfTheRootForFiveSeconds(answer);
        assertThat(error(answer).getErrorCode()).isEqualTo(15);
        assertThat(message(nodata.ask(query("other.example", A))).getRcode())
                .isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void labelWithADotInsideIsDeniedAndLoggedHarmlessly() throws IOException {
        byte[] answer =
                desk.ask(
                        header(0x0100, 1, 0, 0, 0)
                                .label(
                                        "www.allowed.example"
                                                .getBytes(
                                                        java.nio.charset.StandardCharsets.US_ASCII))
                                .u8(0)
                                .u16(A)
                                .u16(1));
        byte[] nul =
                desk.ask(
                        header(0x0100, 1, 0, 0, 0)
                                .label(new byte[] {'a', 0, '"', '\n'})
                                .name("evil")
                                .u16(A)
                                .u16(1));

        assertThat(message(answer).getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(message(nul).getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(desk.networks.denied("n1"))
                .extracting(d -> d.name())
                .containsExactlyInAnyOrder("www\\046allowed\\046example", "a\\000\\034\\010.evil");
    }

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
    void answerIsCutAtSixtyFourAddressesAndSoAreThePins() throws IOException {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(100));

        Message answer = message(desk.askTcp(query("www.allowed.example", A)));

        assertThat(answer.getSection(Section.ANSWER)).hasSize(64);
        assertThat(desk.pinner.pins).containsExactly(new Pin(64, 2, 360));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # client      | payload | records | header flags | answers | note
                    plain         | 0       | 28      | 8180         | 28      | 30 + 28 records of 16 octets are below 512
                    plain         | 0       | 30      | 8380         | 29      | S2: whole addresses for those who cannot use TCP
                    edns          | 1232    | 64      | 8180         | 64      | S1
                    edns          | 512     | 60      | 8380         | 0       | S2: nothing partial
                    edns          | 100     | 60      | 8380         | 0       | S1: below 512 is 512
                    edns          | 100     | 27      | 8180         | 27      | S1
                    edns          | 65535   | 64      | 8180         | 64      | S1
                    tcp           | 0       | 64      | 8180         | 64      | S4
                    """)
    void sizesAndTruncationOfAddresses(
            String client, int payload, int records, String flags, int answers, String note) {
        desk.lookup.cache.put("w.allowed.example/1", FakeLookup.addresses(records));
        Packet packet =
                client.equals("edns")
                        ? header(0x0100, 1, 0, 0, 1)
                                .name("w.allowed.example")
                                .u16(A)
                                .u16(1)
                                .opt(payload, 0, 0)
                        : query("w.allowed.example", A);

        byte[] answer = client.equals("tcp") ? desk.askTcp(packet) : desk.ask(packet);

        assertThat(headerOf(answer))
                .startsWith(
                        "1234 %s 0001 %04x 0000 %04x"
                                .formatted(flags, answers, client.equals("edns") ? 1 : 0));
        assertThat(answer.length)
                .isLessThanOrEqualTo(
                        client.equals("tcp") ? 65535 : client.equals("plain") ? 512 : 1232);
        assertThat(desk.pinner.pins.stream().mapToInt(Pin::addresses).sum()).isEqualTo(answers);
    }

    @Test
    void textIsNeverSentInPart() {
        Desk text =
                new Desk()
                        .with(
                                Desk.rules(
                                        ".allowed.example",
                                        "",
                                        false,
                                        Set.of(TXT),
                                        Ancestors.NXDOMAIN));
        text.lookup.cache.put("www.allowed.example/16", FakeLookup.text("x".repeat(200), 300));

        assertThat(headerOf(text.ask(query("www.allowed.example", TXT))))
                .isEqualTo("1234 8380 0001 0000 0000 0000");
        assertThat(headerOf(text.ask(ednsQuery("www.allowed.example", TXT))))
                .isEqualTo("1234 8380 0001 0000 0000 0001");
        byte[] whole = text.askTcp(query("www.allowed.example", TXT));
        assertThat(headerOf(whole)).isEqualTo("1234 8180 0001 012c 0000 0000");
        assertThat(whole.length).isGreaterThan(60_000);
    }

    @Test
    void authorityThatDoesNotFitIsLeftOutUnlessProofsWereAskedFor() {
        Layout layout = new Layout().record("c00c", A, new byte[] {93, 1, 1, 1});
        for (int i = 0; i < 40; i++) {
            layout.authority(
                    "c00c", 2, Packet.empty().name("ns" + i + ".allowed.example").octets());
        }
        desk.lookup.cache.put("www.allowed.example/1", layout.answer(0, 300, System.nanoTime()));

        assertThat(headerOf(desk.ask(query("www.allowed.example", A))))
                .isEqualTo("1234 8180 0001 0001 0000 0000");
        assertThat(
                        headerOf(
                                desk.ask(
                                        header(0x0100, 1, 0, 0, 1)
                                                .name("www.allowed.example")
                                                .u16(A)
                                                .u16(1)
                                                .opt(512, 0, 0x8000))))
                .isEqualTo("1234 8380 0001 0000 0000 0001");
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
    void keepaliveIsAnsweredOverTcpOnlyAndOnlyIfAsked() {
        Packet asking =
                header(0x0100, 1, 0, 0, 1)
                        .name("denied.example")
                        .u16(A)
                        .u16(1)
                        .opt(1232, 0, 0, "000b0000");

        assertThat(java.util.HexFormat.of().formatHex(desk.askTcp(asking)))
                .contains("000b00020064");
        assertThat(java.util.HexFormat.of().formatHex(desk.ask(asking))).doesNotContain("000b0002");
        assertThat(java.util.HexFormat.of().formatHex(desk.askTcp(ednsQuery("denied.example", A))))
                .doesNotContain("000b0002");
    }

    @Test
    void clientSubnetsAreNeverUsed() {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(1));
        byte[] answer =
                desk.ask(
                        header(0x0100, 1, 0, 0, 1)
                                .name("www.allowed.example")
                                .u16(A)
                                .u16(1)
                                .opt(1232, 0, 0, "0008000400010000"));

        assertThat(headerOf(answer)).isEqualTo("1234 8180 0001 0001 0000 0001");
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

    @Test
    void everyCounterIsThereFromTheStart() {
        assertThat(new Desk().counters.values())
                .containsEntry("sallyport_answers_without_pin_total", 0L)
                .containsEntry(
                        "sallyport_queries_total{proto=\"udp\",family=\"4\",qtype=\"A\"}", 0L);
    }
}
