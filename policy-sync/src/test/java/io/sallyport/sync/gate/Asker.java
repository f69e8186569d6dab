package io.sallyport.sync.gate;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.world.Site;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Asks from one address of a sandbox, and knows what each answer should be. */
final class Asker implements AutoCloseable {
    /** A name to ask for, and whether the session allows it. */
    record Question(Site site, boolean allowed) {}

    /**
     * What came of it.
     *
     * @param good the right addresses, or the right denial
     * @param failed SERVFAIL
     * @param closed an allowed name denied: no session is there, as far as the resolver knows
     * @param wrong anything else, such as an address for a denied name
     * @param lost no answer after all that a query may take
     * @param silence the longest time from one good answer to the next
     */
    record Counts(
            int asked, int good, int failed, int closed, int wrong, int lost, Duration silence) {
        @Override
        public String toString() {
            return "asked %d, good %d, SERVFAIL %d, closed %d, wrong %d, lost %d, silent %d ms"
                    .formatted(asked, good, failed, closed, wrong, lost, silence.toMillis());
        }
    }

    private static final int DNS = 53;
    private static final int IDS = 1 << 16;
    private static final int LARGEST_ANSWER = 4096;

    /** The budget of a query is 4.5 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private record Asked(Question question, long at) {}

    private enum Outcome {
        GOOD,
        FAILED,
        CLOSED,
        WRONG
    }

    private final String home;
    private final Ledger ledger;
    private final DatagramSocket socket;
    private final InetSocketAddress resolver;
    private final boolean six;
    private final Map<Integer, Asked> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final Queue<Long> lost = new ConcurrentLinkedQueue<>();
    private final Map<Outcome, Integer> outcomes = new ConcurrentHashMap<>();
    private volatile long lastGood = System.nanoTime();
    private volatile long silence;
    private volatile boolean asking;
    private volatile @Nullable Thread steady;

    /**
     * @param home whose questions the ledger notes
     * @param socket bound in the sandbox, to one of its addresses
     */
    Asker(String home, Ledger ledger, DatagramSocket socket) {
        this.home = home;
        this.ledger = ledger;
        this.socket = socket;
        this.six = socket.getLocalAddress().getAddress().length > 4;
        this.resolver = new InetSocketAddress(six ? "fd00:53::53" : "169.254.53.53", DNS);
        Thread.ofPlatform().daemon().name("answers").start(this::listen);
    }

    /** A socket of a sandbox, bound to one of its addresses. */
    static DatagramSocket socket(World world, Netns in, String address) {
        return world.inside(in, () -> new DatagramSocket(0, InetAddress.ofLiteral(address)));
    }

    /** Asks the questions in turn, so many a second, until told to stop. */
    Asker steadily(int perSecond, List<Question> questions) {
        asking = true;
        lastGood = System.nanoTime();
        steady =
                Thread.ofPlatform()
                        .daemon()
                        .name("asking")
                        .start(() -> {
                            long pause = TimeUnit.SECONDS.toNanos(1) / perSecond;
                            long due = System.nanoTime();
                            for (int i = 0; asking; i++) {
                                ask(questions.get(i % questions.size()));
                                due += pause;
                                LockSupport.parkNanos(due - System.nanoTime());
                            }
                        });
        return this;
    }

    void ask(Question question) {
        int id = asked.getAndIncrement() & (IDS - 1);
        if (question.allowed()) {
            ledger.asked(home, question.site());
        }
        Asked before = waiting.put(id, new Asked(question, System.nanoTime()));
        if (before != null) {
            lost.add(before.at());
        }
        try {
            Message query =
                    Message.newQuery(
                            Record.newRecord(
                                    Name.fromString(question.site().name() + "."),
                                    six ? Type.AAAA : Type.A,
                                    DClass.IN));
            query.getHeader().setID(id);
            byte[] octets = query.toWire();
            socket.send(new DatagramPacket(octets, octets.length, resolver));
        } catch (IOException e) {
            if (!socket.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Stops asking, waits for what is under way, and counts. */
    Counts settled() {
        asking = false;
        for (Thread last = steady; last != null && last.isAlive(); ) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        while (!waiting.isEmpty()) {
            counts(); // what is too old waits no more
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return counts();
    }

    /** So far; a query that may still be answered counts as asked only. */
    Counts counts() {
        long now = System.nanoTime();
        waiting.values()
                .removeIf(each -> {
                    boolean over = now - each.at() > PATIENCE.toNanos();
                    if (over) {
                        lost.add(each.at());
                    }
                    return over;
                });
        return new Counts(
                asked.get(),
                count(Outcome.GOOD),
                count(Outcome.FAILED),
                count(Outcome.CLOSED),
                count(Outcome.WRONG),
                lost.size(),
                Duration.ofNanos(silence));
    }

    /** When each of those was asked that were never answered, by {@link System#nanoTime}. */
    List<Long> lostAt() {
        return List.copyOf(lost);
    }

    private int count(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0);
    }

    private void listen() {
        byte[] buffer = new byte[LARGEST_ANSWER];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                take(Arrays.copyOf(buffer, packet.getLength()));
            } catch (IOException e) {
                // Closed, or the resolver's port is; the loop's condition tells.
            }
        }
    }

    private void take(byte[] octets) throws IOException {
        Message answer = new Message(octets);
        // One step, so that what no longer waits is counted; nothing is there if it was lost.
        waiting.computeIfPresent(
                answer.getHeader().getID(),
                (_, query) -> {
                    note(judge(answer, query.question()));
                    return null;
                });
    }

    private void note(Outcome outcome) {
        outcomes.merge(outcome, 1, Integer::sum);
        if (outcome == Outcome.GOOD) {
            long now = System.nanoTime();
            silence = Math.max(silence, now - lastGood);
            lastGood = now;
        }
    }

    private static Outcome judge(Message answer, Question question) {
        List<Record> records = answer.getSection(Section.ANSWER);
        return switch (answer.getRcode()) {
            case Rcode.NOERROR ->
                    question.allowed()
                                    && !records.isEmpty()
                                    && records.stream().allMatch(each -> is(each, question.site()))
                            ? Outcome.GOOD
                            : Outcome.WRONG;
            case Rcode.NXDOMAIN, Rcode.REFUSED -> {
                boolean denied = !question.allowed() && answer.getRcode() == Rcode.NXDOMAIN;
                yield records.isEmpty() ? denied ? Outcome.GOOD : Outcome.CLOSED : Outcome.WRONG;
            }
            case Rcode.SERVFAIL -> records.isEmpty() ? Outcome.FAILED : Outcome.WRONG;
            default -> Outcome.WRONG;
        };
    }

    private static boolean is(Record record, Site site) {
        return switch (record) {
            case ARecord four -> four.getAddress().equals(InetAddress.ofLiteral(site.address4()));
            case AAAARecord six -> six.getAddress().equals(InetAddress.ofLiteral(site.address6()));
            default -> false;
        };
    }

    @Override
    public void close() {
        asking = false;
        socket.close();
    }
}
