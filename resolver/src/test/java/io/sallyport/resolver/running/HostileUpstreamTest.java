package io.sallyport.resolver.running;

import static io.sallyport.resolver.check.Packet.NOERROR;
import static io.sallyport.resolver.check.Packet.NXDOMAIN;
import static io.sallyport.resolver.check.Packet.address;
import static io.sallyport.resolver.check.Packet.join;
import static io.sallyport.resolver.check.Packet.name;
import static io.sallyport.resolver.check.Packet.pointer;
import static io.sallyport.resolver.check.Packet.soa;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.upstream.FakeUpstream;
import io.sallyport.resolver.upstream.FakeUpstream.Query;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * An upstream that lies, and somebody who pretends to be it: what the client gets and what is
 * pinned for it, over real sockets.
 */
class HostileUpstreamTest {
    private static final String HONEST = "93.184.216.34";
    private static final byte[] EVIL = address("8.8.4.4");
    private static final int A = 1;
    private static final int CNAME = 5;

    private static Arguments row(String what, String expected, Function<Query, Packet> lie) {
        FakeUpstream.Script script = query -> query.reply(lie.apply(query));
        return Arguments.of(what, expected, script);
    }

    /** Before the true answer comes another, from somebody who guesses. */
    private static Arguments guess(String what, Function<Query, Packet> forged) {
        FakeUpstream.Script script =
                query -> {
                    query.reply(forged.apply(query));
                    query.reply(query.good());
                };
        return Arguments.of(what, HONEST, script);
    }

    private static Packet forged(int id, String asked, int type, int flags) {
        return new Packet(id, flags).question(name(asked), type, 1).answer("@", A, 60, EVIL);
    }

    static Stream<Arguments> lies() {
        return Stream.of(
                row("the truth", HONEST, Query::good),
                guess("C1, U2 wrong id", q -> forged(q.id() ^ 1, "www.example.com", A, NOERROR)),
                guess("C1, U2 wrong name", q -> forged(q.id(), "wwx.example.com", A, NOERROR)),
                guess(
                        "C1, U2 wrong type",
                        q ->
                                new Packet(q.id(), NOERROR)
                                        .question(q.name(), 28, 1)
                                        .answer("@", A, 60, EVIL)),
                guess(
                        "C1, U2 wrong class",
                        q ->
                                new Packet(q.id(), NOERROR)
                                        .question(q.name(), A, 3)
                                        .answer("@", A, 60, EVIL)),
                guess(
                        "C1, U2 PowerDNS CVE-2026-42389 QR=0",
                        q -> q.packet().flags(0x0100).answer("@", A, 60, EVIL)),
                guess(
                        "C1, U2 opcode NOTIFY",
                        q -> q.packet().flags(0xa180).answer("@", A, 60, EVIL)),
                guess(
                        "C1, U2 two questions",
                        q -> q.packet().question(q.name(), A, 1).answer("@", A, 60, EVIL)),
                Arguments.of(
                        "C1, U2 SAD DNS CVE-2020-25705 another port",
                        HONEST,
                        (FakeUpstream.Script)
                                q -> {
                                    q.replyFromElsewhere(
                                            q.packet().answer("@", A, 60, EVIL).octets());
                                    q.reply(q.good());
                                }),
                row(
                        "C3 MaginotDNS record of another name",
                        HONEST,
                        q -> q.good().answer("victim.example.com", A, 60, EVIL)),
                row(
                        "C3 CVE-2025-11411 promiscuous NS and glue",
                        HONEST,
                        q ->
                                q.good()
                                        .authority("com", 2, 60, name("ns.attacker.net"))
                                        .additional("ns.attacker.net", A, 60, EVIL)),
                row(
                        "C3 dnsjava CVE-2024-25638 answer of another owner",
                        "NOERROR",
                        q -> q.packet().answer("www.attacker.net", A, 60, EVIL)),
                row(
                        "N8 chain in the wrong order, with a stranger",
                        HONEST,
                        q ->
                                q.packet()
                                        .answer("x.attacker.net", A, 60, EVIL)
                                        .answer("cdn.example.net", A, 60, address(HONEST))
                                        .answer("@", CNAME, 60, name("cdn.example.net"))),
                row(
                        "N8, C5 TsuNAME loop of one",
                        "SERVFAIL",
                        q -> q.packet().answer("@", CNAME, 60, pointer(12))),
                row(
                        "N8, C5 loop of two",
                        "SERVFAIL",
                        q ->
                                q.packet()
                                        .answer("@", CNAME, 60, name("b.example.com"))
                                        .answer("b.example.com", CNAME, 60, pointer(12))
                                        .answer("b.example.com", A, 60, EVIL)),
                row("N8, C5 CAMP chain of 40", "SERVFAIL", HostileUpstreamTest::chain),
                row(
                        "N11 private address",
                        "NOERROR",
                        q -> q.packet().answer("@", A, 60, address("10.0.0.5"))),
                row(
                        "N11 metadata beside an honest address",
                        HONEST,
                        q -> q.good().answer("@", A, 60, address("169.254.169.254"))),
                row("N11 0.0.0.0", "NOERROR", q -> q.packet().answer("@", A, 60, new byte[4])),
                row(
                        "N7 RFC 2181 TTL 2^31",
                        HONEST,
                        q -> q.packet().answer("@", A, 0x80000000L, address(HONEST))),
                row("N7 TTL 0", HONEST, q -> q.packet().answer("@", A, 0, address(HONEST))),
                row(
                        "N7 TTL 2^31-1",
                        HONEST,
                        q -> q.packet().answer("@", A, 0x7fffffffL, address(HONEST))),
                row(
                        "N1 denial with an address beside it",
                        "SERVFAIL",
                        q -> q.packet().flags(NXDOMAIN).answer("@", A, 60, EVIL)),
                row(
                        "N1 denial by the SOA of another zone",
                        "NXDOMAIN",
                        q ->
                                q.packet()
                                        .flags(NXDOMAIN)
                                        .authority("attacker.net", 6, 60, soa(99999))),
                row(
                        "U4 A of 5 octets",
                        "SERVFAIL",
                        q -> q.packet().answer("@", A, 60, new byte[5])),
                row("U4 octet behind the end", "SERVFAIL", q -> q.good().raw((byte) 0)),
                row("U4 one record missing", "SERVFAIL", q -> q.good().count(0, 1)),
                row("U4 65,535 records announced", "SERVFAIL", q -> q.good().count(0, 65_534)),
                row("U4 two OPT", "SERVFAIL", q -> q.good().opt().opt()),
                row(
                        "C9 CVE-2024-8508 pointer to itself",
                        "SERVFAIL",
                        q -> q.packet().record(0, pointer(33), A, 1, 60, EVIL)),
                row(
                        "C9 PowerDNS CVE-2026-52682 names behind pointers",
                        "SERVFAIL",
                        HostileUpstreamTest::bomb),
                row(
                        "N10 HTTPS record where an address was asked",
                        "NOERROR",
                        q ->
                                q.packet()
                                        .answer(
                                                "@",
                                                65,
                                                60,
                                                join(new byte[] {0, 1, 0, 0, 4, 0, 4}, EVIL))),
                row("REFUSED", "SERVFAIL", q -> q.packet().flags(0x8185)),
                row(
                        "lame referral",
                        "SERVFAIL",
                        q -> q.packet().flags(0x8000).authority("com", 2, 60, name("a.b"))));
    }

