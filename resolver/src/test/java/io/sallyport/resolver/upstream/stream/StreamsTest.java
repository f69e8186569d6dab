package io.sallyport.resolver.upstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.upstream.FakeUpstream;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long connections are kept, and what happens to queries when they are not. */
class StreamsTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final Streams.Counts counts = new Streams.Counts();

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void connectionServesSoManyQueriesAndNoMore() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()))) {
            Streams streams = streams(server, new Streams.Limits(10, LONG, LONG));
            for (int i = 0; i < 25; i++) {
                assertThat(ask(streams, i)).isEqualTo("answered");
            }
            assertThat(server.connections()).isEqualTo(3);
        }
    }

    @Test
    void connectionServesSoLongAndNoLonger() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()))) {
            Streams streams =
                    streams(server, new Streams.Limits(1000, Duration.ofMillis(50), LONG));
            assertThat(ask(streams, 1)).isEqualTo("answered");
            Thread.sleep(60);
            assertThat(ask(streams, 2)).isEqualTo("answered");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void idleConnectionIsClosed() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()))) {
            Streams streams =
                    streams(server, new Streams.Limits(1000, LONG, Duration.ofMillis(100)));
            long before = openFiles();
            assertThat(ask(streams, 1)).isEqualTo("answered");
            await(() -> openFiles() <= before);
            assertThat(ask(streams, 2)).isEqualTo("answered");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    /** RFC 7828 §3.4: the server's word counts, 0 means now, and more than 60 s is not believed. */
    @Test
    void serverSaysHowLongAnIdleConnectionStays() throws Exception {
        byte[] none = {0, 0, 41, 4, (byte) 0xd0, 0, 0, 0, 0, 0, 6, 0, 11, 0, 2, 0, 0};
        byte[] tenth = none.clone();
        tenth[16] = 1;
        for (byte[] opt : new byte[][] {none, tenth}) {
            try (FakeUpstream server =
                    new FakeUpstream(query -> query.reply(query.good().count(2, 1).raw(opt)))) {
                Streams streams = streams(server, new Streams.Limits(1000, LONG, LONG));
                long before = openFiles();
                assertThat(ask(streams, 1)).isEqualTo("answered");
                await(() -> openFiles() <= before);
            }
        }
    }

    @Test
    void queryLostOnKeptConnectionIsToldFromOneLostOnFreshOne() throws Exception {
        try (FakeUpstream server =
                new FakeUpstream(query -> {
                    if (query.number == 0) {
                        query.reply(query.good());
                    } else {
                        query.hangUp();
                    }
                })) {
            Streams streams = streams(server, new Streams.Limits(1000, LONG, LONG));
            assertThat(ask(streams, 1)).isEqualTo("answered");
            assertThat(ask(streams, 2)).isEqualTo("STALE");
            assertThat(ask(streams, 3)).isEqualTo("UNREACHABLE");
        }
    }

    @Test
    void idsThatMeetOnOneConnectionAreDrawnAgain() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> {})) {
            Streams streams = streams(server, new Streams.Limits(1000, LONG, LONG));
            Ask one = new Ask(7);
            Ask two = new Ask(7);
            loop.submit(
                            () -> {
                                streams.send(loop, one, false);
                                streams.send(loop, two, false);
                            })
                    .get();
            await(() -> server.queries().size() == 2);
            assertThat(server.queries().stream().map(FakeUpstream.Query::id).distinct().count())
                    .isEqualTo(2);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void countersAreThereFromTheStart() {
        Map<String, Long> counters = new TreeMap<>();
        counts.writeTo(counters);

        assertThat(counters)
                .containsEntry("sallyport_upstream_connections_total", 0L)
                .containsEntry("sallyport_upstream_tls_failures_total{reason=\"pin\"}", 0L)
                .containsEntry("sallyport_upstream_tls_handshakes_total{kind=\"resumed\"}", 0L);
    }

    private Streams streams(FakeUpstream server, Streams.Limits limits) {
        return new Streams(Endpoint.plain(server.address()), limits, counts);
    }

    private String ask(Streams streams, int id) throws Exception {
        Ask ask = new Ask(id);
        loop.execute(() -> streams.send(loop, ask, false));
        return ask.outcome.get(10, TimeUnit.SECONDS);
    }

    private static int openFiles() {
        String[] files = new java.io.File("/proc/self/fd").list();
        return files == null ? 0 : files.length;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(condition.getAsBoolean()).as("within 10 s").isTrue();
    }

    /** A question with this id, and how it ended. */
    private static final class Ask implements Streams.Call {
        final CompletableFuture<String> outcome = new CompletableFuture<>();
        private int id;

        Ask(int id) {
            this.id = id;
        }

        @Override
        public int id() {
            return id;
        }

        @Override
        public void redraw() {
            id++;
        }

        @Override
        public byte[] octets() {
            return new Packet(id, 0x0100).question(Packet.name("www.example.com"), 1, 1).octets();
        }

        @Override
        public void sent(long nowNanos) {}

        @Override
        public boolean answered(byte[] message) {
            return outcome.complete("answered");
        }

        @Override
        public void lost(Streams.Loss loss) {
            outcome.complete(loss.name());
        }
    }
}
