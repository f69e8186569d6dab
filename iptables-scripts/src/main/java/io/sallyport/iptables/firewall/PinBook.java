package io.sallyport.iptables.firewall;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.netlink.Netlink.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    /**
     * An address and a port with its protocol; IPv4 in IPv6's mapped form, which is itself never
     * pinned.
     */
    private record Pin(Block address, int port) {}

    private final Netlink netlink;
    private final String set4;
    private final String set6;
    private final boolean six;
    private final Access access;
    private final List<Block> internal;
    private final LongSupplier seconds;
    private final Map<Pin, Long> book = new ConcurrentHashMap<>();

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
        List<Pin> missing = new ArrayList<>();
        for (byte[] octets : addresses) {
            if (octets.length != 4 && octets.length != 16) {
                return false;
            }
            Block address = Block.of(octets);
            int before = missing.size();
            for (int port : ports) {
                Pin pin = new Pin(address, port);
                long until = book.getOrDefault(pin, 0L);
                if (until < now + lasting) {
                    missing.add(pin);
                }
                least = Math.min(least, until);
            }
            // What is in the book was allowed when it was written.
            if (missing.size() > before && !(allowed(address) && valid(ports))) {
                return false;
            }
        }
        if (missing.isEmpty()) {
            known.note(addresses, ports, least);
            return !closed;
        }
        return write(missing, now, lasting + SLACK_SECONDS);
    }

    private boolean allowed(Block address) {
        if ((address.six() && !six)
                || Block.never(address.six()).stream().anyMatch(block -> block.contains(address))) {
            return false;
        }
        return !address.reserved() || internal.stream().anyMatch(block -> block.contains(address));
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

    private boolean write(List<Pin> missing, long now, int lasting) {
        if (book.size() + missing.size() > Sets.MAX_PINS) {
            book.values().removeIf(until -> until <= now);
            if (book.size() + missing.size() > Sets.MAX_PINS) {
                return false;
            }
        }
        if (!add(false, missing, lasting) || !add(true, missing, lasting)) {
            return false;
        }
        missing.forEach(pin -> book.merge(pin, now + lasting, Math::max));
        return !closed;
    }

    private boolean add(boolean v6, List<Pin> pins, int lasting) {
        List<Entry> entries = new ArrayList<>(pins.size());
        for (Pin pin : pins) {
            if (pin.address().six() == v6) {
                entries.add(
                        new Entry(
                                pin.address().high(),
                                pin.address().low(),
                                pin.port() >>> 16,
                                pin.port() & 0xffff));
            }
        }
        return entries.isEmpty() || netlink.add(v6 ? set6 : set4, v6, entries, lasting) == 0;
    }

    /** How many pins of a family the kernel must still hold a second from now. */
    long live(boolean v6) {
        long soon = seconds.getAsLong() + 1;
        return book.entrySet().stream()
                .filter(entry -> entry.getKey().address().six() == v6 && entry.getValue() > soon)
                .count();
    }

    /** After the sets were made anew: writes again what is still due. */
    void restore() {
        long now = seconds.getAsLong();
        Map<Pin, Long> due = Map.copyOf(book);
        book.clear();
        acknowledged = new Acknowledged(); // after the book, which whoever notes here has read
        due.forEach((pin, until) -> {
            if (until > now && !write(List.of(pin), now, (int) (until - now))) {
                book.remove(pin);
            }
        });
    }

    /** From now on nothing is written; what is being written is not acknowledged. */
    void close() {
        closed = true;
        acknowledged = new Acknowledged();
        book.clear();
    }
}
