package io.sallyport.resolver.check;

import static io.sallyport.resolver.check.Packet.address;
import static io.sallyport.resolver.check.Packet.join;
import static io.sallyport.resolver.check.Packet.name;
import static io.sallyport.resolver.check.Packet.pointer;
import static io.sallyport.resolver.check.Packet.soa;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** What is kept of sound messages. */
class CheckTest {
    private static final Question WWW = Packet.question("www.example.com", 1);
    private static final byte[] ADDRESS = address("93.184.216.34");

    @Test
    void keepsAddressesAndTheirOrder() throws IOException {
        byte[] second = address("93.184.216.35");
        Answer answer =
                accepted(
                        Packet.to(WWW).answer("@", 1, 60, ADDRESS).answer("@", 1, 60, second).opt(),
                        WWW);

        assertThat(answer.addresses()).isDeepEqualTo(new byte[][] {ADDRESS, second});
        assertThat(rendered(answer, WWW, Section.ANSWER))
                .containsExactly(
                        "www.example.com. 60 IN A 93.184.216.34",
                        "www.example.com. 60 IN A 93.184.216.35");
        assertThat(answer.rcode()).isZero();
        assertThat(answer.authenticated()).isFalse();
        assertThat(answer.extendedError()).isEqualTo(Answer.NO_EXTENDED_ERROR);
    }

    @Test
    void ownersPointToTheQuestion() {
        Answer answer = accepted(Packet.to(WWW).answer("WWW.Example.COM", 1, 60, ADDRESS), WWW);

        assertThat(answer.body()).startsWith(0xc0, 0x0c).hasSize(16);
        assertThat(answer.recordEnds()).containsExactly(16);
        assertThat(answer.ttlOffsets()).containsExactly(6);
    }

    @Test
    void putsChainIntoOrder() throws IOException {
        Answer answer =
                accepted(
                        Packet.to(WWW)
                                .answer("c.example.net", 1, 50, ADDRESS)
                                .answer("b.example.org", 5, 40, name("c.example.net"))
                                .answer("@", 5, 30, name("B.Example.org")),
                        WWW);

        assertThat(rendered(answer, WWW, Section.ANSWER))
                .containsExactly(
                        "www.example.com. 30 IN CNAME b.example.org.",
                        "b.example.org. 30 IN CNAME c.example.net.",
                        "c.example.net. 30 IN A 93.184.216.34");
        assertThat(answer.addresses()).isDeepEqualTo(new byte[][] {ADDRESS});
    }

    @Test
    void dropsWhatDoesNotLieOnTheChain() throws IOException {
        Answer answer =
                accepted(
                        Packet.to(WWW)
                                .answer("victim.example.com", 1, 60, address("8.8.8.8"))
                                .answer("@", 1, 60, ADDRESS)
                                .answer("@", 16, 60, (byte) 1, (byte) 'x')
                                .answer("example.com", 2, 60, name("ns.attacker.net"))
                                .record(0, name("@"), 1, 3, 60, ADDRESS)
                                .authority("com", 2, 60, name("ns.attacker.net"))
                                .authority("example.com", 6, 60, soa(5))
                                .additional("ns.attacker.net", 1, 60, address("9.9.9.9")),
                        WWW);

        assertThat(rendered(answer, WWW, Section.ANSWER))
                .containsExactly("www.example.com. 60 IN A 93.184.216.34");
        assertThat(answer.authorities()).isZero();
        assertThat(answer.addresses()).isDeepEqualTo(new byte[][] {ADDRESS});
    }

    @Test
    void aliasBeatsAddressOfTheSameName() throws IOException {
        Answer answer =
                accepted(
                        Packet.to(WWW)
                                .answer("@", 1, 60, address("8.8.8.8"))
                                .answer("@", 5, 60, name("cdn.example.net"))
                                .answer("cdn.example.net", 1, 60, ADDRESS),
                        WWW);

        assertThat(answer.addresses()).isDeepEqualTo(new byte[][] {ADDRESS});
    }

    @Test
    void dropsRedirectionUnlessItsProofIsWanted() throws IOException {
        Question question = Packet.question("a.old.example", 1);
        Packet packet =
                Packet.to(question)
                        .answer("old.example", 39, 60, name("new.example"))
                        .answer("@", 5, 60, name("a.new.example"))
                        .answer("a.new.example", 1, 60, ADDRESS);

        assertThat(rendered(accepted(packet, question), question, Section.ANSWER))
                .containsExactly(
                        "a.old.example. 60 IN CNAME a.new.example.",
                        "a.new.example. 60 IN A 93.184.216.34");
        Question proven = new Question(question.name(), 1, true, false, AddressFilter.PUBLIC);
        assertThat(rendered(accepted(packet, proven), proven, Section.ANSWER))
                .startsWith("old.example. 60 IN DNAME new.example.");
    }

