package io.sallyport.sync.network;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.snapshot.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A network at one moment of its life.
 *
 * @param id the same for all its life; names its file in the journal
 * @param kept whether it stays, pending, when its session ends; false for a pod's that has had its
 *     session: it stays too, closed, until the pod goes
 * @param binding another one after each step, and never used before
 * @param origin null where nobody's container runtime asked for it
 * @param fault why its rules are not in force, so that nothing gets out of it; null where they are
 */
public record Network(
        String id,
        Place place,
        boolean kept,
        String binding,
        Life life,
        @Nullable Origin origin,
        @Nullable String fault) {

    /** An orchestrator's own names, such as a pod's UID, fit; it names a file. */
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    /**
     * Where a sandbox is, as the host sees it.
     *
     * @param interfaceName host side of its interface
     * @param addresses its source addresses, at least one
     */
    public record Place(String interfaceName, List<Cidr> addresses) {
        public Place {
            addresses = List.copyOf(addresses);
        }

        /** In whatever order the addresses are told. */
        public boolean isSameAs(Place other) {
            return interfaceName.equals(other.interfaceName)
                    && Set.copyOf(addresses).equals(Set.copyOf(other.addresses));
        }

        /** Whether some address is in both. */
        public boolean overlaps(Place other) {
            return addresses.stream()
                    .anyMatch(one -> other.addresses.stream().anyMatch(each -> overlap(one, each)));
        }

        public static boolean overlap(Cidr one, Cidr other) {
            return one.contains(other.network()) || other.contains(one.network());
        }

        @Override
        public String toString() {
            return interfaceName
                    + " "
                    + String.join(", ", addresses.stream().map(Cidr::toString).sorted().toList());
        }
    }

    /**
     * The container that a runtime asked for a network for. It is there as long as its device is:
     * whoever is told too late, or never, of its end sees it there.
     *
     * @param container the runtime's id of the container or pod sandbox, another one each time
     * @param ifname the interface inside
     * @param device host side of the cable; the place's interface, or a port of that bridge
     * @param index the kernel's number of the device: a later one of the same name has another
     * @param boot the kernel's own id of this run of it, which no cable outlives
     * @param pod null where it is none
     */
    public record Origin(
            String container,
            String ifname,
            String device,
            int index,
            String boot,
            @Nullable Pod pod) {}

    /**
     * A pod as its kubelet names it.
     *
     * @param uid null where the runtime does not tell it
     */
    public record Pod(String namespace, String name, @Nullable String uid) {}

    /** How a session takes its snapshot. */
    public enum Mode {
        /** The only one that is ever taken by itself. */
        ENFORCE,
        /** What nothing allows is answered and recorded; what is denied stays so. */
        OBSERVE;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One run of an agent.
     *
     * @param started whole seconds, as the journal keeps them
     * @param lease seconds without a heartbeat after which it ends; 0 for never
     */
    public record Session(
            String id,
            String org,
            @Nullable String agent,
            Instant started,
            Mode mode,
            int lease,
            Snapshot snapshot) {

        /** What a control server takes too: letters of any case, digits and . _ - */
        private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

        public static boolean isId(String text) {
            return ID.matcher(text).matches();
        }
    }

    /** Pending, bound, ended: in this order, and a network that is kept goes round. */
    public sealed interface Life {}

    /** No session: every name is denied, nothing gets out. */
    public record Pending() implements Life {}

    /** What the session's snapshot allows is in force. */
    public record Bound(Session session) implements Life {}

    /** Nothing of it is in force, and nothing ever will be again. */
    public record Ended(@Nullable Session session) implements Life {}

    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** A network that waits for its session. */
    public static Network pending(String id, Place place, String binding) {
        return pending(id, place, binding, null);
    }

    /** The same, of a container. */
    public static Network pending(String id, Place place, String binding, @Nullable Origin origin) {
        return new Network(id, place, true, binding, new Pending(), origin, null);
    }

    /** A network that is there for one session alone. */
    public static Network bound(String id, Place place, String binding, Session session) {
        return new Network(id, place, false, binding, new Bound(session), null, null);
    }

    /** This pending network with a session. */
    public Network bind(String other, Session session) {
        return switch (life) {
            case Pending() -> next(other, new Bound(session));
            case Bound(Session running) ->
                    throw new IllegalStateException(running.id() + " runs on network " + id);
            case Ended _ -> throw new IllegalStateException("network " + id + " has ended");
        };
    }

    /**
     * This bound network without its session, waiting for the next; a pod's waits for none, or the
     * end of its session would be the begin of another.
     */
    public Network unbind(String other) {
        return switch (life) {
            case Bound _ when stays() ->
                    new Network(id, place, pod() == null, other, new Pending(), origin, null);
            case Pending _, Bound _, Ended _ ->
                    throw new IllegalStateException("network " + id + " cannot wait again");
        };
    }

    /** The last of it. */
    public Network end() {
        return next(binding, new Ended(session()));
    }

    /** Whether it outlives its session. */
    public boolean stays() {
        return kept || pod() != null;
    }

    /** Whose it is; null where no pod's. */
    public @Nullable Pod pod() {
        return origin == null ? null : origin.pod();
    }

    private Network next(String other, Life step) {
        return new Network(id, place, kept, other, step, origin, null);
    }

    /** The same with rules that are, or are not, in force. */
    public Network with(@Nullable String other) {
        return new Network(id, place, kept, binding, life, origin, other);
    }

    /** The session that runs here, or that ran to the end; null while pending. */
    public @Nullable Session session() {
        return switch (life) {
            case Pending() -> null;
            case Bound(Session session) -> session;
            case Ended(Session session) -> session;
        };
    }

    /** {@code pending}, {@code bound}, {@code ended}, or {@code closed} where it has a fault. */
    public String state() {
        return switch (life) {
            case Ended _ -> "ended";
            case Pending _, Bound _ when fault != null -> "closed";
            case Pending _ -> "pending";
            case Bound _ -> "bound";
        };
    }
}
