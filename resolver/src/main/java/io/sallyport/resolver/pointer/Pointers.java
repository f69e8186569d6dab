package io.sallyport.resolver.pointer;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.name.WireName;
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

    /** What a client may keep at most, as of any other answer. */
    private static final int MAX_TTL = 300;

    static final long SECOND = 1_000_000_000L;

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

    /** Guarded by this, but for {@link Recent#knows}. */
    private volatile Recent recent = Recent.NONE;

    private final LinkedHashMap<Address, Given> byAddress = new LinkedHashMap<>();
    private final LinkedHashSet<Earlier> earlier = new LinkedHashSet<>();
    private boolean complete = true;

    /** Reads what {@link #remember} will need, for the processor to have it near by then. */
    public long fetch() {
        return recent.fetch();
    }

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
        long key = Recent.key(answer.bornNanos(), leaving);
        return !recent.knows(key, addresses, leaving, until)
                && note(new Given(addresses, leaving, name, key, until), nowNanos);
    }

    /** Whether it is new here; or else it had only lost an address. */
    private synchronized boolean note(Given given, long nowNanos) {
        Given known = recent.find(given);
        if (known != null) {
            known.extend(given.untilNanos);
            point(known);
            return false;
        }
        while (!recent.put(given, nowNanos)) {
            recent = recent.larger(nowNanos);
        }
        point(given);
        return true;
    }

    private void point(Given given) {
        recent.whole(given, true);
        for (int i = 0; i < given.count; i++) {
            Address address = Address.of(given.addresses[i]);
            Given before = byAddress.putLast(address, given);
            if (before != null && before != given) {
                recent.whole(before, false);
                if (!before.name.equals(given.name)) {
                    earlier.add(new Earlier(before.name, address));
                }
            }
        }
        while (byAddress.size() > MAX_ADDRESSES) {
            recent.whole(byAddress.pollFirstEntry().getValue(), false);
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
        recent.removeIf(given -> gone.test(given.name));
        return new Ways(lost.stream().map(Address::octets).toList(), true);
    }

    private void forget() {
        byAddress.clear();
        earlier.clear();
        recent = Recent.NONE;
        complete = true;
    }

    private synchronized @Nullable Given at(Address address) {
        return byAddress.get(address);
    }
}
