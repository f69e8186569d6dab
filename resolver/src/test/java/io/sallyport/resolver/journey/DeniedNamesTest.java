package io.sallyport.resolver.journey;

import static io.sallyport.resolver.journey.Answered.error;
import static io.sallyport.resolver.journey.Answered.hasOneSoaOfTheRootForFiveSeconds;
import static io.sallyport.resolver.journey.Answered.message;
import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.ednsQuery;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.policy.Policy.Ancestors;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;

/** Names that nobody is asked for, and what is said of them. */
class DeniedNamesTest {
    private final Desk desk = new Desk().allowing(".allowed.example");

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

    @Test
    void networkThatIsAnotherBeforeItsTurnInABatchIsJudgedAsThat() throws IOException {
        byte[] octets =
                desk.askInBatch(
                        ednsQuery("was.allowed.example", A), () -> desk.allowing(".other.example"));
        Message answer = message(octets);

        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(desk.lookup.asked).isEmpty();
    }

    @Test
    void networkThatIsGoneBeforeItsTurnInABatchIsAStranger() throws IOException {
        byte[] octets =
                desk.askInBatch(
                        ednsQuery("was.allowed.example", A), () -> desk.networks.remove("n1"));

        assertThat(message(octets).getRcode()).isEqualTo(Rcode.REFUSED);
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
}
