package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The octets of queries. */
class QueryTest {
    private static final Question WWW = Packet.question("www.example.com", 1);

    private final Randomness randomness = new Randomness();

    @Test
    void asksForAuthenticityOnlyWhereItIsTrusted() {
        assertThat(new Query(WWW, Query.Carrier.UDP, true, true, true, randomness).octets()[3])
                .isEqualTo((byte) 0x20);
        assertThat(new Query(WWW, Query.Carrier.UDP, true, true, false, randomness).octets()[3])
                .isZero();
    }

    @Test
    void withoutMixedCaseTheNameIsLowerCased() {
        Query query = new Query(WWW, Query.Carrier.UDP, false, true, false, randomness);

        assertThat(Arrays.copyOfRange(query.octets(), 12, 29)).isEqualTo(WWW.name().octets());
    }

    @Test
    void withoutEdnsNothingFollowsTheQuestion() {
        Query query = new Query(WWW, Query.Carrier.UDP, false, false, false, randomness);

        assertThat(query.octets()).hasSize(12 + 17 + 4);
        assertThat(query.octets()[11]).isZero();
        assertThat(query.hasEdns()).isFalse();
    }

    /** RFC 7828 §3.2.1: to a server over TCP, without a timeout; never over UDP. */
    @Test
    void overTcpServerIsToldThatTheConnectionMayStay() {
        byte[] octets = new Query(WWW, Query.Carrier.TCP, true, true, false, randomness).octets();

        assertThat(Arrays.copyOfRange(octets, 33, octets.length))
                .isEqualTo(new byte[] {0, 0, 41, 4, (byte) 0xd0, 0, 0, 0, 0, 0, 4, 0, 11, 0, 0});
    }

    /** RFC 8467 §4.1, whatever the name's length. */
    @Test
    void overTlsLengthIsOneOfFew() {
        for (int length = 1; length <= 63; length++) {
            for (String tail : List.of("", ".x", "." + "y".repeat(63) + "." + "z".repeat(60))) {
                Question question = Packet.question("n".repeat(length) + tail, 1);
                byte[] octets =
                        new Query(question, Query.Carrier.TLS, false, true, false, randomness)
                                .octets();

                assertThat(octets.length % 128).isZero();
                assertThat(octets.length).isLessThanOrEqualTo(256);
            }
        }
    }

    @Test
    void onlyLettersChangeCase() {
        byte[] octets = new byte[256 + 4];
        for (int label = 0;
                label < 4;
                label++) { // every octet value once, in labels of 63, 63, 63 and 58
            int length = label < 3 ? 63 : 58;
            octets[label * 64] = (byte) length;
            for (int i = 0; i < length; i++) {
                octets[label * 64 + 1 + i] = WireName.lower((byte) (label * 63 + i + 9));
            }
        }
        WireName name = WireName.ofLowered(octets, 0, 3 * 64 + 59 + 1);
        Question question = new Question(name, 1, false, false, AddressFilter.PUBLIC);
        for (int i = 0; i < 50; i++) {
            byte[] sent =
                    new Query(question, Query.Carrier.UDP, true, true, false, randomness).octets();
            for (int at = 0; at < name.length(); at++) {
                assertThat(WireName.lower(sent[12 + at])).isEqualTo(name.octet(at));
            }
        }
    }

    @Test
    void rootCanBeAsked() {
        Query query =
                new Query(
                        Packet.question(".", 2), Query.Carrier.UDP, true, true, false, randomness);
        byte[] reply = query.octets().clone();
        reply[2] |= (byte) 0x80;

        assertThat(query.octets()).hasSize(12 + 1 + 4 + 11);
        assertThat(query.match(reply, reply.length)).isEqualTo(Query.Match.ANSWER);
    }

    @Test
    void randomnessDoesNotRepeatAtTheEndOfItsBlock() {
        byte[] before = new byte[40];
        for (int i = 0; i < 500; i++) {
            byte[] drawn = new byte[40];
            randomness.fill(drawn, drawn.length);
            assertThat(drawn).isNotEqualTo(before).isNotEqualTo(new byte[40]);
            before = drawn;
        }
    }
}
