package io.sallyport.resolver.journey;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.ednsQuery;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.count.Counters.Outcome;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks.Decision;
import io.sallyport.resolver.network.Networks.DeniedName;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.network.Networks.Verdict;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.resolver.policy.Policy.Rules;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;

/** Observe mode, emergency denials of a running network, and the answer to why. */
class ObserveTest {
    private static final int TXT = 16;
    private static final int HTTPS = 65;

    private final Desk desk = new Desk();
    private final Policy policy =
            Policy.compile(
                    Desk.rules(
                            ".allowed.example",
                            "bad.other.example.com",
                            false,
                            Set.of(),
                            Ancestors.NXDOMAIN));

    @BeforeEach
    void answers() {
        network(true);
        desk.lookup.cache.put("other.example.com/1", FakeLookup.addresses(2));
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(1));
        desk.lookup.upstream.put("far.example.com/1", FakeLookup.addresses(1));
    }

    private void network(boolean observe) {
        desk.networks.put(
                new Network("n1", List.of(Cidr.parse("10.0.0.2")), policy, desk.pinner, observe));
    }

    private static String rcode(byte[] answer) throws IOException {
        return Rcode.string(new Message(answer).getRcode());
    }

    private static String told(byte[] answer) throws IOException {
        return new Message(answer)
                .getOPT().getOptions().stream()
                        .filter(ExtendedErrorCodeOption.class::isInstance)
                        .map(option -> ((ExtendedErrorCodeOption) option).getText())
                        .findFirst()
                        .orElse("");
    }

    @Test
    void nameThatNothingAllowsIsAnsweredPinnedAndNoted() throws IOException {
        Message answer = new Message(desk.ask(ednsQuery("other.example.com", A)));
        desk.ask(ednsQuery("other.example.com", A));

        assertThat(answer.getSection(Section.ANSWER)).hasSize(2);
        assertThat(desk.pinner.pins).allMatch(pin -> pin.addresses() == 2 && pin.ports() == 2);
        assertThat(desk.networks.observed("n1"))
                .extracting(DeniedName::name, DeniedName::count)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("other.example.com", 2L));
        assertThat(desk.networks.denied("n1")).isEmpty();
        assertThat(desk.counters.value(Outcome.OBSERVED)).isEqualTo(2);
        assertThat(desk.counters.value(Outcome.ALLOWED)).isZero();
    }

    @Test
    void observedAnswerSaysSoAndAnAllowedOneDoesNot() throws IOException {
        assertThat(told(desk.ask(ednsQuery("other.example.com", A))))
                .startsWith("OBSERVE MODE")
                .contains("org acme");
        assertThat(told(desk.ask(ednsQuery("www.allowed.example", A)))).isEmpty();
        assertThat(told(desk.ask(ednsQuery("far.example.com", A)))).startsWith("OBSERVE MODE");
    }

    @Test
    void addressOfAnObservedNameLeavesOnlyAfterItsPin() throws IOException {
        desk.pinner.opens = false;

        assertThat(rcode(desk.ask(query("other.example.com", A)))).isEqualTo("SERVFAIL");
        assertThat(rcode(desk.ask(query("far.example.com", A)))).isEqualTo("SERVFAIL");
    }

    @ParameterizedTest
    @CsvSource({
        "bad.other.example.com,RULE",
        "dns.google,PUBLIC_RESOLVER",
        "printer.local,NO_RULE",
        "db.internal,NO_RULE",
        "1.0.0.10.in-addr.arpa,NO_RULE"
    })
    void whatIsDeniedOrSpecialStaysSo(String name, Outcome outcome) throws IOException {
        assertThat(rcode(desk.ask(query(name, A)))).isEqualTo("NXDOMAIN");
        assertThat(desk.counters.value(outcome)).isEqualTo(1);
        assertThat(desk.networks.observed("n1")).isEmpty();
        assertThat(desk.lookup.asked).isEmpty();
    }

    @Test
    void typeThatIsNotAllowedIsNotAskedFor() throws IOException {
        assertThat(rcode(desk.ask(query("other.example.com", HTTPS)))).isEqualTo("NOERROR");
        assertThat(desk.lookup.asked).isEmpty();
    }

    @Test
    void internetOffObservesNothing() throws IOException {
        Rules on = Desk.rules("", "", false, Set.of(), Ancestors.NXDOMAIN);
        Policy off =
                Policy.compile(
                        new Rules(
                                on.label(),
                                false,
                                false,
                                on.allow(),
                                on.deny(),
                                on.emergency(),
                                on.internal(),
                                on.types(),
                                on.ports(),
                                on.ancestors()));
        desk.networks.put(
                new Network("n1", List.of(Cidr.parse("10.0.0.2")), off, desk.pinner, true));

        assertThat(rcode(desk.ask(query("other.example.com", A)))).isEqualTo("NXDOMAIN");
    }

    @Test
    void privateAddressesOfObservedNamesAreFilteredAsThoseOfAnyPublicName() {
        desk.ask(query("far.example.com", A));

        assertThat(desk.lookup.asked)
                .allMatch(question -> question.filter().internal().isEmpty())
                .isNotEmpty();
    }

    @Test
    void decisionsAreDrainedOnce() {
        desk.ask(query("other.example.com", A));
        desk.ask(query("other.example.com", A));
        desk.ask(query("www.allowed.example", A));
        desk.ask(query("www.allowed.example", A));
        desk.ask(query("bad.other.example.com", A));

        assertThat(desk.networks.drain("n1"))
                .extracting(Decision::verdict, Decision::name, Decision::count)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(
                                Verdict.OBSERVED, "other.example.com", 2L),
                        org.assertj.core.groups.Tuple.tuple(
                                Verdict.ALLOWED, "www.allowed.example", 1L),
                        org.assertj.core.groups.Tuple.tuple(Verdict.ALLOWED, "(other names)", 1L),
                        org.assertj.core.groups.Tuple.tuple(
                                Verdict.DENIED, "bad.other.example.com", 1L));
        assertThat(desk.networks.drain("n1")).isEmpty();
        desk.ask(query("bad.other.example.com", A));
        assertThat(desk.networks.drain("n1"))
                .singleElement()
                .matches(decision -> decision.count() == 1)
                .matches(decision -> decision.reason() == Reason.DENIED_DOMAIN);
    }

    private Policy withEmergency(String pattern) {
        return policy.withEmergency(Desk.entries(pattern));
    }

    @Test
    void emergencyHoldsFromTheNextQueryOnAndTouchesNoOtherName() throws IOException {
        network(false);
        desk.lookup.cache.put("api.allowed.example/1", FakeLookup.addresses(3));
        desk.ask(query("www.allowed.example", A));
        desk.ask(query("api.allowed.example", A));

        desk.networks.judgeBy("n1", withEmergency("api.allowed.example"));

        byte[] denied = desk.ask(ednsQuery("api.allowed.example", A));
        assertThat(rcode(denied)).isEqualTo("NXDOMAIN");
        assertThat(told(denied)).contains("emergency");
        assertThat(rcode(desk.ask(query("www.allowed.example", A)))).isEqualTo("NOERROR");
        desk.networks.judgeBy("n1", withEmergency(""));
        assertThat(rcode(desk.ask(query("api.allowed.example", A)))).isEqualTo("NOERROR");
    }

    @Test
    void addressesOfADeniedNameAreToldHoweverManyOtherNamesHaveThem() {
        network(false);
        desk.lookup.cache.put("api.allowed.example/1", FakeLookup.addresses(3));
        desk.ask(query("api.allowed.example", A));
        desk.ask(query("www.allowed.example", A)); // which takes 203.0.0.0
        WireName gone = WireName.parse("api.allowed.example");

        var ways = desk.networks.forget("n1", gone::equals);

        assertThat(ways.complete()).isTrue();
        assertThat(ways.addresses())
                .containsExactlyInAnyOrder(
                        Cidr.address("203.0.0.0"),
                        Cidr.address("203.0.0.1"),
                        Cidr.address("203.0.0.2"));
        assertThat(desk.networks.forget("n1", gone::equals).addresses()).isEmpty();
        desk.ask(query("api.allowed.example", A));
        assertThat(desk.networks.forget("n1", gone::equals).addresses()).hasSize(3);
        assertThat(desk.networks.forget("nobody", gone::equals).addresses()).isEmpty();
    }

    @Test
    void answerThatWasUnderWayWhenItsNameWasDeniedDoesNotLeave() throws IOException {
        network(false);
        desk.lookup.upstream.put("slow.allowed.example/1", FakeLookup.addresses(1));
        desk.lookup.hold = true;
        assertThat(desk.ask(query("slow.allowed.example", A))).isEmpty();

        desk.networks.judgeBy("n1", withEmergency("slow.allowed.example"));
        desk.release();

        assertThat(rcode(desk.answers.getLast())).isEqualTo("NXDOMAIN");
        assertThat(desk.pinner.pins).isEmpty();
    }

    private String why(String name) throws IOException {
        Message answer = new Message(desk.ask(ednsQuery(name + ".why.sallyport.internal", TXT)));
        return answer.getSection(Section.ANSWER).isEmpty()
                ? Rcode.string(answer.getRcode())
                : String.join(
                        " ",
                        ((TXTRecord) answer.getSection(Section.ANSWER).getFirst()).getStrings());
    }

    @ParameterizedTest
    @CsvSource({"platform, the platform", "org acme, org acme"})
    void txtSaysWhoCanLiftAnEmergencyDenial(String source, String who) throws IOException {
        network(false);
        DomainPattern denied = DomainPattern.parse("api.allowed.example");
        desk.networks.judgeBy(
                "n1", policy.withEmergency(List.of(new Policy.Entry(denied, source))));

        assertThat(why("api.allowed.example"))
                .contains("blocked by an emergency denial")
                .contains("only an admin of " + who + " can lift this");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    www.allowed.example   | allowed by .allowed.example
                    other.example.com     | blocked by design: not allowed by org acme
                    OTHER.example.com     | Do not retry
                    bad.other.example.com | on the deny list of org acme
                    dns.google            | No setting opens it
                    printer.local         | special-use name
                    """)
    void txtSaysWhy(String name, String words) throws IOException {
        network(false);

        assertThat(why(name)).contains(words);
        assertThat(desk.lookup.asked).isEmpty();
        assertThat(desk.networks.denied("n1")).as("to ask why is no denial").isEmpty();
    }

    @Test
    void txtSaysThatASessionObserves() throws IOException {
        assertThat(why("other.example.com")).contains("OBSERVE MODE");
    }

    @Test
    void everyNetworkIsToldItsOwn() throws IOException {
        desk.networks.put(
                new Network(
                        "n2", List.of(Cidr.parse("10.0.0.3")), Policy.PENDING, desk.pinner, false));
        byte[] asked = query("www.allowed.example.why.sallyport.internal", TXT).octets();

        Message answer = new Message(desk.ask(asked, "10.0.0.3", false));

        assertThat(answer.toString()).contains("no session is bound").doesNotContain("acme");
    }

    @ParameterizedTest
    @CsvSource({
        "why.sallyport.internal,ask for TXT",
        "notwhy.sallyport.internal,NXDOMAIN",
        "sallyport.internal,NXDOMAIN"
    })
    void onlyNamesBelowItAreExplained(String name, String words) throws IOException {
        Message answer = new Message(desk.ask(ednsQuery(name, TXT)));

        assertThat(answer.toString()).contains(words);
    }

    @Test
    void longestNameFitsIntoADatagramWithoutEdns() throws IOException {
        String label = "a".repeat(63);
        String name = String.join(".", label, label, label, "b".repeat(38));

        byte[] answer = desk.ask(query(name + ".why.sallyport.internal", TXT));

        assertThat(answer.length).isLessThanOrEqualTo(512);
        assertThat(new Message(answer).getSection(Section.ANSWER)).hasSize(1);
    }
}
