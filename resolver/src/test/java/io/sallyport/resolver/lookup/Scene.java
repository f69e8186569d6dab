package io.sallyport.resolver.lookup;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.Upstreams;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A lookup on one event loop whose time passes when it is told to, and upstreams played by hand.
 */
final class Scene implements Source {
    static final Question WWW = Packet.question("www.example.com", 1);

    /** One question that has been asked of the upstreams and waits for its answer. */
    record Asked(Question question, Consumer<Answer> then) {}

    final List<Asked> asked = new ArrayList<>();
    final List<Answer> told = new ArrayList<>();
    final Lookup lookup;
    @Nullable RuntimeException fault;
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private long now = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(30); // overflows on the way

    Scene(boolean serveStale) {
        channel.freezeTime();
        Upstreams.Config nobody =
                Upstreams.Config.of(
                        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 53)));
        lookup =
                new Lookup(
                        new Lookup.Config(nobody, 1 << 20, serveStale, Optional.empty()),
                        this,
                        () -> now);
    }

    @Override
    public void ask(Question question, EventLoop loop, Consumer<Answer> then) {
        if (fault != null) {
            throw fault;
        }
        asked.add(new Asked(question, then));
    }

    @Override
    public Upstreams upstreams() {
        throw new UnsupportedOperationException("there are none here");
    }

    @Override
    public void writeCounters(Map<String, Long> counters) {}

    @Override
    public void close() {}

    /** As a client's query does it: the cache, then a lookup. */
    void query(Question question) {
        Answer cached = lookup.cached(question, now);
        if (cached == null) {
            lookup.find(question, channel.eventLoop(), told::add);
        } else {
            told.add(cached);
        }
        channel.runPendingTasks();
    }

    /** The upstream's answer to the question that was asked as this one, from 0. */
    void reply(int number, Answer answer) {
        asked.get(number).then().accept(answer);
        channel.runPendingTasks();
    }

    void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runPendingTasks(); // timers
        channel.runPendingTasks(); // and what they have left to do
    }

    long now() {
        return now;
    }

    Answer address(int ttl) {
        byte[] body = {
            (byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, (byte) ttl, 0, 4, 93, (byte) 184, (byte) 216, 34
        };
        byte[][] addresses = {{93, (byte) 184, (byte) 216, 34}};
        return new Answer(
                0, false, 1, 0, body, new int[] {16}, new int[] {6}, ttl, now, addresses, -1, "");
    }

    Answer failure() {
        return Answer.serverFailure(22, "silent", now);
    }

    long counter(String name) {
        return lookup.counters().getOrDefault("sallyport_" + name, -1L);
    }
}
