package io.sallyport.iptables.firewall;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Reach;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.netlink.Netlink.Addition;
import io.sallyport.iptables.netlink.Netlink.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the pins of one binding and remembers which the kernel has acknowledged, so that an answer
 * from the resolver's cache costs no write. The book belongs to the binding's sets; when they go,
 * it goes.
 */
final class PinBook implements Firewall.Pins {

    /**
     * Each pin lasts this much longer than was asked for: a name asked all the time costs a write
     * twice a minute.
     */
    private static final int SLACK_SECONDS = 30;

    /**
     * The kernel's largest timeout, in seconds: its milliseconds have 32 bits, half of which it
     * uses.
     */
    private static final int MAX_SECONDS = 2_147_483;

    /** In the table, of an address with the ports that the rules open: beyond every protocol. */
    private static final int USUAL = 1 << 24;

    /** One at a time: what the kernel has and the book stay the same. */
    final ReentrantLock writing = new ReentrantLock();

    private static final AtomicLong BOOKS = new AtomicLong();

    private final long number = BOOKS.getAndIncrement();
    private final Netlink netlink;
    private final Together together;
    private final PinSets sets;
    private final Access access;
    private final int[] usual;
    private final List<Block> internal;
    private final LongSupplier seconds;
    private volatile PinTable book = new PinTable();

    /** Of the book as it is: with another book comes another one. */
    private volatile Acknowledged acknowledged = new Acknowledged();

    private volatile boolean closed;

    /** Where it stands when several are locked. */
    long number() {
        return number;
    }

    /** By the clock that nobody sets. */
    PinBook(Force force, PinSets sets, Access access) {
        this(
                force.netlink,
                force.together,
                sets,
                access,
                () -> TimeUnit.NANOSECONDS.toSeconds(System.nanoTime()));
    }

    PinBook(Netlink netlink, Together together, PinSets sets, Access access, LongSupplier seconds) {
        this.netlink = netlink;
        this.together = together;
        this.sets = sets;
        this.access = access;
        this.usual = access.ports().stream().mapToInt(Integer::intValue).toArray();
        this.internal = access.internal().stream().map(Subnet::block).toList();
        this.seconds = seconds;
    }

    /** Entries that are to be written or taken out, of one kind. */
    record Batch(boolean ownPorts, List<Entry> four, List<Entry> six) {
        Batch(boolean ownPorts) {
            this(ownPorts, new ArrayList<>(), new ArrayList<>());
        }

        int size() {
            return four.size() + six.size();
        }

        List<Entry> of(boolean v6) {
            return v6 ? six : four;
        }

        /** As the table has it. */
        int port(Entry entry) {
            return ownPorts ? entry.protocol() << 16 | entry.port() : USUAL;
        }

        void add(boolean v6, long high, long low, int port) {
            of(v6).add(
                            ownPorts
                                    ? new Entry(high, low, port >>> 16, port & 0xffff)
                                    : new Entry(high, low, 0, 0));
        }
    }

    @Override
    public void announce(byte[][] addresses, int[] ports, int lasting) {
        long now = seconds.getAsLong();
        Batch batch = refuses(lasting) ? null : due(addresses, ports, now, lasting);
        if (batch != null && batch.size() > 0) {
            together.add(new Together.Announced(this, batch, now, lasting + SLACK_SECONDS));
        }
    }

    @Override
    public boolean holds(byte[][] addresses, int[] ports, int lasting, long nowNanos) {
        long until = TimeUnit.NANOSECONDS.toSeconds(nowNanos) + lasting;
        return acknowledged.holds(addresses, ports, until) && !closed;
    }

    @Override
    public boolean pin(byte[][] addresses, int[] ports, int lasting) {
        together.write();
        if (refuses(lasting)) {
            return false;
        }
        long now = seconds.getAsLong();
        if (acknowledged.holds(addresses, ports, now + lasting)) {
            return !closed;
        }
        Batch batch = due(addresses, ports, now, lasting);
        return batch != null
                && (batch.size() == 0 ? !closed : write(batch, now, lasting + SLACK_SECONDS));
    }

