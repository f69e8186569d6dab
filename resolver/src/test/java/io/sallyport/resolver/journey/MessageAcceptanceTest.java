package io.sallyport.resolver.journey;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.ANY;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.Packet;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows A1 to A20 of what a message must be and what its faults are answered with. */
class MessageAcceptanceTest {
    private static final String SILENT = "silent";

    private final Desk desk = new Desk().allowing(".allowed.example");

    MessageAcceptanceTest() {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(1));
    }

    private static Packet q(int flags, int qd, int an, int ns, int ar) {
        return header(flags, qd, an, ns, ar).name("www.allowed.example").u16(A).u16(1);
    }

    private static Packet type(int type) {
        return query("www.allowed.example", type);
    }

    private static Packet questionOf(int questionClass) {
        return header(0x0100, 1, 0, 0, 0).name("www.allowed.example").u16(A).u16(questionClass);
    }

    private static Packet withQname(String hex) {
        return header(0x0100, 1, 0, 0, 0).hex(hex).u16(A).u16(1);
    }

    private static Packet edns(String... options) {
        return q(0x0100, 1, 0, 0, 1).opt(1232, 0, 0, options);
    }

    static Stream<Arguments> rows() {
        String formerr = "1234 8001 0000 0000 0000 0000";
        String answered = "1234 8180 0001 0001 0000 0000";
        String answeredEdns = "1234 8180 0001 0001 0000 0001";
        String refused = "1234 8185 0001 0000 0000 0000";
        String label63 = "3f" + "61".repeat(63);
        return Stream.of(
                Arguments.of("A1 an answer", q(0x8100, 1, 0, 0, 0), SILENT),
                Arguments.of("A1 an answer with an opcode", q(0xa900, 1, 0, 0, 0), SILENT),
                Arguments.of(
                        "A2 eleven octets", Packet.empty().hex("1234010000010000000000"), SILENT),
                Arguments.of("A2 nothing", Packet.empty(), SILENT),
                Arguments.of(
                        "A3 two questions",
                        q(0x0100, 2, 0, 0, 0).name("www.allowed.example").u16(A).u16(1),
                        formerr),
                Arguments.of("A4 no question", header(0x0100, 0, 0, 0, 0), formerr),
                Arguments.of(
                        "A4 no question, with a cookie (RFC 7873 §5.4)",
                        header(0x0100, 0, 0, 0, 1).opt(1232, 0, 0, "000a0008", "0011223344556677"),
                        "1234 8180 0000 0000 0000 0001"),
                Arguments.of(
                        "A4 no question, with an OPT",
                        header(0x0100, 0, 0, 0, 1).opt(1232, 0, 0, "000b0000"),
                        formerr),
                Arguments.of(
                        "A4 no question, with a cookie of another version of EDNS",
                        header(0x0100, 0, 0, 0, 1).opt(1232, 1, 0, "000a0008", "0011223344556677"),
                        formerr),
                Arguments.of(
                        "A4 no question, with a cookie and an octet behind it",
                        header(0x0100, 0, 0, 0, 1)
                                .opt(1232, 0, 0, "000a0008", "0011223344556677")
                                .hex("00"),
                        formerr),
                Arguments.of("A5 opcode 1", q(0x0900, 1, 0, 0, 0), "1234 8804 0000 0000 0000 0000"),
                Arguments.of(
                        "A5 NOTIFY with every flag",
                        q(0x27f0, 1, 0, 0, 0),
                        "1234 a004 0000 0000 0000 0000"),
                Arguments.of("A5 UPDATE", q(0x2800, 1, 0, 0, 0), "1234 a804 0000 0000 0000 0000"),
                Arguments.of(
                        "A5 opcode 15", q(0x7900, 1, 0, 0, 0), "1234 f804 0000 0000 0000 0000"),
                Arguments.of("A6 class CH", questionOf(3), refused),
                Arguments.of("A6 class HS", questionOf(4), refused),
                Arguments.of("A6 class NONE", questionOf(254), refused),
                Arguments.of("A6 class ANY", questionOf(255), refused),
                Arguments.of("A6 class 0", questionOf(0), refused),
                Arguments.of(
                        "A7 an answer record",
                        q(0x0100, 1, 1, 0, 0).hex("c00c0001000100000000000401020304"),
                        formerr),
                Arguments.of(
                        "A7 an authority record",
                        q(0x0100, 1, 0, 1, 0).hex("c00c0001000100000000000401020304"),
                        formerr),
                Arguments.of("A7 counts without records", q(0x0100, 1, 1, 0, 0), formerr),
                Arguments.of("A7 an rcode", q(0x0103, 1, 0, 0, 0), formerr),
                Arguments.of(
                        "A7 three additional records",
                        q(0x0100, 1, 0, 0, 3).opt(1232, 0, 0).opt(1232, 0, 0).opt(1232, 0, 0),
                        formerr),
                Arguments.of(
                        "A7 an A record in additional",
                        q(0x0100, 1, 0, 0, 1).hex("000001000100000000000401020304"),
                        formerr),
                Arguments.of(
                        "A7 TSIG behind OPT",
                        q(0x0100, 1, 0, 0, 2).opt(1232, 0, 0).hex("0000fa00ff000000000000"),
                        formerr),
                Arguments.of("A8 one octet behind the question", type(A).u8(0), formerr),
                Arguments.of(
                        "A8 a second message behind the first",
                        type(A).bytes(type(A).octets()),
                        formerr),
                Arguments.of("A8 octets behind the OPT", edns().hex("00"), formerr),
                Arguments.of("A9 pointer to itself", withQname("c00c"), formerr),
                Arguments.of("A9 pointer behind a label", withQname("03777777c00c"), formerr),
                Arguments.of("A9 label type 0x40", withQname("4100"), formerr),
                Arguments.of("A9 label type 0x80", withQname("8100"), formerr),
                Arguments.of(
                        "A9 label of 64 octets", withQname("40" + "61".repeat(64) + "00"), formerr),
                Arguments.of(
                        "A9 name of 256 octets",
                        withQname(label63.repeat(3) + "3e" + "61".repeat(62) + "00"),
                        formerr),
                Arguments.of(
                        "A9 name without an end",
                        header(0x0100, 1, 0, 0, 0).hex("03777777"),
                        formerr),
                Arguments.of(
                        "A9 label beyond the end",
                        header(0x0100, 1, 0, 0, 0).hex("3f777777"),
                        formerr),
                Arguments.of("A9 no type", header(0x0100, 1, 0, 0, 0).hex("0377777700"), formerr),
                Arguments.of(
                        "A9 half a class",
                        header(0x0100, 1, 0, 0, 0).hex("0377777700000100"),
                        formerr),
                Arguments.of(
                        "A10 two OPT",
                        q(0x0100, 1, 0, 0, 2).opt(1232, 0, 0).opt(1232, 0, 0),
                        formerr),
                Arguments.of(
                        "A10 owner is not the root",
                        q(0x0100, 1, 0, 0, 1).hex("016100 0029 04d0 00000000 0000"),
                        formerr),
                Arguments.of(
                        "A10 owner is a pointer",
                        q(0x0100, 1, 0, 0, 1).hex("c01f 0029 04d0 00000000 0000"),
                        formerr),
                Arguments.of(
                        "A10 RDLENGTH beyond the end",
                        q(0x0100, 1, 0, 0, 1).hex("00 0029 04d0 00000000 0004"),
                        formerr),
                Arguments.of("A10 option beyond the RDLENGTH", edns("00030004", "00"), formerr),
                Arguments.of("A10 half an option", edns("0003"), formerr),
                Arguments.of("A10 OPT cut", q(0x0100, 1, 0, 0, 1).hex("00 0029 04d0"), formerr),
                Arguments.of("A10 thirty-three options", edns("00640000".repeat(33)), formerr),
                Arguments.of("A10 thirty-two options", edns("00640000".repeat(32)), answeredEdns),
                Arguments.of(
                        "A11 version 1",
                        q(0x0100, 1, 0, 0, 1).opt(1232, 1, 0),
                        "1234 8180 0001 0000 0000 0001"),
                Arguments.of(
                        "A11 version 255, DO, unknown flags and option",
                        q(0x0100, 1, 0, 0, 1).opt(1232, 255, 0xffff, "00640000"),
                        "1234 8180 0001 0000 0000 0001"),
                Arguments.of("A12 header Z", q(0x0140, 1, 0, 0, 0), answered),
                Arguments.of(
                        "A13 TYPE65280 is filtered", type(65280), "1234 8180 0001 0000 0001 0000"),
                Arguments.of("A13 TYPE0 is filtered", type(0), "1234 8180 0001 0000 0001 0000"),
                Arguments.of("A14 AXFR", type(252), refused),
                Arguments.of("A14 IXFR", type(251), refused),
                Arguments.of("A14 RRSIG", type(46), refused),
                Arguments.of("A14 OPT", type(41), "1234 8181 0001 0000 0000 0000"),
                Arguments.of("A14 TSIG", type(250), "1234 8181 0001 0000 0000 0000"),
                Arguments.of("A14 TKEY", type(249), "1234 8184 0001 0000 0000 0000"),
                Arguments.of("A14 MAILB", type(253), "1234 8184 0001 0000 0000 0000"),
                Arguments.of("A14 MAILA", type(254), "1234 8184 0001 0000 0000 0000"),
                Arguments.of("A15 ANY", type(ANY), answered),
                Arguments.of(
                        "A15 ANY of a denied name",
                        query("denied.example", ANY),
                        "1234 8183 0001 0000 0001 0000"),
                Arguments.of("A16 TC, AA, Z, AD", q(0x0760, 1, 0, 0, 0), answered),
                Arguments.of(
                        "A16, A19 CD comes back",
                        q(0x0110, 1, 0, 0, 0),
                        "1234 8190 0001 0001 0000 0000"),
                Arguments.of("A17 RD=0", q(0x0000, 1, 0, 0, 0), "1234 8085 0001 0000 0000 0000"),
                Arguments.of("A20 an answer: AA=0, RA=1", type(A), answered),
                Arguments.of(
                        "A20 a denial: AA=0, RA=1",
                        query("denied.example", A),
                        "1234 8183 0001 0000 0001 0000"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void answersWithExactlyThisHeader(String row, Packet packet, String expected) {
        byte[] answer = desk.ask(packet);

        assertThat(answer.length == 0 ? SILENT : headerOf(answer)).isEqualTo(expected);
        if (expected.equals("1234 8001 0000 0000 0000 0000")
                || expected.contains("04 0000 0000 0000 0000")) {
            assertThat(answer).as("header only").hasSize(12);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void answersTcpTheSame(String row, Packet packet, String expected) {
        byte[] answer = desk.askTcp(packet);

        assertThat(answer.length == 0 ? SILENT : headerOf(answer)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void asksTheCacheOnlyForWhatPassed(String row, Packet packet, String expected) {
        desk.ask(packet);

        boolean asked =
                expected.startsWith("1234 8180 0001 0001") || expected.startsWith("1234 8190");
        assertThat(desk.lookup.asked).hasSize(asked && !row.startsWith("A15") ? 1 : 0);
    }

    @Test
    void badVersionSaysVersionZeroAndOurOwnSizeAndEchoesNothing() {
        byte[] answer =
                desk.ask(
                        q(0x0100, 1, 0, 0, 1).opt(4096, 1, 0xc000, "0064000400112233", "00030000"));

        byte[] opt = Arrays.copyOfRange(answer, answer.length - 11, answer.length);
        assertThat(HexFormat.of().formatHex(opt))
                .isEqualTo("00" + "0029" + "04d0" + "01" + "00" + "8000" + "0000");
    }

    @Test
    void unknownOptionsAndFlagsDoNotComeBack() {
        byte[] answer =
                desk.ask(
                        q(0x0100, 1, 0, 0, 1)
                                .opt(
                                        4096,
                                        0,
                                        0x7fff,
                                        "006400020011",
                                        "000c000400112233",
                                        "0008000100"));

        byte[] opt = Arrays.copyOfRange(answer, answer.length - 11, answer.length);
        assertThat(HexFormat.of().formatHex(opt))
                .isEqualTo("00" + "0029" + "04d0" + "00" + "00" + "0000" + "0000");
    }

    @Test
    void questionComesBackOctetForOctetInItsOwnCase() {
        Packet packet = query("wWw.AlLoWeD.eXaMpLe", A);

        byte[] answer = desk.ask(packet);

        byte[] sent = packet.octets();
        assertThat(Arrays.copyOfRange(answer, 12, sent.length))
                .isEqualTo(Arrays.copyOfRange(sent, 12, sent.length));
        assertThat(headerOf(answer)).isEqualTo("1234 8180 0001 0001 0000 0000");
    }

    @Test
    void caseIsFoldedInAsciiOnly() {
        Desk latin = new Desk().allowing(".allowed.example");

        byte[] answer =
                latin.ask(
                        header(0x0100, 1, 0, 0, 0)
                                .label(new byte[] {(byte) 0xc4})
                                .name("allowed.example")
                                .u16(A)
                                .u16(1));

        assertThat(headerOf(answer)).startsWith("1234 8182");
        assertThat(latin.lookup.asked.getFirst().name().octet(1)).isEqualTo((byte) 0xc4);
    }

    @Test
    void adIsSetOnlyForDataThatWasValidatedAndOnlyWhenAsked() {
        Answer authentic =
                new FakeLookup.Layout()
                        .authenticated()
                        .record("c00c", A, new byte[] {93, 1, 1, 1})
                        .answer(0, 300, System.nanoTime());
        desk.lookup.cache.put("www.allowed.example/1", authentic);

        assertThat(headerOf(desk.ask(q(0x0100, 1, 0, 0, 0))))
                .isEqualTo("1234 8180 0001 0001 0000 0000");
        assertThat(headerOf(desk.ask(q(0x0120, 1, 0, 0, 0))))
                .isEqualTo("1234 81a0 0001 0001 0000 0000");
        assertThat(headerOf(desk.ask(q(0x0100, 1, 0, 0, 1).opt(1232, 0, 0x8000))))
                .isEqualTo("1234 81a0 0001 0001 0000 0001");
    }

    @Test
    void adIsNotSetForDataThatNobodyValidated() {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(1));

        assertThat(headerOf(desk.ask(q(0x0120, 1, 0, 0, 0))))
                .isEqualTo("1234 8180 0001 0001 0000 0000");
    }

    @Test
    void doComesBackAndGoesIntoTheQuestion() {
        byte[] answer = desk.ask(q(0x0110, 1, 0, 0, 1).opt(1232, 0, 0x8000));

        assertThat(answer[answer.length - 4] & 0x80).isEqualTo(0x80);
        assertThat(desk.lookup.asked.getFirst().dnssec()).isTrue();
        assertThat(desk.lookup.asked.getFirst().checkingDisabled()).isTrue();
    }
}
