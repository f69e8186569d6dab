package io.sallyport.resolver.check;

import static io.sallyport.resolver.check.Checking.accepted;
import static io.sallyport.resolver.check.Checking.check;
import static io.sallyport.resolver.check.Checking.rendered;
import static io.sallyport.resolver.check.Packet.join;
import static io.sallyport.resolver.check.Packet.name;
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

/** Sound messages that say no, and for how long. */
class DenialTest {
    private static final Question WWW = Packet.question("www.example.com", 1);

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
}
