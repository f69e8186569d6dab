package io.sallyport.resolver.check;

import static io.sallyport.resolver.check.Checking.accepted;
import static io.sallyport.resolver.check.Checking.check;
import static io.sallyport.resolver.check.Checking.rendered;
import static io.sallyport.resolver.check.Packet.address;
import static io.sallyport.resolver.check.Packet.join;
import static io.sallyport.resolver.check.Packet.name;
import static io.sallyport.resolver.check.Packet.pointer;
import static io.sallyport.resolver.check.Packet.soa;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Section;

/** What is kept of a sound message that answers. */
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

    @Test
    void authenticityNeedsTrust() {
        byte[] octets = Packet.to(WWW).flags(0x81a0).answer("@", 1, 60, ADDRESS).octets();

        assertThat(accepted(Check.check(octets, octets.length, WWW, false, 0)).authenticated())
                .isFalse();
        assertThat(accepted(Check.check(octets, octets.length, WWW, true, 0)).authenticated())
                .isTrue();
    }

    /** RFC 2181 §10.1, asked for by name. */
    @Test
    void twoAliasesContradictEachOther() {
        Question alias = Packet.question("www.example.com", 5);
        Packet one = Packet.to(alias).answer("@", 5, 60, name("a.example.net"));
        assertThat(accepted(one, alias).answers()).isEqualTo(1);

        Packet two = one.answer("@", 5, 60, name("b.example.net"));
        assertThat(check(two, alias)).isEqualTo(new Check.Malformed());
    }

    /** What is left of a set is not the set that somebody vouched for. */
    @Test
    void setThatWasSievedIsNotAuthentic() {
        byte[] octets =
                Packet.to(WWW)
                        .flags(0x81a0)
                        .answer("@", 1, 60, ADDRESS)
                        .answer("@", 1, 60, address("10.0.0.1"))
                        .octets();
        Answer answer = accepted(Check.check(octets, octets.length, WWW, true, 0));

        assertThat(answer.addresses()).hasNumberOfRows(1);
        assertThat(answer.authenticated()).isFalse();
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
    void rootAndLongestNameAreAnswered() throws IOException {
        Question root = Packet.question(".", 2);
        Answer answer = accepted(Packet.to(root).answer(".", 2, 60, name("a.root.example")), root);
        assertThat(rendered(answer, root, Section.ANSWER))
                .containsExactly(". 60 IN NS a.root.example.");

        String label = "a".repeat(63);
        Question longest =
                Packet.question(label + "." + label + "." + label + "." + "b".repeat(61), 1);
        assertThat(longest.name().length()).isEqualTo(255);
        assertThat(accepted(Packet.to(longest).answer("@", 1, 60, ADDRESS), longest).answers())
                .isEqualTo(1);
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
}
