package io.sallyport.resolver.pointer;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.name.WireName;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one binding was answered with, backwards: from each address to the name that was asked last
 * of those that led to it. Written by every event loop.
 *
 * <p>An answer that leaves again finds itself by a look into a small array and only moves its end:
 * no lock, nothing allocated. The lock is for an answer that is new here, or that has lost an
 * address to another name since it left.
 */
public final class Pointers {
    /**
     * More than a large build needs; names included, at most 2.5 MB a binding whatever a sandbox
     * asks. A new one drives the oldest out, and from then on {@link Ways} are not complete.
     */
    static final int MAX_ADDRESSES = 4096;

    /** Of addresses that several names led to: as many as a content network has for a build. */
    static final int MAX_EARLIER = 1024;

    /** More than the names that a busy sandbox asks for in five minutes; a power of two. */
    private static final int RECENT = 256;

    /** An answer goes into one of this many places, so that a few of one hash get along. */
    private static final int WAYS = 4;

    /** What a client may keep at most, as of any other answer. */
    private static final int MAX_TTL = 300;

    private static final long SECOND = 1_000_000_000L;

    /** Where an address leads: a name, and for how many more seconds. */
    public record Pointer(WireName name, int ttl) {}

    /**
     * Where names that are gone led.
     *
     * @param addresses 4 or 16 octets each
     * @param complete false where more addresses were answered than are remembered: then any may be
     *     theirs, and all that was remembered is forgotten
     */
    public record Ways(List<byte[]> addresses, boolean complete) {
        public static final Ways NONE = new Ways(List.of(), true);

        public Ways {
            addresses = List.copyOf(addresses);
        }
    }

    /** A name that led to an address before another did. */
    private record Earlier(WireName name, Address address) {}

    /** One answer, as this binding got it. */
    private static final class Given {
        /**
         * The answer's own array and so as good as the answer to know it by, which would be heavier
         * to hold on to.
         */
        final byte[][] addresses;

        final int count;
        final WireName name;
        volatile long untilNanos;

        /** Whether all of its addresses lead here. */
        volatile boolean whole = true;

        Given(byte[][] addresses, int count, WireName name, long untilNanos) {
            this.addresses = addresses;
            this.count = count;
            this.name = name;
            this.untilNanos = untilNanos;
        }

        @SuppressWarnings("ReferenceEquality") // the same answer, not an equal one
        boolean is(byte[][] others, int otherCount) {
            return addresses == others && count == otherCount;
        }

        /** Once a second is often enough, and late is the safe side. */
        void extend(long until) {
            if (until - untilNanos >= SECOND) {
                untilNanos = until;
            }
        }
    }

    private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(Given[].class);

    private final @Nullable Given[] recent = new @Nullable Given[RECENT];

    /**
     * When the answers of those were born, written after them: only the one that is looked for is
     * looked at, for no cache has those of a thousand networks.
     */
    private final long[] born = new long[RECENT];

    private final LinkedHashMap<Address, Given> byAddress = new LinkedHashMap<>();
    private final LinkedHashSet<Earlier> earlier = new LinkedHashSet<>();
    private boolean complete = true;

    /**
     * Notes an answer that leaves.
     *
     * @param name that was asked
     * @param count how many of its addresses leave, the first ones
     * @param seconds how long they stay pinned
     * @return whether this answer is new here
     */
    public boolean remember(WireName name, Answer answer, int count, int seconds, long nowNanos) {
        byte[][] addresses = answer.addresses();
        int leaving = Math.min(count, addresses.length);
        if (leaving == 0) {
            return false;
        }
        long until = nowNanos + seconds * SECOND;
        int set = set(answer.bornNanos());
        Given known = known(set, answer.bornNanos(), addresses, leaving);
        if (known == null) {
            Given given = new Given(addresses, leaving, name, until);
            int place = place(set, nowNanos);
            PLACE.setRelease(recent, place, given);
            born[place] = answer.bornNanos();
            point(addresses, given);
            return true;
        }
        known.extend(until);
        if (!known.whole) {
            point(addresses, known);
        }
        return false;
    }

    private static int set(long bornNanos) {
        return (int) ((bornNanos * 0x9e3779b97f4a7c15L) >>> 32) & (RECENT - WAYS);
    }

    private @Nullable Given known(int set, long bornNanos, byte[][] addresses, int count) {
        for (int i = set; i < set + WAYS; i++) {
            Given given = born[i] == bornNanos ? recent(i) : null;
            if (given != null && given.is(addresses, count)) {
                return given;
            }
        }
        return null;
    }

    private @Nullable Given recent(int place) {
        return (Given) PLACE.getAcquire(recent, place);
    }

    /** A free place, or that of the answer which ends first. */
    private int place(int set, long nowNanos) {
        int place = set;
        long first = Long.MAX_VALUE;
        for (int i = set; i < set + WAYS; i++) {
            Given given = recent(i);
            if (given == null) {
                return i;
            }
            long left = given.untilNanos - nowNanos;
            if (left < first) {
                first = left;
                place = i;
            }
        }
        return place;
    }

    private synchronized void point(byte[][] addresses, Given given) {
        given.whole = true;
        for (int i = 0; i < given.count; i++) {
            Address address = Address.of(addresses[i]);
            Given before = byAddress.putLast(address, given);
            if (before != null && before != given) {
                before.whole = false;
                if (!before.name.equals(given.name)) {
                    earlier.add(new Earlier(before.name, address));
                }
            }
        }
        while (byAddress.size() > MAX_ADDRESSES) {
            byAddress.pollFirstEntry().getValue().whole = false;
            complete = false;
        }
        while (earlier.size() > MAX_EARLIER) {
            earlier.removeFirst();
            complete = false;
        }
    }

    /**
     * Where a reverse name leads.
     *
     * @param lowered a well-formed, lower-cased wire name from offset 0
     * @return null if it is not the name of one address, or of none that this binding has now
     */
    public @Nullable Pointer find(byte[] lowered, int length, long nowNanos) {
        Address address = ReverseName.address(lowered, length);
        Given given = address == null ? null : at(address);
        if (given == null) {
            return null;
        }
        long left = given.untilNanos - nowNanos;
        return left <= 0 ? null : new Pointer(given.name, (int) Math.min(left / SECOND, MAX_TTL));
    }

    /**
     * Forgets answers about names that are gone.
     *
     * @param gone whether a name is
     * @return where they led, however long ago: a flow may be older than any pin
     */
    public synchronized Ways forget(Predicate<WireName> gone) {
        if (!complete) {
            forget();
            return new Ways(List.of(), false);
        }
        Set<Address> lost = new LinkedHashSet<>();
        byAddress
                .entrySet()
                .removeIf(entry -> {
                    boolean isGone = gone.test(entry.getValue().name);
                    return isGone && lost.add(entry.getKey());
                });
        earlier.removeIf(before -> {
            boolean isGone = gone.test(before.name());
            if (isGone) {
                lost.add(before.address());
            }
            return isGone;
        });
        for (int i = 0; i < RECENT; i++) {
            Given given = recent(i);
            if (given != null && gone.test(given.name)) {
                PLACE.compareAndSet(recent, i, given, null);
            }
        }
        return new Ways(lost.stream().map(Address::octets).toList(), true);
    }

    private void forget() {
        byAddress.clear();
        earlier.clear();
        for (int i = 0; i < RECENT; i++) {
            PLACE.setRelease(recent, i, null);
        }
        complete = true;
    }

    private synchronized @Nullable Given at(Address address) {
        return byAddress.get(address);
    }
}
