package io.sallyport.resolver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.FakeUpstream;
import io.sallyport.resolver.upstream.Upstreams;
import io.sallyport.resolver.validate.Validator;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LookupTest {
    private static final Question WWW = Packet.question("www.example.com", 1);

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());

    /** Loading classes for the first time may take longer than a server is given. */
    @BeforeEach
    void warmUp() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()));
                Lookup lookup = lookup(server)) {
            find(lookup, WWW);
        }
    }

    @AfterEach
    void stopLoops() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void answerIsFoundOnceAndThenCached() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()));
                Lookup lookup = lookup(server)) {
            assertThat(lookup.cached(WWW, System.nanoTime())).isNull();
            Answer found = find(lookup, WWW);

            assertThat(lookup.cached(WWW, System.nanoTime()))
                    .usingRecursiveComparison()
                    .isEqualTo(found);
            assertThat(lookup.cached(WWW, found.bornNanos() + TimeUnit.SECONDS.toNanos(60)))
                    .isNull();
            assertThat(find(lookup, WWW)).usingRecursiveComparison().isEqualTo(found);
            assertThat(server.queries()).hasSize(1);
        }
    }

    @Test
    void hundredAskersShareOneUpstreamQuery() throws Exception {
        CountDownLatch asked = new CountDownLatch(100);
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            await(asked);
                            query.reply(
                                    query.packet()
                                            .answer("@", 1, 0, Packet.address("93.184.216.34")));
                        });
                Lookup lookup = lookup(server)) {
            CountDownLatch called = new CountDownLatch(100);
            AtomicInteger elsewhere = new AtomicInteger();
            AtomicInteger calls = new AtomicInteger();
            for (int i = 0; i < 100; i++) {
                EventLoop loop = group.next();
                loop.execute(() -> {
                    lookup.find(
                            WWW,
                            loop,
                            answer -> {
                                elsewhere.addAndGet(
                                        loop.inEventLoop() && answer.addresses().length == 1
                                                ? 0
                                                : 1);
                                calls.incrementAndGet();
                                called.countDown();
                            });
                    asked.countDown();
                });
            }
            assertThat(called.await(5, TimeUnit.SECONDS)).isTrue();
            Thread.sleep(50);
            assertThat(calls).hasValue(100);
            assertThat(elsewhere).hasValue(0);
            assertThat(server.queries()).hasSize(1);
            assertThat(lookup.counters()).containsEntry("sallyport_lookups_coalesced_total", 99L);
            assertIdle(lookup);
            assertThat(lookup.cached(WWW, System.nanoTime()))
                    .as("TTL 0 is for those who waited")
                    .isNull();
        }
    }

    @Test
    void questionsThatDifferInAnyPartDoNotShare() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.packet()));
                Lookup lookup = lookup(server)) {
            find(lookup, WWW);
            find(lookup, new Question(WWW.name(), 28, false, false, AddressFilter.PUBLIC));
            find(lookup, new Question(WWW.name(), 1, true, false, AddressFilter.PUBLIC));
            find(lookup, new Question(WWW.name(), 1, false, true, AddressFilter.PUBLIC));
            assertThat(server.queries()).hasSize(4);
        }
    }

    @Test
    void failureIsCachedForASecond() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(query -> query.reply(query.packet().flags(0x8182).opt()));
                Lookup lookup = lookup(server)) {
            Answer failure = find(lookup, WWW);

            assertThat(failure.rcode()).isEqualTo(2);
            assertThat(lookup.cached(WWW, System.nanoTime()))
                    .usingRecursiveComparison()
                    .isEqualTo(failure);
            assertThat(
                            lookup.cached(
                                    WWW, failure.bornNanos() + TimeUnit.MILLISECONDS.toNanos(1001)))
                    .isNull();
            assertThat(find(lookup, WWW)).usingRecursiveComparison().isEqualTo(failure);
            assertThat(server.queries()).hasSize(1);
        }
    }

    @Test
    void askerWhoThrowsHarmsNobodyElse() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (FakeUpstream server =
                        new FakeUpstream(query -> {
                            await(asked);
                            query.reply(query.good());
                        });
                Lookup lookup = lookup(server)) {
            EventLoop loop = group.next();
            CompletableFuture<Answer> second = new CompletableFuture<>();
            loop.execute(() -> {
                lookup.find(
                        WWW,
                        loop,
                        answer -> {
                            throw new IllegalStateException("an asker that is broken on purpose");
                        });
                lookup.find(WWW, loop, second::complete);
                asked.countDown();
            });
            assertThat(second.get(5, TimeUnit.SECONDS).rcode()).isZero();
            assertIdle(lookup);
        }
    }

    @Test
    void thousandWaitForOneQuestionAndNoMore() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> {});
                Lookup lookup = new Lookup(config(server, Duration.ofSeconds(3)))) {
            AtomicInteger early = new AtomicInteger();
            CountDownLatch called = new CountDownLatch(1010);
            long start = System.nanoTime();
            EventLoop loop = group.next();
            for (int i = 0; i < 1010; i++) {
                lookup.find(
                        WWW,
                        loop,
                        answer -> {
                            assertThat(answer.rcode()).isEqualTo(2);
                            early.addAndGet(
                                    System.nanoTime() - start < Duration.ofMillis(2500).toNanos()
                                            ? 1
                                            : 0);
                            called.countDown();
                        });
            }
            assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(early).hasValue(10);
            assertThat(lookup.counters()).containsEntry("sallyport_lookups_refused_total", 10L);
            assertIdle(lookup);
        }
    }

    @Test
    void floodOfNamesIsBoundedAndPasses() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> {});
                Lookup lookup = new Lookup(config(server, Duration.ofMillis(800)))) {
            int flood = Lookup.MAX_FLIGHTS + 500;
            CountDownLatch called = new CountDownLatch(flood);
            EventLoop loop = group.next();
            CompletableFuture<Long> most = new CompletableFuture<>();
            loop.execute(() -> {
                for (int i = 0; i < flood; i++) {
                    lookup.find(
                            Packet.question("n" + i + ".example.com", 1),
                            loop,
                            answer -> called.countDown());
                }
                most.complete(lookup.counters().getOrDefault("sallyport_lookups_in_flight", 0L));
            });
            assertThat(most.get(30, TimeUnit.SECONDS)).isBetween(1L, (long) Lookup.MAX_FLIGHTS);
            assertThat(called.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(lookup.counters().getOrDefault("sallyport_lookups_refused_total", 0L))
                    .isPositive();
            assertIdle(lookup);

            server.script(query -> query.reply(query.good()));
            assertThat(find(lookup, WWW).rcode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1 << 20})
    void manyNamesFromManyLoops(long cacheBytes) throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()));
                Lookup lookup =
                        new Lookup(
                                new Lookup.Config(
                                        Upstreams.Config.of(List.of(server.address())),
                                        cacheBytes,
                                        true,
                                        Optional.empty()))) {
            int names = 40;
            int rounds = 50;
            CountDownLatch called = new CountDownLatch(names * rounds);
            Set<Integer> rcodes = ConcurrentHashMap.newKeySet();
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < names; i++) {
                    EventLoop loop = group.next();
                    Question question = Packet.question("n" + i + ".example.com", 1);
                    loop.execute(() ->
                            lookup.find(
                                    question,
                                    loop,
                                    answer -> {
                                        rcodes.add(answer.rcode());
                                        called.countDown();
                                    }));
                }
            }
            assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(rcodes).containsExactly(0);
            if (cacheBytes > 0) {
                assertThat(server.queries()).hasSize(names);
            }
            assertIdle(lookup);
        }
    }

    /** Nobody below the public root has signed what a fake upstream says. */
    @Test
    void validationHappensWhereItIsWanted() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()))) {
            Lookup.Config plain = config(server, Duration.ofSeconds(4));
            Lookup.Config validating =
                    new Lookup.Config(
                            plain.upstreams(), 1 << 20, true, Optional.of(Validator.Config.PUBLIC));
            try (Lookup lookup = new Lookup(validating)) {
                Answer bogus = find(lookup, WWW);
                assertThat(bogus.rcode()).isEqualTo(2);
                assertThat(bogus.extendedError()).isBetween(5, 24);
                assertThat(lookup.cached(WWW, System.nanoTime()))
                        .usingRecursiveComparison()
                        .isEqualTo(bogus);
                Question unchecked = new Question(WWW.name(), 1, false, true, AddressFilter.PUBLIC);
                assertThat(find(lookup, unchecked).rcode()).isZero();
                assertThat(lookup.counters())
                        .containsEntry("sallyport_validations_failed_total", 1L);
            }
        }
    }

    @Test
    void closedLookupFailsAtOnce() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()))) {
            Lookup lookup = lookup(server);
            lookup.close();

            assertThat(find(lookup, WWW).rcode()).isEqualTo(2);
            assertThat(server.queries()).isEmpty();
        }
    }

    @Test
    void everyCounterIsThereFromTheStart() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> {});
                Lookup lookup = lookup(server)) {
            assertThat(lookup.counters().keySet())
                    .contains(
                            "sallyport_cache_hits_total",
                            "sallyport_cache_requests_total",
                            "sallyport_upstream_requests_total",
                            "sallyport_upstream_timeouts_total",
                            "sallyport_upstream_mismatched_total",
                            "sallyport_upstream_malformed_total")
                    .allMatch(name -> name.matches("sallyport_[a-z_]+(\\{.+})?"));
        }
    }

    private static Lookup lookup(FakeUpstream server) {
        return new Lookup(config(server, Duration.ofMillis(4500)));
    }

    private static Lookup.Config config(FakeUpstream server, Duration budget) {
        List<InetSocketAddress> servers = new ArrayList<>(List.of(server.address()));
        return new Lookup.Config(
                new Upstreams.Config(servers, budget, false), 1 << 20, true, Optional.empty());
    }

    private Answer find(Lookup lookup, Question question) throws Exception {
        CompletableFuture<Answer> found = new CompletableFuture<>();
        lookup.find(question, group.next(), found::complete);
        return found.get(10, TimeUnit.SECONDS);
    }

    private static void assertIdle(Lookup lookup) throws InterruptedException {
        for (int i = 0;
                i < 100 && lookup.counters().getOrDefault("sallyport_lookups_waiting", 0L) > 0;
                i++) {
            Thread.sleep(5);
        }
        assertThat(lookup.counters())
                .containsEntry("sallyport_lookups_waiting", 0L)
                .containsEntry("sallyport_lookups_in_flight", 0L);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(5, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
