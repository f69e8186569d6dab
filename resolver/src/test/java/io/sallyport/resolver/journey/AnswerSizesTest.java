package io.sallyport.resolver.journey;

import static io.sallyport.resolver.journey.Answered.error;
import static io.sallyport.resolver.journey.Answered.hasOneSoaOfTheRootForFiveSeconds;
import static io.sallyport.resolver.journey.Answered.message;
import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.TXT;
import static io.sallyport.resolver.packet.Packet.ednsQuery;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.journey.Desk.RecordingPinner.Pin;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.FakeLookup.Layout;
import io.sallyport.resolver.packet.Packet;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Ancestors;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What fits into an answer, and what a client says of that. */
class AnswerSizesTest {
    private final Desk desk = new Desk().allowing(".allowed.example");

    @Test
    void deniedNameOfAnyLengthFitsIntoTheSmallestAnswer() throws IOException {
        String longest = ("a".repeat(63) + ".").repeat(3) + "b".repeat(61);
        Desk wordy =
                new Desk()
                        .with(
                                Policy.compile(
                                        new Policy.Rules(
                                                "org ü".repeat(200),
                                                true,
                                                false,
                                                java.util.List.of(),
                                                java.util.List.of(),
                                                java.util.List.of(),
                                                java.util.List.of(),
                                                Set.of(),
                                                java.util.List.of(),
                                                Ancestors.NXDOMAIN)));

        byte[] answer =
                wordy.ask(header(0x0100, 1, 0, 0, 1).name(longest).u16(A).u16(1).opt(0, 0, 0));

        assertThat(answer.length).isLessThanOrEqualTo(512);
        hasOneSoaOfTheRootForFiveSeconds(message(answer));
        assertThat(error(message(answer)).getErrorCode()).isEqualTo(15);
    }

    @Test
    void withoutEdnsThereIsNoOpt() throws IOException {
        assertThat(message(desk.ask(query("denied.example", A))).getOPT()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # client      | payload | records | header flags | answers | note
                    plain         | 0       | 28      | 8180         | 28      | 30 + 28 records of 16 octets are below 512
                    plain         | 0       | 30      | 8380         | 29      | S2: whole addresses for those who cannot use TCP
                    edns          | 1232    | 64      | 8180         | 64      | S1
                    edns          | 512     | 60      | 8380         | 0       | S2: nothing partial
                    edns          | 100     | 60      | 8380         | 0       | S1: below 512 is 512
                    edns          | 100     | 27      | 8180         | 27      | S1
                    edns          | 65535   | 64      | 8180         | 64      | S1
                    tcp           | 0       | 64      | 8180         | 64      | S4
                    """)
    void sizesAndTruncationOfAddresses(
            String client, int payload, int records, String flags, int answers, String note) {
        desk.lookup.cache.put("w.allowed.example/1", FakeLookup.addresses(records));
        Packet packet =
                client.equals("edns")
                        ? header(0x0100, 1, 0, 0, 1)
                                .name("w.allowed.example")
                                .u16(A)
                                .u16(1)
                                .opt(payload, 0, 0)
                        : query("w.allowed.example", A);

        byte[] answer = client.equals("tcp") ? desk.askTcp(packet) : desk.ask(packet);

        assertThat(headerOf(answer))
                .startsWith(
                        "1234 %s 0001 %04x 0000 %04x"
                                .formatted(flags, answers, client.equals("edns") ? 1 : 0));
        assertThat(answer.length)
                .isLessThanOrEqualTo(
                        client.equals("tcp") ? 65535 : client.equals("plain") ? 512 : 1232);
        assertThat(desk.pinner.pins.stream().mapToInt(Pin::addresses).sum()).isEqualTo(answers);
    }

    @Test
    void textIsNeverSentInPart() {
        Desk text =
                new Desk()
                        .with(
                                Desk.rules(
                                        ".allowed.example",
                                        "",
                                        false,
                                        Set.of(TXT),
                                        Ancestors.NXDOMAIN));
        text.lookup.cache.put("www.allowed.example/16", FakeLookup.text("x".repeat(200), 300));

        assertThat(headerOf(text.ask(query("www.allowed.example", TXT))))
                .isEqualTo("1234 8380 0001 0000 0000 0000");
        assertThat(headerOf(text.ask(ednsQuery("www.allowed.example", TXT))))
                .isEqualTo("1234 8380 0001 0000 0000 0001");
        byte[] whole = text.askTcp(query("www.allowed.example", TXT));
        assertThat(headerOf(whole)).isEqualTo("1234 8180 0001 012c 0000 0000");
        assertThat(whole.length).isGreaterThan(60_000);
    }

    @Test
    void authorityThatDoesNotFitIsLeftOutUnlessProofsWereAskedFor() {
        Layout layout = new Layout().record("c00c", A, new byte[] {93, 1, 1, 1});
        for (int i = 0; i < 40; i++) {
            layout.authority(
                    "c00c", 2, Packet.empty().name("ns" + i + ".allowed.example").octets());
        }
        desk.lookup.cache.put("www.allowed.example/1", layout.answer(0, 300, System.nanoTime()));

        assertThat(headerOf(desk.ask(query("www.allowed.example", A))))
                .isEqualTo("1234 8180 0001 0001 0000 0000");
        assertThat(
                        headerOf(
                                desk.ask(
                                        header(0x0100, 1, 0, 0, 1)
                                                .name("www.allowed.example")
                                                .u16(A)
                                                .u16(1)
                                                .opt(512, 0, 0x8000))))
                .isEqualTo("1234 8380 0001 0000 0000 0001");
    }

    @Test
    void keepaliveIsAnsweredOverTcpOnlyAndOnlyIfAsked() {
        Packet asking =
                header(0x0100, 1, 0, 0, 1)
                        .name("denied.example")
                        .u16(A)
                        .u16(1)
                        .opt(1232, 0, 0, "000b0000");

        assertThat(java.util.HexFormat.of().formatHex(desk.askTcp(asking)))
                .contains("000b00020064");
        assertThat(java.util.HexFormat.of().formatHex(desk.ask(asking))).doesNotContain("000b0002");
        assertThat(java.util.HexFormat.of().formatHex(desk.askTcp(ednsQuery("denied.example", A))))
                .doesNotContain("000b0002");
    }

    @Test
    void clientSubnetsAreNeverUsed() {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(1));
        byte[] answer =
                desk.ask(
                        header(0x0100, 1, 0, 0, 1)
                                .name("www.allowed.example")
                                .u16(A)
                                .u16(1)
                                .opt(1232, 0, 0, "0008000400010000"));

        assertThat(headerOf(answer)).isEqualTo("1234 8180 0001 0001 0000 0001");
    }
}