    @Test
    void sixteenLinksAreEnough() {
        assertThat(accepted(chain(16), WWW).addresses()).hasNumberOfRows(1);
        assertThat(accepted(chain(17), WWW).rcode()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"www.example.com", "b.example.com"})
    void loopFails(String target) {
        Packet packet =
                Packet.to(WWW)
                        .answer("@", 5, 60, name("b.example.com"))
                        .answer("b.example.com", 5, 60, name(target));

        Answer answer = accepted(packet, WWW);
        assertThat(answer.rcode()).isEqualTo(2);
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    A    | 10.0.0.1
                    A    | 127.0.0.1
                    A    | 169.254.169.254
                    A    | 0.0.0.0
                    A    | 224.0.0.1
                    AAAA | ::1
                    AAAA | fd00:ec2::254
                    AAAA | fe80::1
                    AAAA | 64:ff9b::a00:1
                    AAAA | 2002:a00:1::1
                    AAAA | ::10.0.0.1
                    """)
    void emptiesAnswerWithNothingButPrivateAddresses(String type, String literal) {
        int number = type.equals("A") ? 1 : 28;
        Question question = Packet.question("rebind.example.com", number);
        Answer answer =
                accepted(Packet.to(question).answer("@", number, 60, address(literal)), question);

        assertThat(answer.rcode()).isZero();
        assertThat(answer.body()).isEmpty();
        assertThat(answer.addresses()).isEmpty();
        assertThat(answer.extendedError()).isEqualTo(15);
        assertThat(answer.extraText())
                .isEqualTo("rebinding: the name has only private or special-purpose addresses");
        assertThat(answer.ttl()).isEqualTo(5);
    }

    @Test
    void dropsMappedAddress() {
        Question question = Packet.question("rebind.example.com", 28);
        byte[] mapped = join(new byte[10], new byte[] {-1, -1}, address("10.0.0.1"));

        assertThat(accepted(Packet.to(question).answer("@", 28, 60, mapped), question).addresses())
                .isEmpty();
    }

    @Test
    void dropsOnlyThePrivateAddresses() throws IOException {
        Answer answer =
                accepted(
                        Packet.to(WWW)
                                .answer("@", 1, 60, address("10.0.0.1"))
                                .answer("@", 1, 60, ADDRESS),
                        WWW);

        assertThat(answer.addresses()).isDeepEqualTo(new byte[][] {ADDRESS});
        assertThat(rendered(answer, WWW, Section.ANSWER)).hasSize(1);
        assertThat(answer.extendedError()).isEqualTo(Answer.NO_EXTENDED_ERROR);
    }

    @Test
    void internalNameKeepsItsPrivateBlock() {
        AddressFilter filter = new AddressFilter(List.of(Cidr.parse("10.1.0.0/16")));
        Question question =
                new Question(WireName.parse("db.corp.example"), 1, false, false, filter);
        Packet packet =
                Packet.to(question)
                        .answer("@", 1, 60, address("10.1.2.3"))
                        .answer("@", 1, 60, address("10.2.2.3"))
                        .answer("@", 1, 60, address("169.254.169.254"));

        assertThat(accepted(packet, question).addresses())
                .isDeepEqualTo(new byte[][] {address("10.1.2.3")});
    }

    @Test
    void keepsNoMoreAddressesThanCanBePinned() {
        Packet packet = Packet.to(WWW);
        for (int i = 0; i < 100; i++) {
            packet.answer("@", 1, 60, (byte) 93, (byte) 1, (byte) 1, (byte) i);
        }
        Answer answer = accepted(packet, WWW);

        assertThat(answer.addresses()).hasNumberOfRows(64);
        assertThat(answer.answers()).isEqualTo(64);
        assertThat(answer.addresses()[63]).containsExactly(93, 1, 1, 63);
    }

    @ParameterizedTest(name = "{0} and {1}: {2}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    60         | 60         | 60
                    60         | 30         | 30
                    301        | 86400      | 300
                    0          | 60         | 0
                    2147483648 | 60         | 0
                    4294967295 | 4294967295 | 0
                    2147483647 | 2147483647 | 300
                    """)
    void wholeAnswerHasItsLeastTtl(long first, long second, int ttl) throws IOException {
        Answer answer =
                accepted(
                        Packet.to(WWW)
                                .answer("@", 5, first, name("cdn.example.net"))
                                .answer("cdn.example.net", 1, second, ADDRESS),
                        WWW);

        assertThat(answer.ttl()).isEqualTo(ttl);
        assertThat(rendered(answer, WWW, Section.ANSWER))
                .allMatch(line -> line.contains(". " + ttl + " IN "));
    }

