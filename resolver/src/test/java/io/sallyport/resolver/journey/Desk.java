package io.sallyport.resolver.journey;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.budget.Budget.Events;
import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.count.Counters;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.Packet;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.resolver.policy.Policy.Rules;
import io.sallyport.resolver.reply.Reply;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/** One journey without sockets: a message in, the octets of its answer out. */
final class Desk {
    static final List<Integer> PORTS = List.of(6 << 16 | 443, 17 << 16 | 443);

    final FakeLookup lookup = new FakeLookup();
    final Networks networks;
    final Counters counters = new Counters();
    final RecordingPinner pinner = new RecordingPinner();
    private final EmbeddedChannel turns = new EmbeddedChannel();
    final Journey journey;
    final List<byte[]> answers = new ArrayList<>();
    int silences;

    Desk() {
        this(System::nanoTime);
    }

    /** Without the limits that a test of something else could meet. */
    Desk(LongSupplier clock) {
        this(clock, Limits.NONE.with(Limit.QUESTIONS_IN_FLIGHT, 200), Events.NOBODY);
    }

    Desk(LongSupplier clock, Limits limits, Events events) {
        networks = new Networks(limits, events);
        journey =
                new Journey(
                        networks,
                        lookup::cached,
                        lookup::find,
                        new Cookies(0),
                        counters.tally(),
                        turns.eventLoop(),
                        null,
                        clock);
    }

    /** Notes every pin and does what the test wants. */
    static final class RecordingPinner implements Pinner {
        record Pin(int addresses, int ports, int seconds) {}

        final List<Pin> pins = new ArrayList<>();

        /** How many pins had been asked for at each announcement. */
        final List<Integer> announced = new ArrayList<>();

        boolean opens = true;
        long sleepMillis;

        @Override
        public boolean pin(byte[][] addresses, int[] ports, int seconds) {
            pins.add(new Pin(addresses.length, ports.length, seconds));
            if (sleepMillis > 0) {
                try {
                    Thread.sleep(sleepMillis);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return opens;
        }

        @Override
        public void announce(byte[][] addresses, int[] ports, int seconds) {
            announced.add(pins.size());
        }
    }

    static Rules rules(
            String allow, String deny, boolean all, Set<Integer> types, Ancestors ancestors) {
        return new Rules(
                "org acme, level none, snapshot 3f2a91c0",
                true,
                all,
                entries(allow),
                entries(deny),
                List.of(),
                List.of(),
                types,
                PORTS,
                ancestors);
    }

    static List<Entry> entries(String list) {
        return DomainPattern.parseList(list).stream()
                .map(pattern -> new Entry(pattern, "custom domain"))
                .toList();
    }

    Desk allowing(String allow) {
        return with(rules(allow, "", false, Set.of(), Ancestors.NXDOMAIN));
    }

    Desk with(Rules rules) {
        return with(Policy.compile(rules));
    }

    Desk with(Policy policy) {
        networks.put(new Network("n1", List.of(Cidr.parse("10.0.0.2")), policy, pinner));
        return this;
    }

    /** Asks over UDP from 10.0.0.2; empty if no answer came. */
    byte[] ask(Packet packet) {
        return ask(packet.octets(), "10.0.0.2", false);
    }

    byte[] askTcp(Packet packet) {
        byte[] framed = ask(packet.octets(), "10.0.0.2", true);
        if (framed.length == 0) {
            return framed;
        }
        byte[] message = java.util.Arrays.copyOfRange(framed, 2, framed.length);
        if (!java.util.Arrays.equals(framed, Packet.framed(message))) {
            throw new AssertionError("the length in front is wrong");
        }
        return message;
    }

    byte[] ask(byte[] message, String from, boolean tcp) {
        int before = answers.size();
        byte[] octets = Cidr.address(from);
        ByteBuffer address =
                ByteBuffer.wrap(
                        octets.length == 16
                                ? octets
                                : ByteBuffer.allocate(16)
                                        .position(10)
                                        .putShort((short) -1)
                                        .put(octets)
                                        .array());
        journey.tick();
        journey.begin(
                Unpooled.wrappedBuffer(message),
                new Customer(address.getLong(0), address.getLong(8), tcp));
        turns.runPendingTasks();
        return answers.size() == before ? new byte[0] : answers.getLast();
    }

    /** Asks over UDP from 10.0.0.2 in a batch, of which something happens between its two looks. */
    byte[] askInBatch(Packet packet, Runnable meanwhile) {
        byte[] message = packet.octets();
        Customer customer = new Customer(0, 0x0000_ffff_0a00_0002L, false);
        journey.tick();
        journey.expect(0, customer);
        journey.fetch(1);
        meanwhile.run();
        journey.begin(MemorySegment.ofArray(message), 0, message.length, 0, customer);
        turns.runPendingTasks();
        return answers.isEmpty() ? new byte[0] : answers.getLast();
    }

    /** Lets the upstream answer all that it has held back, in one turn of the loop. */
    void release() {
        lookup.releaseHeld();
        turns.runPendingTasks();
    }

    private final class Customer implements Journey.Client {
        private final long high;
        private final long low;
        private final boolean stream;

        Customer(long high, long low, boolean stream) {
            this.high = high;
            this.low = low;
            this.stream = stream;
        }

        @Override
        public long addressHigh() {
            return high;
        }

        @Override
        public long addressLow() {
            return low;
        }

        @Override
        public boolean stream() {
            return stream;
        }

        @Override
        public void answer(Reply reply) {
            answers.add(
                    Arrays.copyOfRange(
                            reply.octets(), reply.from(), reply.from() + reply.length()));
        }

        @Override
        public void silence() {
            silences++;
        }

        @Override
        public Journey.Client kept() {
            return this;
        }
    }
}