    private boolean refuses(int lasting) {
        return closed
                || access.reach() == Reach.NOTHING
                || lasting < 1
                || lasting > MAX_SECONDS - SLACK_SECONDS;
    }

    /** What has to be written; null if something of it must not be. */
    private @Nullable Batch due(byte[][] addresses, int[] ports, long now, int lasting) {
        Acknowledged known = acknowledged;
        long least = Long.MAX_VALUE;
        Batch batch = new Batch(!Arrays.equals(ports, usual));
        for (byte[] octets : addresses) {
            if (octets.length != 4 && octets.length != 16) {
                return null;
            }
            Block address = Block.of(octets);
            int before = batch.size();
            least = Math.min(least, look(address, ports, now + lasting, batch));
            // What is in the book was allowed when it was written.
            if (batch.size() > before && !(allowed(address) && valid(ports))) {
                return null;
            }
        }
        if (batch.size() == 0) {
            known.note(addresses, ports, least);
        }
        return batch;
    }

    /** Collects which of its pins end before a second; returns when the first of them ends. */
    private long look(Block address, int[] ports, long wanted, Batch batch) {
        if (!batch.ownPorts()) {
            return ports.length == 0 ? Long.MAX_VALUE : look(address, USUAL, wanted, batch);
        }
        long least = Long.MAX_VALUE;
        for (int port : ports) {
            least = Math.min(least, look(address, port, wanted, batch));
        }
        return least;
    }

    private long look(Block address, int port, long wanted, Batch batch) {
        long until = book.until(address.six(), address.high(), address.low(), port);
        if (until < wanted) {
            batch.add(address.six(), address.high(), address.low(), port);
        }
        return until;
    }

    private boolean allowed(Block address) {
        return !Block.anyContains(Block.never(address.six()), address)
                && (!address.reserved() || Block.anyContains(internal, address));
    }

    private static boolean valid(int[] ports) {
        for (int port : ports) {
            if (!Access.isPort(port)) {
                return false;
            }
        }
        return true;
    }

    private boolean write(Batch batch, long now, int lasting) {
        writing.lock();
        try {
            PinTable table = book;
            if (!takes(batch, now) || !lacksNoSet(batch)) {
                return false;
            }
            for (int refusal : netlink.add(additions(batch, lasting))) {
                if (refusal != 0) {
                    takeBack(batch, now);
                    return false;
                }
            }
            note(batch, now, lasting);
            // With another table come other sets, which need not have what was written.
            return table == book && !closed;
        } finally {
            writing.unlock();
        }
    }

    /** Whether it may be written now. While {@link #writing} is held, as what follows. */
    boolean takes(Batch batch, long now) {
        return !closed && book.takes(batch.size(), SetKind.MAX_PINS, now);
    }

    private boolean lacksNoSet(Batch batch) {
        return (batch.four().isEmpty()
                        || !sets.hasFamily(false)
                        || sets.has(false, batch.ownPorts()))
                && (batch.six().isEmpty()
                        || !sets.hasFamily(true)
                        || sets.has(true, batch.ownPorts()));
    }

    /** A family in which the binding has no address needs no pins: nothing of it gets out. */
    List<Addition> additions(Batch batch, int lasting) {
        List<Addition> additions = new ArrayList<>(2);
        for (boolean v6 : new boolean[] {false, true}) {
            List<Entry> entries = batch.of(v6);
            if (sets.hasFamily(v6)) {
                String set = sets.name(v6, batch.ownPorts());
                for (int from = 0; from < entries.size(); from += Netlink.MOST_ENTRIES) {
                    int to = Math.min(entries.size(), from + Netlink.MOST_ENTRIES);
                    additions.add(new Addition(set, v6, entries.subList(from, to), lasting));
                }
            }
        }
        return additions;
    }

    /** What the kernel has acknowledged. */
    void note(Batch batch, long now, int lasting) {
        note(batch, false, now + lasting, now);
        note(batch, true, now + lasting, now);
    }

    private void note(Batch batch, boolean v6, long until, long now) {
        PinTable table = book;
        for (Entry entry : batch.of(v6)) {
            table.put(v6, entry.high(), entry.low(), batch.port(entry), until, now);
        }
    }

