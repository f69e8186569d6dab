package io.sallyport.iptables.firewall;

import org.jspecify.annotations.Nullable;

/**
 * Lists of addresses that were pinned whole, known again by the list itself: a name that is asked
 * all the time comes with the same array each time, and one look replaces one for every address and
 * port. What is not known here is looked up in the book.
 *
 * <p>No lock: an entry never changes, and a reader that sees an old one sees pins that were there.
 */
final class Acknowledged {
    /** More than the names that one binding uses within half a minute; a power of two. */
    private static final int SLOTS = 256;

    @SuppressWarnings("ArrayRecordComponent") // known by the arrays themselves, which never change
    private record Entry(byte[][] addresses, int[] ports, long untilSeconds) {
        @SuppressWarnings({"ReferenceEquality", "ArrayEquals"}) // the same list, not an equal one
        boolean is(byte[][] otherAddresses, int[] otherPorts) {
            return addresses == otherAddresses && ports == otherPorts;
        }
    }

    private final @Nullable Entry[] entries = new @Nullable Entry[SLOTS];

    /** Whether all of it is open until then. */
    boolean holds(byte[][] addresses, int[] ports, long untilSeconds) {
        Entry entry = entries[slot(addresses)];
        return entry != null && entry.is(addresses, ports) && entry.untilSeconds() >= untilSeconds;
    }

    void note(byte[][] addresses, int[] ports, long untilSeconds) {
        entries[slot(addresses)] = new Entry(addresses, ports, untilSeconds);
    }

    private static int slot(byte[][] addresses) {
        return System.identityHashCode(addresses) & (SLOTS - 1);
    }
}
