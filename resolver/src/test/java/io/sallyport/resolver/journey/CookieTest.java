package io.sallyport.resolver.journey;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.Packet;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7873 and RFC 9018 as a client sees them. */
class CookieTest {
    private static final String CLIENT = "2464c4abcf10c957";

    private final Desk desk = new Desk().allowing(".allowed.example");

    CookieTest() {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(1));
    }

    private static Packet asking(String name, String... options) {
        return header(0x0100, 1, 0, 0, 1).name(name).u16(A).u16(1).opt(1232, 0, 0, options);
    }

    private static String option(String cookie) {
        return "000a%04x%s".formatted(cookie.length() / 2, cookie);
    }

    /** The cookie of an answer in hexadecimal; empty without one. */
    private static String cookie(byte[] answer) {
        String hex = HexFormat.of().formatHex(answer);
        int at = hex.indexOf("000a0018" + CLIENT);
        return at < 0 ? "" : hex.substring(at + 8, at + 8 + 48);
    }

    @ParameterizedTest
    @ValueSource(strings = {"www.allowed.example", "denied.example", "cold.allowed.example"})
    void everyAnswerToACookieHasOneOfOurs(String name) {
        desk.lookup.upstream.put("cold.allowed.example/1", FakeLookup.addresses(2));

        String udp = cookie(desk.ask(asking(name, option(CLIENT))));
        String tcp = cookie(desk.askTcp(asking(name, option(CLIENT))));

        assertThat(udp).startsWith(CLIENT + "01000000").hasSize(48);
        assertThat(tcp).startsWith(CLIENT + "01000000").hasSize(48);
        assertThat(cookie(desk.ask(asking(name, option(udp))))).as("a good one").isEqualTo(udp);
        assertThat(desk.counters.value(Count.COOKIE_NEW)).isEqualTo(2);
        assertThat(desk.counters.value(Count.COOKIE_GOOD)).isEqualTo(1);
    }

    @Test
    void whoSendsNoneGetsNone() {
        assertThat(cookie(desk.ask(asking("www.allowed.example")))).isEmpty();
        assertThat(HexFormat.of().formatHex(desk.ask(query("www.allowed.example", A))))
                .doesNotContain("000a0018");
    }

    /** BADCOOKIE is for servers that let a cookie decide; here it decides nothing. */
    @Test
    void aBadOneIsAnsweredAndReplaced() {
        String bad = CLIENT + "01000000" + "00".repeat(12);

        byte[] answer = desk.ask(asking("www.allowed.example", option(bad)));

        assertThat(headerOf(answer)).isEqualTo("1234 8180 0001 0001 0000 0001");
        assertThat(cookie(answer)).isNotEqualTo(bad).startsWith(CLIENT);
        assertThat(desk.counters.value(Count.COOKIE_BAD)).isEqualTo(1);
    }

    @Test
    void anAnswerThatComesLaterHasTheCookieOfItsOwnQuery() {
        desk.lookup.hold = true;
        desk.ask(asking("late.allowed.example", option(CLIENT)));
        desk.ask(asking("www.allowed.example", option("0011223344556677")));
        desk.release();

        assertThat(cookie(desk.answers.getLast())).startsWith(CLIENT);
    }

    /** RFC 7873 §5.2.2: 8 octets, or 16 to 40. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 9, 15, 41, 64})
    void malformedLengthIsFormerr(int octets) {
        Packet packet = asking("www.allowed.example", option("5a".repeat(octets)));

        assertThat(desk.ask(packet)).hasSize(12);
        assertThat(headerOf(desk.ask(packet))).isEqualTo("1234 8001 0000 0000 0000 0000");
        assertThat(headerOf(desk.askTcp(packet))).isEqualTo("1234 8001 0000 0000 0000 0000");
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 17, 24, 39, 40})
    void anyOtherServersCookieIsWellFormed(int octets) {
        Packet packet = asking("www.allowed.example", option(CLIENT + "5a".repeat(octets - 8)));

        assertThat(cookie(desk.ask(packet))).startsWith(CLIENT + "01");
    }

    /** CVE-2026-42944 was several cookies in one query; RFC 7873 §5: the first counts. */
    @Test
    void ofSeveralTheFirstCounts() {
        byte[] answer =
                desk.ask(
                        asking(
                                "www.allowed.example",
                                option(CLIENT),
                                option("5a".repeat(40)),
                                option("0011223344556677")));

        assertThat(cookie(answer)).hasSize(48);
        assertThat(headerOf(answer)).isEqualTo("1234 8180 0001 0001 0000 0001");
    }

    @Test
    void aQueryWithoutAQuestionGetsACookieOnly() {
        byte[] answer = desk.ask(header(0x0100, 0, 0, 0, 1).opt(1232, 0, 0, option(CLIENT)));

        assertThat(headerOf(answer)).isEqualTo("1234 8180 0000 0000 0000 0001");
        assertThat(cookie(answer)).startsWith(CLIENT + "01");
        assertThat(answer).hasSize(12 + 11 + 28);
    }

    @Test
    void aCookieTakesItsRoomFromTheErrorsTextAndNeverBreaksTheLimit() {
        String longest = "x".repeat(60) + ("." + "y".repeat(60)).repeat(3) + ".z";
        byte[] answer =
                desk.ask(
                        header(0x0100, 1, 0, 0, 1)
                                .name(longest)
                                .u16(A)
                                .u16(1)
                                .opt(512, 0, 0, option(CLIENT)));

        assertThat(answer.length).isLessThanOrEqualTo(512);
        assertThat(cookie(answer)).isNotEmpty();
        assertThat(headerOf(answer)).isEqualTo("1234 8183 0001 0000 0001 0001");
    }

    @Test
    void addressesOfAFullAnswerMakeRoomForTheCookie() {
        desk.lookup.cache.put("big.allowed.example/1", FakeLookup.addresses(120));

        byte[] answer = desk.ask(asking("big.allowed.example", option(CLIENT)));

        assertThat(answer.length).isLessThanOrEqualTo(1232);
        assertThat(cookie(answer)).isNotEmpty();
    }
}