    /**
     * Of what the kernel did not take whole, the part that it did: no answer is told of it, and
     * nobody who takes pins back would find it. What the book holds was there before, and stays for
     * the time that the book has. A pin of an earlier run, which the book does not know, may go
     * too: its name is to be asked for again.
     */
    void takeBack(Batch batch, long now) {
        PinTable table = book;
        if (closed) {
            return; // its sets are gone or another's
        }
        boolean ownPorts = batch.ownPorts();
        List<Addition> asBefore = new ArrayList<>();
        for (boolean v6 : new boolean[] {false, true}) {
            List<Entry> unknown = new ArrayList<>();
            for (Entry entry : batch.of(v6)) {
                long until = table.until(v6, entry.high(), entry.low(), batch.port(entry));
                if (until <= now) {
                    unknown.add(entry);
                } else if (sets.has(v6, ownPorts)) {
                    String set = sets.name(v6, ownPorts);
                    asBefore.add(new Addition(set, v6, List.of(entry), (int) (until - now)));
                }
            }
            delete(v6, ownPorts, unknown);
        }
        netlink.add(asBefore);
    }

    /** The sets that its pins go to. */
    List<String> sets() {
        return sets.all();
    }

    /** How many pins each set of the kernel must still hold a second from now. */
    Map<String, Long> live() {
        long soon = seconds.getAsLong() + 1;
        Map<String, Long> live = new HashMap<>();
        sets.all().forEach(set -> live.put(set, 0L));
        book.each((six, _, _, port, until) -> {
            if (until > soon) {
                live.computeIfPresent(sets.name(six, port != USUAL), (_, pins) -> pins + 1);
            }
        });
        return live;
    }

    /** After the sets were made anew: writes again what is still due. */
    void restore() {
        writing.lock();
        try {
            restoreAlone();
        } finally {
            writing.unlock();
        }
    }

    private void restoreAlone() {
        PinTable due = book;
        book = new PinTable();
        acknowledged = new Acknowledged(); // after the book, which whoever notes here has read
        long now = seconds.getAsLong();
        due.each((v6, high, low, port, until) -> {
            if (until > now) {
                Batch pin = new Batch(port != USUAL);
                pin.add(v6, high, low, port);
                write(pin, now, (int) (until - now));
            }
        });
    }

    /**
     * Takes the pins of addresses back. An answer that was acknowledged a moment ago may lose its
     * own; the next one writes it again.
     *
     * @return 0, or why the kernel refused
     */
    int drop(Collection<Block> addresses) {
        writing.lock();
        try {
            return dropAlone(addresses);
        } finally {
            writing.unlock();
        }
    }

    private int dropAlone(Collection<Block> addresses) {
        PinTable table = book;
        Batch usualPorts = new Batch(false);
        Batch ownPorts = new Batch(true);
        table.each((v6, high, low, port, _) -> {
            if (addresses.contains(new Block(v6, high, low, v6 ? 128 : 32))) {
                (port == USUAL ? usualPorts : ownPorts).add(v6, high, low, port);
            }
        });
        int refusal = 0;
        for (Batch dropped : List.of(usualPorts, ownPorts)) {
            for (boolean v6 : new boolean[] {false, true}) {
                int refused = delete(v6, dropped.ownPorts(), dropped.of(v6));
                refusal = refusal == 0 ? refused : refusal;
            }
        }
        addresses.forEach(each -> table.end(each.six(), each.high(), each.low()));
        acknowledged = new Acknowledged();
        return refusal;
    }

    private int delete(boolean v6, boolean ownPorts, List<Entry> entries) {
        return entries.isEmpty() || !sets.has(v6, ownPorts)
                ? 0
                : netlink.delete(sets.name(v6, ownPorts), v6, entries);
    }

    /**
     * Takes every pin back.
     *
     * @param emptying makes the sets empty
     */
    void dropAll(Runnable emptying) {
        writing.lock();
        try {
            emptying.run();
            book = new PinTable();
            acknowledged = new Acknowledged();
        } finally {
            writing.unlock();
        }
    }

    /** From now on nothing is written; what is being written is not acknowledged. */
    void close() {
        closed = true;
        acknowledged = new Acknowledged();
        book = new PinTable();
    }
}
