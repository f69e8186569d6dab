package io.sallyport.resolver.journey;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Sentences of RFCs that no other test has for its subject. */
class ConformanceTest {

    private static Desk everyType() {
        return new Desk()
                .with(
                        Desk.rules(
                                ".allowed.example",
                                "",
                                false,
                                Set.of(Policy.EVERY_TYPE),
                                Ancestors.NXDOMAIN));
    }

    /** A13, RFC 3597 §3: a type without a name is a type. */
    @ParameterizedTest
    @ValueSource(ints = {65_280, 65_534, 0, 43, 47, 50, 65, 99})
    void typesThatNobodyKnowsAreLookedUpLikeOthers(int type) {
        Desk desk = everyType();

        desk.ask(query("www.allowed.example", type));

        assertThat(desk.lookup.asked).extracting(Question::type).contains(type);
    }

    /**
     * N18, RFC 4035 §3.2: a validator is told no more than others, and nothing is called proven.
     */
    @Test
    void denialIsTheSameForValidators() throws IOException {
        Message denied =
                new Message(
                        everyType()
                                .ask(
                                        header(0x0130, 1, 0, 0, 1)
                                                .name("denied.example")
                                                .u16(A)
                                                .u16(1)
                                                .opt(1232, 0, 0x8000)));

        assertThat(denied.getRcode()).isEqualTo(3);
        assertThat(denied.getHeader().getFlag(10)).as("AD").isFalse();
        assertThat(denied.getSection(Section.AUTHORITY))
                .singleElement()
                .extracting(record -> record.getType())
                .isEqualTo(Type.SOA);
    }

    /** B8: A and AAAA of one denied name get one rcode, or musl fails where it should not. */
    @Test
    void bothFamiliesOfADeniedNameAreDeniedAlike() {
        Desk desk = everyType();

        assertThat(headerOf(desk.ask(query("denied.example", 28))))
                .isEqualTo(headerOf(desk.ask(query("denied.example", A))));
    }

    /** B6: what one network looked up is in the cache for another; the verdict is not. */
    @Test
    void cacheIsSharedAndTheVerdictIsNot() {
        Desk desk = new Desk().allowing("other.example");
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(1));

        assertThat(headerOf(desk.ask(query("www.allowed.example", A))))
                .isEqualTo("1234 8183 0001 0000 0001 0000");
        assertThat(headerOf(desk.allowing(".allowed.example").ask(query("www.allowed.example", A))))
                .isEqualTo("1234 8180 0001 0001 0000 0000");
    }
}
