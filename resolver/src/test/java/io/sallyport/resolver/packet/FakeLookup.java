package io.sallyport.resolver.packet;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.question.Question;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Answers that a test has laid out, in the cache or behind it, after a delay if it likes; notes
 * what it was asked.
 */
public final class FakeLookup {
    public final Map<String, Answer> cache = new ConcurrentHashMap<>();
    public final Map<String, Answer> upstream = new ConcurrentHashMap<>();
    public final List<Question> asked = java.util.Collections.synchronizedList(new ArrayList<>());
    public volatile long delayMillis;
    private final List<Runnable> held = new ArrayList<>();
    public volatile boolean hold;

    public Answer cached(Question question, long nowNanos) {
        asked.add(question);
        return cache.get(key(question));
    }

    public void find(Question question, EventLoop loop, Consumer<Answer> then) {
        Answer answer =
                upstream.getOrDefault(
                        key(question),
                        Answer.serverFailure(22, "no upstream answered", System.nanoTime()));
        if (hold) {
            held.add(() -> then.accept(answer));
        } else if (delayMillis > 0) {
            var _ = loop.schedule(() -> then.accept(answer), delayMillis, TimeUnit.MILLISECONDS);
        } else {
            then.accept(answer);
        }
    }

    public void releaseHeld() {
        held.forEach(Runnable::run);
        held.clear();
    }

    private static String key(Question question) {
        return question.name() + "/" + question.type();
    }

    /**
     * So many addresses of documentation space below one name, TTL 300, owner by pointer to the
     * question.
     */
    public static Answer addresses(int count) {
        Layout layout = new Layout();
        for (int i = 0; i < count; i++) {
            layout.record("c00c", 1, new byte[] {(byte) 203, 0, (byte) (i >> 8), (byte) i});
        }
        return layout.answer(0, 300, System.nanoTime());
    }

    /** NODATA or NXDOMAIN with a SOA of the root. */
    public static Answer negative(int rcode) {
        Layout layout = new Layout();
        byte[] soa =
                Packet.empty().name(".").name(".").u32(1).u32(2).u32(3).u32(4).u32(60).octets();
        layout.authority("00", 6, soa);
        return layout.answer(rcode, 60, System.nanoTime());
    }

    public static Answer text(String text, int records) {
        Layout layout = new Layout();
        for (int i = 0; i < records; i++) {
            layout.record(
                    "c00c",
                    16,
                    Packet.empty().label(text.getBytes(StandardCharsets.US_ASCII)).octets());
        }
        return layout.answer(0, 300, System.nanoTime());
    }

    /** Lays records out as the checker does. */
    public static final class Layout {
        private final Packet body = Packet.empty();
        private final List<Integer> ends = new ArrayList<>();
        private final List<Integer> ttls = new ArrayList<>();
        private final List<byte[]> addresses = new ArrayList<>();
        private int answers;
        private int authorities;
        private boolean authenticated;
        private int ttl = 300;

        public Layout ttl(int seconds) {
            ttl = seconds;
            return this;
        }

        public Layout authenticated() {
            authenticated = true;
            return this;
        }

        public Layout record(String ownerHex, int type, byte[] data) {
            answers++;
            if (type == Packet.A || type == Packet.AAAA) {
                addresses.add(data);
            }
            return add(ownerHex, type, data);
        }

        public Layout authority(String ownerHex, int type, byte[] data) {
            authorities++;
            return add(ownerHex, type, data);
        }

        private Layout add(String ownerHex, int type, byte[] data) {
            body.hex(ownerHex).u16(type).u16(1);
            ttls.add(body.octets().length);
            body.u32(ttl).u16(data.length).bytes(data);
            ends.add(body.octets().length);
            return this;
        }

        public Layout forgetAddresses() {
            addresses.clear();
            return this;
        }

        public Answer answer(int rcode, int seconds, long born) {
            return new Answer(
                    rcode,
                    authenticated,
                    answers,
                    authorities,
                    body.octets(),
                    ends.stream().mapToInt(Integer::intValue).toArray(),
                    ttls.stream().mapToInt(Integer::intValue).toArray(),
                    seconds,
                    born,
                    addresses.toArray(byte[][]::new),
                    Answer.NO_EXTENDED_ERROR,
                    "");
        }
    }
}
