package io.sallyport.iptables.firewall;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.netlink.Netlink.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Writes the pins of one binding and remembers which the kernel has acknowledged, so that an answer
 * from the resolver's cache costs no write. The book belongs to one pair of sets; when they go, it
 * goes.
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

    private static final int TCP = 6;
    private static final int UDP = 17;

    private final Netlink netlink;
    private final String set4;
    private final String set6;
    private final boolean six;
    private final Access access;
    private final List<Block> internal;
    private final LongSupplier seconds;
    private volatile PinTable book = new PinTable();

    /** Of the book as it is: with another book comes another one. */
    private volatile Acknowledged acknowledged = new Acknowledged();

    private volatile boolean closed;

    PinBook(
            Netlink netlink,
            String set4,
            String set6,
            boolean six,
            Access access,
            List<Block> internal,
            LongSupplier seconds) {
        this.netlink = netlink;
        this.set4 = set4;
        this.set6 = set6;
        this.six = six;
        this.access = access;
        this.internal = List.copyOf(internal);
        this.seconds = seconds;
    }

    @Override
    public boolean pin(byte[][] addresses, int[] ports, int lasting) {
        if (closed
                || access == Access.NOTHING
                || lasting < 1
                || lasting > MAX_SECONDS - SLACK_SECONDS) {
            return false;
        }
        long now = seconds.getAsLong();
        Acknowledged known = acknowledged;
        if (known.holds(addresses, ports, now + lasting)) {
            return !closed;
        }
        long least = Long.MAX_VALUE;
        List<Entry> missing4 = new ArrayList<>();
        List<Entry> missing6 = new ArrayList<>();
        for (byte[] octets : addresses) {
            if (octets.length != 4 && octets.length != 16) {
                return false;
            }
            Block address = Block.of(octets);
            List<Entry> missing = address.six() ? missing6 : missing4;
            int before = missing.size();
            least = Math.min(least, look(address, ports, now + lasting, missing));
            // What is in the book was allowed when it was written.
            if (missing.size() > before && !(allowed(address) && valid(ports))) {
                return false;
            }
        }
        if (missing4.isEmpty() && missing6.isEmpty()) {
            known.note(addresses, ports, least);
            return !closed;
        }
        return write(missing4, missing6, now, lasting + SLACK_SECONDS);
    }

    /** Collects which of its pins end before a second; returns when the first of them ends. */
    private long look(Block address, int[] ports, long wanted, List<Entry> missing) {
        long least = Long.MAX_VALUE;
        for (int port : ports) {
            long until = book.until(address.six(), address.high(), address.low(), port);
            if (until < wanted) {
                missing.add(new Entry(address.high(), address.low(), port >>> 16, port & 0xffff));
            }
            least = Math.min(least, until);
        }
        return least;
    }

    private boolean allowed(Block address) {
        if ((address.six() && !six) || Block.anyContains(Block.never(address.six()), address)) {
            return false;
        }
        return !address.reserved() || Block.anyContains(internal, address);
    }

    private static boolean valid(int[] ports) {
        for (int port : ports) {
            int protocol = port >>> 16;
            if ((protocol != TCP && protocol != UDP) || (port & 0xffff) == 0) {
                return false;
            }
        }
        return true;
    }

    /** One at a time with {@link #drop}: what the kernel has and the book stay the same. */
    private synchronized boolean write(
            List<Entry> missing4, List<Entry> missing6, long now, int lasting) {
        PinTable table = book;
        if (!table.takes(missing4.size() + missing6.size(), Sets.MAX_PINS, now)
                || !add(false, missing4, lasting)
                || !add(true, missing6, lasting)) {
            return false;
        }
        note(table, false, missing4, now, lasting);
        note(table, true, missing6, now, lasting);
        // With another table come other sets, which need not have what was written.
        return table == book && !closed;
    }

    private boolean add(boolean v6, List<Entry> entries, int lasting) {
        return entries.isEmpty() || netlink.add(v6 ? set6 : set4, v6, entries, lasting) == 0;
    }

    private static void note(
            PinTable table, boolean v6, List<Entry> entries, long now, int lasting) {
        for (Entry entry : entries) {
            int port = entry.protocol() << 16 | entry.port();
            table.put(v6, entry.high(), entry.low(), port, now + lasting, now);
        }
    }

    /** How many pins of a family the kernel must still hold a second from now. */
    long live(boolean v6) {
        long soon = seconds.getAsLong() + 1;
        AtomicLong live = new AtomicLong();
        book.each((six, _, _, _, until) -> {
            if (six == v6 && until > soon) {
                live.incrementAndGet();
            }
        });
        return live.get();
    }

    /** After the sets were made anew: writes again what is still due. */
    void restore() {
        PinTable due = book;
        book = new PinTable();
        acknowledged = new Acknowledged(); // after the book, which whoever notes here has read
        long now = seconds.getAsLong();
        due.each((v6, high, low, port, until) -> {
            if (until > now) {
                List<Entry> pin = List.of(new Entry(high, low, port >>> 16, port & 0xffff));
                write(v6 ? List.of() : pin, v6 ? pin : List.of(), now, (int) (until - now));
            }
        });
    }

    /**
     * Takes the pins of addresses back. An answer that was acknowledged a moment ago may lose its
     * own; the next one writes it again.
     *
     * @return 0, or why the kernel refused
     */
    synchronized int drop(Collection<Block> addresses) {
        PinTable table = book;
        List<Entry> dropped4 = new ArrayList<>();
        List<Entry> dropped6 = new ArrayList<>();
        table.each((v6, high, low, port, _) -> {
            if (addresses.contains(new Block(v6, high, low, v6 ? 128 : 32))) {
                (v6 ? dropped6 : dropped4).add(new Entry(high, low, port >>> 16, port & 0xffff));
            }
        });
        int refusal4 = dropped4.isEmpty() ? 0 : netlink.delete(set4, false, dropped4);
        int refusal6 = dropped6.isEmpty() ? 0 : netlink.delete(set6, true, dropped6);
        addresses.forEach(each -> table.end(each.six(), each.high(), each.low()));
        acknowledged = new Acknowledged();
        return refusal4 == 0 ? refusal6 : refusal4;
    }

    /**
     * Takes every pin back.
     *
     * @param emptying makes the sets empty
     */
    synchronized void dropAll(Runnable emptying) {
        emptying.run();
        book = new PinTable();
        acknowledged = new Acknowledged();
    }

    /** From now on nothing is written; what is being written is not acknowledged. */
    void close() {
        closed = true;
        acknowledged = new Acknowledged();
        book = new PinTable();
    }
}
