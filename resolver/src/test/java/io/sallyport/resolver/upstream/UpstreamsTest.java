package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.nio.NioIoHandler;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that answer well, badly, late, or not at all. */
class UpstreamsTest {
    private static final Question WWW = Packet.question("www.example.com", 1);

    /** Loading classes for the first time may take longer than a server is given. */
    @BeforeAll
    static void warmUp() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query ->
                                query.reply(
                                        query.tcp ? query.good() : query.packet().flags(0x8380)));
                Asking epoll = new Asking(server.address());
                Asking nio =
                        new Asking(
                                NioIoHandler.newFactory(),
                                Duration.ofMillis(4500),
                                server.address())) {
            epoll.ask(WWW);
            nio.ask(WWW);
        }
    }

    @Test
    void asksNothingButTheQuestion() throws Exception {
        Question question =
                new Question(
                        WireName.parse("www.example.com"), 28, true, true, AddressFilter.PUBLIC);
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.packet()));
                Asking asking = new Asking(server.address())) {
            asking.ask(question);

            byte[] sent = server.queries().getFirst().octets;
            byte[] lowered = sent.clone();
            for (int i = 12; i < 29; i++) {
                lowered[i] = WireName.lower(sent[i]);
            }
            byte[] header = {1, 0x10, 0, 1, 0, 0, 0, 0, 0, 1};
            byte[] tail = {0, 28, 0, 1, 0, 0, 41, 0x04, (byte) 0xd0, 0, 0, (byte) 0x80, 0, 0, 0};
            assertThat(Arrays.copyOfRange(lowered, 2, lowered.length))
                    .isEqualTo(Packet.join(header, Packet.name("www.example.com"), tail));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answersOnEitherKindOfLoop(boolean epoll) throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (query.tcp) {
                                query.reply(query.good());
                            } else {
                                query.reply(query.packet().flags(0x8380));
                            }
                        });
                Asking asking =
                        epoll
                                ? new Asking(server.address())
                                : new Asking(
                                        NioIoHandler.newFactory(),
                                        Duration.ofMillis(4500),
                                        server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, true);
        }
    }

    @Test
    void asksOverIpv6() throws Exception {
        InetAddress loopback = InetAddress.ofLiteral("::1");
        try (FakeUpstream server =
                        new FakeUpstream(
                                loopback,
                                query -> {
                                    if (query.tcp) {
                                        query.reply(query.good());
                                    } else {
                                        query.replyFromElsewhere(
                                                query.packet().answer("@", 1, 60, evil()).octets());
                                        query.reply(query.packet().flags(0x8380));
                                    }
                                });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries()).hasSize(2);
        }
    }

    @Test
    void faultOfOursStillAnswers() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = new Asking(server.address())) {
            AtomicInteger calls = new AtomicInteger();
            asking.asking(
                            WWW,
                            answer -> {
                                calls.incrementAndGet();
                                throw new IllegalStateException("a fault made on purpose");
                            })
                    .get(5, TimeUnit.SECONDS);
            assertGood(asking.ask(WWW));
            assertThat(calls).hasValue(1);
            assertThat(asking.counter("errors")).isEqualTo(1);
        }
    }

    /** What must be waited through until the true answer comes. */
    static Stream<Arguments> strangers() {
        return Stream.of(
                stranger(
                        "wrong id",
                        query ->
                                query.reply(
                                        new Packet(query.id() ^ 1, Packet.NOERROR)
                                                .question(query.name(), 1, 1)
                                                .answer("@", 1, 60, evil()))),
                stranger(
                        "wrong name",
                        query ->
                                query.reply(
                                        new Packet(query.id(), Packet.NOERROR)
                                                .question(Packet.name("wwx.example.com"), 1, 1)
                                                .answer("@", 1, 60, evil()))),
                stranger(
                        "wrong type",
                        query ->
                                query.reply(
                                        new Packet(query.id(), Packet.NOERROR)
                                                .question(query.name(), 28, 1)
                                                .answer("@", 1, 60, evil()))),
                stranger(
                        "wrong class",
                        query ->
                                query.reply(
                                        new Packet(query.id(), Packet.NOERROR)
                                                .question(query.name(), 1, 3)
                                                .answer("@", 1, 60, evil()))),
                stranger(
                        "QR=0",
                        query ->
                                query.reply(
                                        query.packet().flags(0x0180).answer("@", 1, 60, evil()))),
                stranger(
                        "opcode NOTIFY",
                        query ->
                                query.reply(
                                        query.packet().flags(0xa180).answer("@", 1, 60, evil()))),
                stranger(
                        "no question",
                        query ->
                                query.reply(
                                        new Packet(query.id(), Packet.NOERROR)
                                                .answer("www.example.com", 1, 60, evil()))),
                stranger(
                        "two questions",
                        query ->
                                query.reply(
                                        query.packet()
                                                .question(query.name(), 1, 1)
                                                .answer("@", 1, 60, evil()))),
                stranger(
                        "a bare header",
                        query -> query.reply(new Packet(query.id(), Packet.NOERROR))),
                stranger("half a header", query -> query.reply(new byte[5])),
                stranger(
                        "another port",
                        query ->
                                query.replyFromElsewhere(
                                        query.packet().answer("@", 1, 60, evil()).octets())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strangers")
    void waitsThroughStrangersMessages(String what, FakeUpstream.Script stranger) throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            stranger.handle(query);
                            query.reply(query.good());
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries()).hasSize(1);
            assertThat(asking.counter("mismatched"))
                    .as(what)
                    .isEqualTo(what.equals("another port") ? 0 : 1);
        }
    }

    @Test
    void goesToTcpWhenIdsAreBeingGuessed() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            for (int i = 1; i <= 20 && !query.tcp; i++) {
                                query.reply(
                                        new Packet(query.id() ^ i, Packet.NOERROR)
                                                .question(query.name(), 1, 1)
                                                .answer("@", 1, 60, evil()));
                            }
                            if (query.tcp) {
                                query.reply(query.good());
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, true);
            assertThat(asking.counter("mismatched")).isEqualTo(10);
        }
    }

    @Test
    void answerInOtherCaseIsAskedForOverTcp() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (query.tcp) {
                                query.reply(query.good());
                            } else {
                                byte[] swapped = query.name();
                                swapped[1] ^= 0x20;
                                query.reply(
                                        new Packet(query.id(), Packet.NOERROR)
                                                .question(swapped, 1, 1)
                                                .answer("@", 1, 60, evil()));
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(asking.counter("mismatched")).isEqualTo(1);
        }
    }

    @Test
    void serverThatLowersCaseIsKnownAfterThreeNames() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            byte[] name = query.name();
                            for (int i = 0; i < name.length; i++) {
                                name[i] = WireName.lower(name[i]);
                            }
                            query.reply(
                                    new Packet(query.id(), Packet.NOERROR)
                                            .question(name, 1, 1)
                                            .answer("@", 1, 60, Packet.address("93.184.216.34")));
                        });
                Asking asking = new Asking(server.address())) {
            for (int i = 0; i < 4; i++) {
                assertGood(asking.ask(Packet.question("long-name-" + i + ".example.com", 1)));
            }
            assertThat(server.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, true, false, true, false, true, false);
        }
    }

    @Test
    void asksAgainWhenTheFirstDatagramIsLost() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (query.number > 0) {
                                query.reply(query.good());
                            }
                        });
                Asking asking = new Asking(server.address())) {
            long start = System.nanoTime();
            assertGood(asking.ask(WWW));
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(350), Duration.ofMillis(1000));
            assertThat(server.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, false);
            assertThat(asking.counter("timeouts")).isEqualTo(1);
        }
    }

    @Test
    void silenceEndsWithinTheBudget() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> {});
                Asking asking = new Asking(server.address())) {
            long start = System.nanoTime();
            Answer answer = asking.ask(WWW);

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(4000), Duration.ofMillis(4500));
            assertFailed(answer, 22);
            assertThat(server.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, false, true);
            assertThat(asking.counter("failures")).isEqualTo(1);
        }
    }

    @Test
    void closedPortFailsAtOnce() throws Exception {
        InetSocketAddress nobody;
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
        try (Asking asking = new Asking(nobody)) {
            long start = System.nanoTime();
            assertFailed(asking.ask(WWW), 23);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(1));
        }
    }

    @Test
    void secondServerStepsIn() throws Exception {
        try (FakeUpstream dead = new FakeUpstream(query -> {});
                FakeUpstream alive = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = new Asking(dead.address(), alive.address())) {
            assertGood(asking.ask(WWW));
            assertThat(dead.queries()).hasSize(1);
            assertThat(alive.queries()).hasSize(1);
        }
    }

    @Test
    void serverThatIsSilentAboutUnrelatedNamesIsAskedLast() throws Exception {
        try (FakeUpstream dead = new FakeUpstream(query -> {});
                FakeUpstream alive = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = new Asking(dead.address(), alive.address())) {
            for (int i = 0; i < 3; i++) {
                var _ = asking.asking(Packet.question("www.example" + i + ".com", 1));
            }
            assertGood(asking.ask(Packet.question("www.example3.com", 1)));
            int before = dead.queries().size();
            for (int i = 0; i < 20; i++) {
                assertGood(asking.ask(Packet.question("n" + i + ".example.com", 1)));
            }
            assertThat(dead.queries().size() - before).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void silenceAboutOneDomainDoesNotCondemnServer() {
        Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 53));
        server.heard(1_000_000);
        for (int i = 0; i < 1000; i++) {
            server.silent(WireName.parse("n" + i + ".tunnel.attacker.net"), i);
        }
        assertThat(server.cost(2000)).isLessThan(Long.MAX_VALUE);

        server.silent(WireName.parse("a.net"), 2000);
        server.silent(WireName.parse("b.net"), 2000);
        assertThat(server.cost(2001)).isEqualTo(Long.MAX_VALUE);

        server.heard(1_000_000);
        assertThat(server.cost(2001)).isLessThan(Long.MAX_VALUE);
    }

    @Test
    void serverThatIsDownGetsOneProbeInAWhile() {
        Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 53));
        for (String name : List.of("a.net", "b.net", "c.net")) {
            server.silent(WireName.parse(name), 0);
        }
        long later = Duration.ofSeconds(3).toNanos();
        assertThat(server.cost(1)).isEqualTo(Long.MAX_VALUE);
        assertThat(server.cost(later)).isZero();
        server.chosen(later);
        assertThat(server.cost(later)).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void asksOnceWithoutEdns(int rcode) throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query ->
                                query.reply(
                                        query.hasEdns()
                                                ? query.packet().flags(0x8180 | rcode)
                                                : query.good()));
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertGood(asking.ask(WWW));
            assertThat(server.queries())
                    .extracting(FakeUpstream.Query::hasEdns)
                    .containsExactly(true, false, false);
        }
    }

    @Test
    void bareHeaderWithFormerrMeansNoEdns() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query ->
                                query.reply(
                                        query.hasEdns()
                                                ? new Packet(query.id(), 0x8181)
                                                : query.good()));
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries())
                    .extracting(FakeUpstream.Query::hasEdns)
                    .containsExactly(true, false);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 9})
    void errorOfOneServerLeadsToTheNextAndThenFails(int rcode) throws Exception {
        FakeUpstream.Script refuse =
                query -> query.reply(query.packet().flags(0x8180 | rcode).opt());
        try (FakeUpstream one = new FakeUpstream(refuse);
                FakeUpstream two = new FakeUpstream(refuse);
                Asking asking = new Asking(one.address(), two.address())) {
            assertFailed(asking.ask(WWW), 22);
            assertThat(one.queries()).hasSize(1);
            assertThat(two.queries()).hasSize(1);
        }
    }

    @Test
    void formerrAgainAndAgainEnds() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> query.reply(query.packet().flags(0x8181)));
                Asking asking = new Asking(server.address())) {
            assertFailed(asking.ask(WWW), 22);
            assertThat(server.queries()).hasSize(2);
        }
    }

    @Test
    void badVersionDoesNotLoop() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query ->
                                query.reply(
                                        query.packet()
                                                .record(2, new byte[1], 41, 1232, 1L << 24)));
                Asking asking = new Asking(server.address())) {
            assertFailed(asking.ask(WWW), 22);
            assertThat(server.queries()).hasSize(1);
        }
    }

    @Test
    void malformedAnswerIsDiscardedWhole() throws Exception {
        FakeUpstream.Script broken =
                query -> query.reply(query.good().answer("@", 1, 60, new byte[5]));
        try (FakeUpstream server = new FakeUpstream(broken);
                FakeUpstream good = new FakeUpstream(query -> query.reply(query.good()));
                Asking alone = new Asking(server.address());
                Asking both = new Asking(server.address(), good.address())) {
            assertFailed(alone.ask(WWW), 24);
            assertThat(server.queries()).hasSize(3);
            assertThat(alone.counter("malformed")).isEqualTo(3);
            assertGood(both.ask(WWW));
        }
    }

    @Test
    void oversizeDatagramLeadsToTcp() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (query.tcp) {
                                query.reply(query.good());
                            } else {
                                query.reply(Arrays.copyOf(query.good().octets(), 1400));
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries()).hasSize(2);
        }
    }

    @Test
    void readsTcpOctetByOctet() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (!query.tcp) {
                                query.reply(query.packet().flags(0x8380));
                                return;
                            }
                            byte[] message = query.good().octets();
                            query.raw(new byte[] {0});
                            pause();
                            query.raw(new byte[] {(byte) message.length});
                            for (byte octet : message) {
                                query.raw(new byte[] {octet});
                                pause();
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
        }
    }

    @Test
    void readsLongestMessageOverTcp() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (!query.tcp) {
                                query.reply(query.packet().flags(0x8380));
                                return;
                            }
                            Packet packet = query.good();
                            while (packet.length() < 60_000) {
                                packet.additional("@", 65280, 60, new byte[1000]);
                            }
                            query.reply(
                                    packet.additional(
                                            "@",
                                            65280,
                                            60,
                                            new byte[65_535 - packet.length() - 12]));
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
        }
    }

    /** Each makes the second TCP query fail; the third query, also TCP, is answered. */
    static Stream<Arguments> brokenStreams() {
        return Stream.of(
                stranger("closed early", query -> query.raw(new byte[] {0, 50, 1})),
                stranger(
                        "wrong id",
                        query ->
                                query.reply(
                                        new Packet(query.id() ^ 1, Packet.NOERROR)
                                                .question(query.name(), 1, 1)
                                                .answer("@", 1, 60, evil()))),
                stranger("truncated again", query -> query.reply(query.packet().flags(0x8380))),
                stranger("empty message", query -> query.raw(new byte[] {0, 0})),
                stranger(
                        "length too short",
                        query ->
                                query.raw(Packet.join(new byte[] {0, 20}, query.good().octets()))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenStreams")
    void brokenStreamFails(String what, FakeUpstream.Script broken) throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (!query.tcp) {
                                query.reply(query.packet().flags(0x8380));
                            } else if (query.number == 1) {
                                broken.handle(query);
                                if (what.equals("closed early")) {
                                    throw new SocketException("close");
                                }
                            } else {
                                query.reply(query.good());
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(server.queries())
                    .extracting(query -> query.tcp)
                    .containsExactly(false, true, true);
        }
    }

    @Test
    void portsAndIdsAndCaseAreRandom() throws Exception {
        int asked = 400;
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = new Asking(server.address())) {
            for (int i = 0; i < asked; i++) {
                assertGood(asking.ask(WWW));
            }
            List<FakeUpstream.Query> queries = server.queries();
            assertThat(queries).hasSize(asked);
            assertThat(queries.stream().map(query -> query.port).distinct().count())
                    .isGreaterThan(asked * 9 / 10);
            assertThat(queries.stream().map(FakeUpstream.Query::id).distinct().count())
                    .isGreaterThan(asked * 9 / 10);
            assertThat(
                            queries.stream()
                                    .map(query ->
                                            new String(query.name(), StandardCharsets.US_ASCII))
                                    .distinct()
                                    .count())
                    .isGreaterThan(asked * 9 / 10);
            for (int bit = 0; bit < 16; bit++) {
                int shift = bit;
                assertThat(queries.stream().filter(query -> (query.id() >> shift & 1) == 1).count())
                        .as("id bit %d of %d", bit, asked)
                        .isBetween(130L, 270L);
            }
        }
    }

    @Test
    void channelsAreClosed() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query ->
                                query.reply(
                                        query.tcp ? query.good() : query.packet().flags(0x8380)));
                Asking asking = new Asking(server.address())) {
            asking.ask(WWW);
            long before = openFiles();
            for (int i = 0; i < 100; i++) {
                asking.ask(WWW);
            }
            assertThat(openFiles() - before).isLessThan(20);
        }
    }

    @Test
    void refusesConfigurationThatCannotWork() {
        assertThatThrownBy(() -> config(List.of())).hasMessageContaining("1 to 16");
        assertThatThrownBy(() ->
                        config(List.of(InetSocketAddress.createUnresolved("dns.example", 53))))
                .hasMessageContaining("needs an IP address");
        assertThatThrownBy(() ->
                        config(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))))
                .hasMessageContaining("a port");
        InetSocketAddress one = new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);
        assertThatThrownBy(() -> config(List.of(one, one))).hasMessageContaining("twice");
    }

    private static Upstreams.Config config(List<InetSocketAddress> servers) {
        return new Upstreams.Config(servers, Duration.ofSeconds(4), false);
    }

    private static long openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    private static void assertGood(Answer answer) {
        assertThat(answer.rcode()).isZero();
        assertThat(answer.addresses())
                .isDeepEqualTo(new byte[][] {Packet.address("93.184.216.34")});
    }

    private static void assertFailed(Answer answer, int extendedError) {
        assertThat(answer.rcode()).isEqualTo(2);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.extendedError()).isEqualTo(extendedError);
        assertThat(answer.extraText()).isNotEmpty();
    }

    private static byte[] evil() {
        return Packet.address("8.8.4.4");
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Arguments stranger(String what, FakeUpstream.Script script) {
        return Arguments.of(what, script);
    }
}
