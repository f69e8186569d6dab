package io.sallyport.resolver.policy;

import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import java.util.List;
import java.util.Set;

/** A compiled, immutable policy: which names a network may resolve, and what it may then reach. */
public final class Policy {

    /** Why a name is denied. */
    public enum Reason {
        /** No session is bound to the network yet. */
        NOT_READY,
        INTERNET_OFF,
        /** On the organisation's own deny list. */
        DENIED_DOMAIN,
        /** On the platform's emergency list. */
        EMERGENCY,
        /** The name of a public DNS resolver, by which this one could be walked around. */
        PUBLIC_RESOLVER,
        NOT_ALLOWED
    }

    /** What is decided about one name. */
    public sealed interface Verdict permits Allow, Deny {}

    /**
     * @param pattern the entry that decided, canonical text; {@code *} for level "all"
     * @param source where the entry comes from, for people: "custom domain", "preset package-managers, group python"
     * @param ports protocol in the upper 16 bits and port in the lower; empty: nothing is pinned, level "all" opens it
     */
    @SuppressWarnings("ArrayRecordComponent") // compiled once, shared, never changed
    public record Allow(String pattern, String source, AddressFilter filter, int[] ports) implements Verdict {}

    /**
     * @param pattern the entry that decided, empty where none did
     */
    public record Deny(Reason reason, String pattern, String source) implements Verdict {}

    /** One entry with where it comes from. */
    public record Entry(DomainPattern pattern, String source) {}

    /** A named internal domain and the private blocks that it may resolve to. */
    public record Internal(DomainPattern pattern, AddressFilter filter) {}

    /** How a denied name above an allowed one is answered. */
    public enum Ancestors {
        NXDOMAIN,
        NODATA
    }

    /**
     * What a policy is compiled from.
     *
     * @param label goes into the text of every denial: whose policy this is ("org acme, level package-managers,
     *     snapshot 3f2a91c0")
     * @param internet false denies every name
     * @param all every name that nothing denies is allowed
     * @param types allowed RR types; empty means the default A, AAAA, CNAME and PTR of a pinned address
     * @param ports of entries without their own, protocol in the upper 16 bits and port in the lower
     */
    public record Rules(
            String label,
            boolean internet,
            boolean all,
            List<Entry> allow,
            List<Entry> deny,
            List<Entry> emergency,
            List<Internal> internal,
            Set<Integer> types,
            List<Integer> ports,
            Ancestors ancestors) {

        public Rules {
            allow = List.copyOf(allow);
            deny = List.copyOf(deny);
            emergency = List.copyOf(emergency);
            internal = List.copyOf(internal);
            types = Set.copyOf(types);
            ports = List.copyOf(ports);
        }
    }

    /** Denies everything as "not ready": the policy of a network that no session is bound to. */
    public static final Policy PENDING = new Policy();

    private Policy() {}

    public static Policy compile(Rules rules) {
        throw new UnsupportedOperationException();
    }

    public Verdict judge(WireName name) {
        throw new UnsupportedOperationException();
    }
}