    @ParameterizedTest(name = "SOA {0}, MINIMUM {1}: {2}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    60         | 60         | 60
                    30         | 60         | 30
                    60         | 20         | 20
                    86400      | 86400      | 300
                    60         | 0          | 0
                    2147483648 | 60         | 0
                    60         | 2147483648 | 0
                    """)
    void denialHoldsAsLongAsItsSoaSays(long soaTtl, long minimum, int ttl) throws IOException {
        for (int flags : new int[] {Packet.NOERROR, Packet.NXDOMAIN}) {
            Answer answer =
                    accepted(
                            Packet.to(WWW)
                                    .flags(flags)
                                    .authority("example.com", 6, soaTtl, soa(minimum)),
                            WWW);

            assertThat(answer.rcode()).isEqualTo(flags & 0xf);
            assertThat(answer.ttl()).isEqualTo(ttl);
            assertThat(answer.answers()).isZero();
            assertThat(rendered(answer, WWW, Section.AUTHORITY))
                    .singleElement()
                    .asString()
                    .startsWith(
                            "example.com. " + ttl + " IN SOA ns.example.com. root.example.com.");
        }
    }

    @Test
    void denialWithoutSoaIsKeptForSeconds() {
        assertUntimed(Packet.to(WWW).flags(Packet.NXDOMAIN));
    }

    @Test
    void denialWithTwoSoasIsKeptForSeconds() {
        assertUntimed(
                Packet.to(WWW)
                        .flags(Packet.NXDOMAIN)
                        .authority("example.com", 6, 60, soa(60))
                        .authority("com", 6, 60, soa(60)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"attacker.net", "mple.com", "a.www.example.com", "xample.com"})
    void soaOfAnotherZoneIsDropped(String owner) {
        assertUntimed(Packet.to(WWW).flags(Packet.NXDOMAIN).authority(owner, 6, 60, soa(60)));
    }

    @Test
    void denialAtTheEndOfChainKeepsTheChain() throws IOException {
        Answer answer =
                accepted(
                        Packet.to(WWW)
                                .flags(Packet.NXDOMAIN)
                                .answer("@", 5, 60, name("gone.example.net"))
                                .authority("example.net", 6, 60, soa(20)),
                        WWW);

        assertThat(answer.rcode()).isEqualTo(3);
        assertThat(answer.ttl()).isEqualTo(20);
        assertThat(rendered(answer, WWW, Section.ANSWER))
                .containsExactly("www.example.com. 20 IN CNAME gone.example.net.");
        assertThat(rendered(answer, WWW, Section.AUTHORITY))
                .singleElement()
                .asString()
                .startsWith("example.net. 20");
    }

    @Test
    void soaOfTheRootIsInBailiwick() {
        Answer answer =
                accepted(Packet.to(WWW).flags(Packet.NXDOMAIN).authority(".", 6, 60, soa(60)), WWW);

        assertThat(answer.authorities()).isEqualTo(1);
        assertThat(answer.body()[0]).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 9, 15})
    void otherRcodesAreFailures(int rcode) {
        assertThat(check(Packet.to(WWW).flags(0x8180 | rcode), WWW))
                .isEqualTo(new Check.Failed(rcode, false));
        assertThat(check(Packet.to(WWW).flags(0x8180 | rcode).opt(), WWW))
                .isEqualTo(new Check.Failed(rcode, true));
    }

    @Test
    void extendedRcodeCounts() {
        Packet badVersion = Packet.to(WWW).record(2, new byte[1], 41, 1232, 1L << 24);

        assertThat(check(badVersion, WWW)).isEqualTo(new Check.Failed(16, true));
    }

    @Test
    void lameServerFails() {
        Packet referral =
                Packet.to(WWW).flags(0x8000).authority("com", 2, 60, name("ns.example.net"));

        assertThat(check(referral, WWW)).isEqualTo(new Check.Failed(0, false));
        assertThat(check(referral.flags(0x8400), WWW)).isInstanceOf(Check.Accepted.class);
    }

    @Test
    void authenticityNeedsTrust() {
        byte[] octets = Packet.to(WWW).flags(0x81a0).answer("@", 1, 60, ADDRESS).octets();

        assertThat(accepted(Check.check(octets, octets.length, WWW, false, 0)).authenticated())
                .isFalse();
        assertThat(accepted(Check.check(octets, octets.length, WWW, true, 0)).authenticated())
                .isTrue();
    }

    @Test
    void namesInRdataAreWrittenOut() throws IOException {
        Question mail = Packet.question("example.com", 15);
        Answer answer =
                accepted(
                        Packet.to(mail)
                                .answer(
                                        "@",
                                        15,
                                        60,
                                        join(
                                                new byte[] {0, 10},
                                                new byte[] {2, 'M', 'x'},
                                                pointer(12))),
                        mail);

        assertThat(rendered(answer, mail, Section.ANSWER))
                .containsExactly("example.com. 60 IN MX 10 mx.example.com.");
    }

    @Test
    void serviceRecordWithAddressHintsIsDropped() {
        Question https = Packet.question("www.example.com", 65);
        byte[] plain = {0, 1, 0, 0, 1, 0, 3, 2, 'h', '2'};
        byte[] ipv4 = join(plain, new byte[] {0, 4, 0, 4, 8, 8, 8, 8});
        byte[] ech = join(plain, new byte[] {0, 5, 0, 1, 7});
        byte[] ipv6 = join(plain, new byte[] {0, 6, 0, 16}, address("2001:4860:4860::8888"));

        assertThat(accepted(Packet.to(https).answer("@", 65, 60, plain), https).answers())
                .isEqualTo(1);
        for (byte[] hinted : List.of(ipv4, ech, ipv6)) {
            Answer answer = accepted(Packet.to(https).answer("@", 65, 60, hinted), https);
            assertThat(answer.answers()).isZero();
            assertThat(answer.extendedError()).isEqualTo(17);
        }
    }

    @Test
    void signaturesComeOnlyWhenAsked() throws IOException {
        byte[] signature =
                join(new byte[] {0, 1}, new byte[16], name("example.com"), new byte[] {1, 2, 3});
        byte[] other =
                join(new byte[] {0, 16}, new byte[16], name("example.com"), new byte[] {1, 2, 3});
        Packet packet =
                Packet.to(WWW)
                        .answer("@", 1, 60, ADDRESS)
                        .answer("@", 46, 60, signature)
                        .answer("@", 46, 60, other);
        Question proven = new Question(WWW.name(), 1, true, false, AddressFilter.PUBLIC);

        assertThat(accepted(packet, WWW).answers()).isEqualTo(1);
        assertThat(rendered(accepted(packet, proven), proven, Section.ANSWER))
                .hasSize(2)
                .last()
                .asString()
                .contains("RRSIG A");
    }

    @Test
    void proofsOfDenialComeOnlyFromTheZone() throws IOException {
        Question proven = new Question(WWW.name(), 1, true, false, AddressFilter.PUBLIC);
        byte[] signature =
                join(new byte[] {0, 47}, new byte[16], name("example.com"), new byte[] {1});
        byte[] foreign =
                join(new byte[] {0, 47}, new byte[16], name("attacker.net"), new byte[] {1});
        byte[] nsec = join(name("z.example.com"), new byte[] {0, 1, 64});
        Answer answer =
                accepted(
                        Packet.to(proven)
                                .flags(Packet.NXDOMAIN)
                                .authority("example.com", 6, 60, soa(60))
                                .authority("a.example.com", 47, 60, nsec)
                                .authority("a.example.com", 46, 60, signature)
                                .authority("a.attacker.net", 47, 60, nsec)
                                .authority("a.attacker.net", 46, 60, foreign)
                                .authority("b.example.com", 47, 60, nsec),
                        proven);

        assertThat(rendered(answer, proven, Section.AUTHORITY))
                .hasSize(3)
                .noneMatch(line -> line.contains("attacker") || line.startsWith("b."));
    }

    private static void assertUntimed(Packet packet) {
        Answer answer = accepted(packet, WWW);
        assertThat(answer.ttl()).isEqualTo(5);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.authorities()).isZero();
    }

    private static Packet chain(int links) {
        Packet packet = Packet.to(WWW);
        for (int i = 0; i < links; i++) {
            packet.answer(
                    i == 0 ? "@" : "n" + i + ".example.net",
                    5,
                    60,
                    name("n" + (i + 1) + ".example.net"));
        }
        return packet.answer("n" + links + ".example.net", 1, 60, ADDRESS);
    }

    private static Check.Outcome check(Packet packet, Question question) {
        byte[] octets = packet.octets();
        return Check.check(octets, octets.length, question, false, 0);
    }

    static Answer accepted(Packet packet, Question question) {
        return accepted(check(packet, question));
    }

    private static Answer accepted(Check.Outcome outcome) {
        assertThat(outcome).isInstanceOf(Check.Accepted.class);
        return ((Check.Accepted) outcome).answer();
    }

    /** As dnsjava reads what the answer's writer will send. */
    static List<String> rendered(Answer answer, Question question, int section) throws IOException {
        byte[] header = {
            0,
            0,
            (byte) 0x81,
            (byte) 0x80,
            0,
            1,
            0,
            (byte) answer.answers(),
            0,
            (byte) answer.authorities(),
            0,
            0
        };
        byte[] tail = {0, (byte) question.type(), 0, 1};
        Message message = new Message(join(header, question.name().octets(), tail, answer.body()));
        return message.getSection(section).stream().map(CheckTest::line).toList();
    }

    private static String line(Record record) {
        return record.toString().replaceAll("\\s+", " ");
    }
}