    private static Packet chain(Query query) {
        Packet packet = query.packet();
        for (int i = 0; i < 40; i++) {
            packet.answer(
                    i == 0 ? "@" : "n" + i + ".example.net",
                    CNAME,
                    60,
                    name("n" + (i + 1) + ".example.net"));
        }
        return packet.answer("n40.example.net", A, 60, EVIL);
    }

    private static Packet bomb(Query query) {
        Packet packet = query.packet().answer("a.b.c.d.e.f.g.h", 16, 60, (byte) 0);
        int last = 33;
        for (int i = 0; i < 60; i++) {
            int at = packet.length();
            packet.record(0, join(new byte[] {1, 'a'}, pointer(last)), 16, 1, 60, (byte) 0);
            last = at;
        }
        return packet;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void clientGetsTheTruthOrNothing(String what, String expected, FakeUpstream.Script script)
            throws IOException {
        try (Running running = new Running(script)) {
            Message reply = running.ask(Running.CLIENT, query("www.example.com", A));
            Message again =
                    new Message(
                            running.askTcp(Running.CLIENT, query("www.example.com", A).octets()));

            for (Message message : List.of(reply, again)) {
                assertThat(outcome(message)).as(what).isEqualTo(expected);
                assertThat(message.getSection(Section.ANSWER))
                        .allMatch(record -> record.getTTL() <= 300);
                assertThat(message.getSection(Section.ADDITIONAL)).isEmpty();
            }
            List<String> honest = expected.equals(HONEST) ? List.of(HONEST) : List.of();
            assertThat(running.pins(Running.CLIENT)).isEqualTo(honest);
            assertThat(running.upstream.queries().size())
                    .as("C5 queries for one question, asked twice")
                    .isLessThanOrEqualTo(6);
        }
    }

    private static String outcome(Message message) {
        for (Record record : message.getSection(Section.ANSWER)) {
            if (record.getType() == A) {
                return record.rdataToString();
            }
        }
        return org.xbill.DNS.Rcode.string(message.getRcode());
    }

    /** C3: what came beside an answer is no answer to another question. */
    @Test
    void poisonBesideAnAnswerIsNotInTheCache() throws IOException {
        FakeUpstream.Script poison =
                query ->
                        query.reply(
                                query.good()
                                        .answer("victim.example.com", A, 60, EVIL)
                                        .authority("example.com", 2, 60, name("ns.attacker.net"))
                                        .additional("victim.example.com", A, 60, EVIL));
        try (Running running = new Running(poison)) {
            running.ask(Running.CLIENT, query("www.example.com", A));
            running.upstream.script(query -> query.reply(query.good()));
            Message victim = running.ask(Running.CLIENT, query("victim.example.com", A));

            assertThat(outcome(victim)).isEqualTo(HONEST);
            assertThat(running.asked()).containsExactly("www.example.com.", "victim.example.com.");
        }
    }

    /** C17: PowerDNS CVE-2025-59023; RFC 9715: a datagram of more than 1232 octets is not used. */
    @Test
    void datagramThatMustHaveBeenFragmentedIsAskedForOverTcp() throws IOException {
        FakeUpstream.Script oversize =
                query -> {
                    Packet packet = query.packet();
                    for (int i = 0; i < 90; i++) {
                        packet.answer("@", A, 60, query.tcp ? address("93.184.216." + i) : EVIL);
                    }
                    query.reply(packet);
                };
        try (Running running = new Running(oversize)) {
            byte[] reply = running.askTcp(Running.CLIENT, query("www.example.com", A).octets());

            assertThat(new Message(reply).getSection(Section.ANSWER)).hasSize(64);
            assertThat(running.pins(Running.CLIENT)).hasSize(64).doesNotContain("8.8.4.4");
            assertThat(running.upstream.queries()).extracting(query -> query.tcp).endsWith(true);
        }
    }

    /** T8, RFC 7766 §5: a truncated answer is asked for over TCP at once, and not used. */
    @Test
    void truncatedAnswerIsAskedForOverTcp() throws IOException {
        FakeUpstream.Script truncating =
                query ->
                        query.reply(
                                query.tcp
                                        ? query.good()
                                        : query.packet().flags(0x8380).answer("@", A, 60, EVIL));
        try (Running running = new Running(truncating)) {
            assertThat(outcome(running.ask(Running.CLIENT, query("www.example.com", A))))
                    .isEqualTo(HONEST);
            assertThat(running.upstream.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, true);
        }
    }

    /** C1: twenty guesses at the id lead to TCP, and none of them is taken. */
    @Test
    void floodOfGuessesLeadsToTcp() throws IOException {
        FakeUpstream.Script flood =
                query -> {
                    for (int i = 1; i <= 20 && !query.tcp; i++) {
                        query.reply(forged(query.id() ^ i, "www.example.com", A, NOERROR));
                    }
                    if (query.tcp) {
                        query.reply(query.good());
                    }
                };
        try (Running running = new Running(flood)) {
            assertThat(outcome(running.ask(Running.CLIENT, query("www.example.com", A))))
                    .isEqualTo(HONEST);
            assertThat(running.pins(Running.CLIENT)).containsExactly(HONEST);
        }
    }

    /** C1: unbound CVE-2026-50252, BIND CVE-2025-40780: ports and ids of one question each. */
    @Test
    void portsAndIdsOfQuestionsDiffer() throws IOException {
        try (Running running = new Running(query -> query.reply(query.good()))) {
            for (int i = 0; i < 200; i++) {
                running.ask(Running.CLIENT, query("n" + i + ".example.com", A));
            }
            var queries = running.upstream.queries();
            assertThat(queries.stream().map(query -> query.port).distinct().count())
                    .isGreaterThan(190);
            assertThat(queries.stream().map(Query::id).distinct().count()).isGreaterThan(190);
        }
    }

    /** C6: DNSBomb CVE-2024-33655: answers that were held back do not come in a burst. */
    @Test
    void answersThatTheUpstreamHoldsBackAreOneEach() throws Exception {
        AtomicInteger held = new AtomicInteger();
        FakeUpstream.Script slow =
                query -> {
                    held.incrementAndGet();
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    Thread.sleep(300);
                                    for (int i = 0; i < 10; i++) {
                                        query.reply(query.good());
                                    }
                                } catch (IOException | InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
                };
        try (Running running = new Running(slow);
                var socket = running.udp(Running.CLIENT)) {
            byte[] message = query("www.example.com", A).octets();
            for (int i = 0; i < 50; i++) {
                socket.send(new java.net.DatagramPacket(message, message.length));
            }
            int replies = 0;
            while (running.receive(Running.CLIENT, socket, 1500).length > 0) {
                replies++;
            }
            assertThat(replies).as("one a question at most").isBetween(1, 50);
            assertThat(held.get()).as("questions upstream").isLessThanOrEqualTo(3);
        }
    }
}
