package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.params.provider.Arguments;

/** Upstreams and an event loop, for a test. */
final class Asking implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group;
    final Upstreams upstreams;

    Asking(InetSocketAddress... servers) {
        this(EpollIoHandler.newFactory(), Duration.ofMillis(4500), servers);
    }

    Asking(IoHandlerFactory io, Duration budget, InetSocketAddress... servers) {
        group = new MultiThreadIoEventLoopGroup(1, io);
        upstreams =
                new Upstreams(
                        new Upstreams.Config(List.copyOf(Arrays.asList(servers)), budget, false));
    }

    Asking(Upstreams.Config config) {
        group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        upstreams = new Upstreams(config);
    }

    /** Of servers written as people write them. */
    static Asking of(String... endpoints) {
        return new Asking(
                Upstreams.Config.of(
                        Arrays.stream(endpoints).map(Endpoint::parse).toList(), List.of()));
    }

    CompletableFuture<Answer> asking(Question question) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        EventLoop loop = group.next();
        loop.execute(() -> upstreams.ask(question, loop, answer::complete));
        return answer;
    }

    /** Done when {@code then} was called, whatever it did. */
    CompletableFuture<Answer> asking(Question question, Consumer<Answer> then) {
        CompletableFuture<Answer> called = new CompletableFuture<>();
        EventLoop loop = group.next();
        loop.execute(() ->
                upstreams.ask(
                        question,
                        loop,
                        answer -> {
                            called.complete(answer);
                            then.accept(answer);
                        }));
        return called;
    }

    Answer ask(Question question) throws Exception {
        return asking(question).get(10, TimeUnit.SECONDS);
    }

    long counter(String name) {
        return value(name + "_total");
    }

    long counter(String name, String labels) {
        return value(name + "_total{" + labels + "}");
    }

    long value(String name) {
        Map<String, Long> counters = new TreeMap<>();
        upstreams.writeCounters(counters);
        Long value = counters.get("sallyport_upstream_" + name);
        if (value == null) {
            throw new AssertionError("no counter " + name + " in " + counters.keySet());
        }
        return value;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Loading classes for the first time may take longer than a server is given. */
    static void warmUp() throws Exception {
        Question www = Packet.question("www.example.com", 1);
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
            epoll.ask(www);
            nio.ask(www);
        }
    }

    static void assertGood(Answer answer) {
        assertThat(answer.rcode()).isZero();
        assertThat(answer.addresses())
                .isDeepEqualTo(new byte[][] {Packet.address("93.184.216.34")});
    }

    static void assertFailed(Answer answer) {
        assertThat(answer.rcode()).isEqualTo(2);
    }

    static void assertFailed(Answer answer, int extendedError) {
        assertThat(answer.rcode()).isEqualTo(2);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.extendedError()).isEqualTo(extendedError);
        assertThat(answer.extraText()).isNotEmpty();
    }

    static byte[] evil() {
        return Packet.address("8.8.4.4");
    }

    static Arguments stranger(String what, FakeUpstream.Script script) {
        return Arguments.of(what, script);
    }
}
