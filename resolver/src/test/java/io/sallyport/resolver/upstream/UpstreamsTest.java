package io.sallyport.resolver.upstream;

import static io.sallyport.resolver.upstream.Asking.assertFailed;
import static io.sallyport.resolver.upstream.Asking.assertGood;
import static io.sallyport.resolver.upstream.Asking.evil;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that answer well, late, broken, or not at all. */
class UpstreamsTest {
    private static final Question WWW = Packet.question("www.example.com", 1);

    @BeforeAll
    static void warmUp() throws Exception {
        Asking.warmUp();
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

    /**
     * As the first one is after a recursion of more than a second, with TCP filtered on the way.
     */
    @ParameterizedTest
    @ValueSource(ints = {1000, 2000})
    void answerToAQueryThatWasGivenUpForLateIsAsGood(int millis) throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            if (query.number == 0) {
                                Thread.startVirtualThread(() -> answerAfter(millis, query));
                            }
                        });
                Asking asking = new Asking(server.address())) {
            assertGood(asking.ask(WWW));
            assertThat(asking.counter("timeouts")).isPositive();
            assertThat(asking.counter("hedges_won")).isZero();
        }
    }

    private static void answerAfter(int millis, FakeUpstream.Query query) {
        try {
            Thread.sleep(millis);
            query.reply(query.good());
        } catch (InterruptedException | IOException e) {
            throw new AssertionError(e);
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
                    .isBetween(Duration.ofMillis(350), Duration.ofMillis(2000));
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
                    .isBetween(Duration.ofSeconds(4), Duration.ofMillis(4900));
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
}
