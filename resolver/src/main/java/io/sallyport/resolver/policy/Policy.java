package io.sallyport.resolver.policy;

import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
     * @param source where the entry comes from, for people: "custom domain", "preset
     *     package-managers, group python"
     * @param ports protocol in the upper 16 bits and port in the lower; empty: nothing is pinned,
     *     level "all" opens it
     * @param covered octets at the end of the name below which the entry allows any name; 0 where
     *     it allows one name only, {@link #ROOT_OCTETS} for level "all"
     */
    @SuppressWarnings("ArrayRecordComponent") // compiled once, shared, never changed
    public record Allow(
            String pattern, String source, AddressFilter filter, int[] ports, int covered)
            implements Verdict {

        /** Whether an entry names this, and not only the level "all". */
        public boolean explicit() {
            return !pattern.equals(EVERY_NAME) || !filter.internal().isEmpty();
        }

        /** Whether nothing allows this: it is answered to see what a sandbox would need. */
        public boolean observed() {
            return source.equals(OBSERVED);
        }
    }

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
     * @param label goes into the text of every denial: whose policy this is ("org acme, level
     *     package-managers, snapshot 3f2a91c0")
     * @param internet false denies every name
     * @param all every name that nothing denies is allowed
     * @param types allowed RR types; empty means the default A, AAAA, CNAME and PTR of a pinned
     *     address; {@link #EVERY_TYPE} among them means all
     * @param ports of entries without their own, protocol in the upper 16 bits and port in the
     *     lower
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

    /**
     * A name made ready to be judged: where its labels start and the hash of each of its suffixes.
     * One belongs to each event loop and is used again for every query, so that judging allocates
     * nothing.
     */
    public static final class Subject {
        /** Chosen at every start, so that nobody can prepare names that collide. */
        private static final long SEED = new SecureRandom().nextLong();

        /** RFC 1035 §3.1: 255 octets, at least 2 a label, and the root. */
        private static final int MAX_SUFFIXES = 128;

        /** Odd and, like the seed, nobody's guess. */
        private static final long FACTOR = new SecureRandom().nextLong() | 1;

        private static final VarHandle WORD =
                MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

        byte[] octets = {0};
        int length = 1;
        int labels;
        final int[] starts = new int[MAX_SUFFIXES];
        final long[] hashes = new long[MAX_SUFFIXES];

        /**
         * @param lowered a well-formed, lower-cased wire name from offset 0; kept, not copied
         */
        public void prepare(byte[] lowered, int nameLength) {
            octets = lowered;
            length = nameLength;
            labels = 0;
            int at = 0;
            while (lowered[at] != 0) {
                starts[labels++] = at;
                at += lowered[at] + 1;
            }
            starts[labels] = at;
            long hash = SEED;
            hashes[labels] = spread(hash);
            for (int label = labels - 1; label >= 0; label--) {
                for (int i = starts[label]; i < starts[label + 1]; i += Long.BYTES) {
                    hash = folded(hash ^ word(lowered, i, starts[label + 1] - i));
                }
                hashes[label] = spread(hash);
            }
        }

        /** The hash of the whole name: seeded, good in all 64 bits. */
        public long hash() {
            return hashes[0];
        }

        /**
         * The next eight octets of a label, the rest of it filled with zeros. Its length is among
         * the first, so that no two labels look alike.
         */
        private static long word(byte[] octets, int at, int left) {
            if (at + Long.BYTES <= octets.length) {
                long word = (long) WORD.get(octets, at);
                return left >= Long.BYTES ? word : word & ((1L << (left * Byte.SIZE)) - 1);
            }
            long word = 0;
            for (int i = Math.min(left, Long.BYTES) - 1; i >= 0; i--) {
                word = word << Byte.SIZE | (octets[at + i] & 0xff);
            }
            return word;
        }

        /** Both halves of the product, so that every bit of the result hangs on every bit. */
        private static long folded(long bits) {
            return (bits * FACTOR) ^ Math.unsignedMultiplyHigh(bits, FACTOR);
        }

        private static long spread(long hash) {
            long mixed = (hash ^ hash >>> 32) * 0xd6e8feb86659fd93L;
            return mixed ^ mixed >>> 32;
        }
    }

    /** In {@link Rules#types}: every type (its number is that of QTYPE ANY, RFC 1035 §3.2.3). */
    public static final int EVERY_TYPE = 255;

    /** The pattern of level "all". */
    public static final String EVERY_NAME = "*";

    /** The root, which every name is below. */
    public static final int ROOT_OCTETS = 1;

    private static final int A = 1;
    private static final int CNAME = 5;
    private static final int PTR = 12;
    private static final int AAAA = 28;
    private static final int[] DEFAULT_TYPES = {A, CNAME, AAAA};
    private static final int[] NO_PORTS = {};

    /** An organisation names a handful of internal domains. */
    private static final int INTERNAL_VERDICTS = 64;

    /** The verdict about names of an allow entry and an internal domain. */
    private record Inside(int place, int domain, Allow allow) {}

    private static final String LEVEL_ALL = "level all";
    private static final String OBSERVED = "observe mode";

    /** Denies everything as "not ready": the policy of a network that no session is bound to. */
    public static final Policy PENDING =
            new Policy(
                    new Rules(
                            "no session yet",
                            false,
                            false,
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(),
                            Set.of(),
                            List.of(),
                            Ancestors.NXDOMAIN),
                    Reason.NOT_READY);

    private final String label;
    private final boolean all;
    private final @Nullable Deny always;
    private final Deny notAllowed;
    private final int[] types;
    private final boolean pointers;
    private final int[] ports;
    private final DenyList denied;
    private final DenyList emergency;
    private final EntryList allowed;
    private final InternalDomains internal;
    private final Allow everyName =
            new Allow(EVERY_NAME, LEVEL_ALL, AddressFilter.PUBLIC, NO_PORTS, ROOT_OCTETS);
    private final Allow observed;
    private final @Nullable NameTable ancestors;

    /** Verdicts by place, made when first needed; racing threads make equal ones. */
    private final @Nullable Allow[] allows;

    /** The same for names of internal domains, one for each pair; pairs that collide take turns. */
    private final @Nullable Inside[] insides;

    private Policy(Rules rules, @Nullable Reason always) {
        label = rules.label;
        all = rules.all;
        this.always = always == null ? null : new Deny(always, "", "");
        notAllowed = new Deny(Reason.NOT_ALLOWED, "", "");
        types =
                rules.types.isEmpty()
                        ? DEFAULT_TYPES
                        : rules.types.stream().mapToInt(Integer::intValue).sorted().toArray();
        pointers = rules.types.isEmpty() || allowsType(PTR);
        ports = rules.ports.stream().mapToInt(Integer::intValue).distinct().toArray();
        observed = new Allow(EVERY_NAME, OBSERVED, AddressFilter.PUBLIC, ports, ROOT_OCTETS);
        denied = new DenyList(Reason.DENIED_DOMAIN, rules.deny);
        emergency = new DenyList(Reason.EMERGENCY, rules.emergency);
        allowed = SharedLists.of(rules.allow);
        internal = new InternalDomains(rules.internal);
        insides = new @Nullable Inside[rules.internal.isEmpty() ? 0 : INTERNAL_VERDICTS];
        allows = new @Nullable Allow[allowed.places()];
        ancestors = rules.ancestors == Ancestors.NODATA ? ancestors(rules.allow) : null;
    }

    private Policy(Policy same, DenyList emergency) {
        label = same.label;
        all = same.all;
        always = same.always;
        notAllowed = same.notAllowed;
        types = same.types;
        pointers = same.pointers;
        ports = same.ports;
        observed = same.observed;
        denied = same.denied;
        this.emergency = emergency;
        allowed = same.allowed;
        internal = same.internal;
        insides = same.insides;
        allows = same.allows;
        ancestors = same.ancestors;
    }

    /** The same policy with another emergency list; shares all that it has compiled. */
    public Policy withEmergency(List<Entry> entries) {
        return new Policy(this, new DenyList(Reason.EMERGENCY, entries));
    }

    public static Policy compile(Rules rules) {
        if (rules.all) {
            // The budget of new names looks there on an event loop, which loading would stop.
            DomainPattern.loadPublicSuffixes();
        }
        return new Policy(rules, rules.internet ? null : Reason.INTERNET_OFF);
    }

    /** Whether every name is allowed that nothing denies. */
    public boolean allowsEveryName() {
        return all;
    }

    /** Whose policy this is, for texts that people read. */
    public String label() {
        return label;
    }

    /**
     * What a name opens whose entry has no ports of its own, protocol in the upper 16 bits and port
     * in the lower, in the order of {@link Allow#ports}.
     */
    public List<Integer> ports() {
        return IntStream.of(ports).boxed().toList();
    }

    /** Whether some entry opens other ports than {@link #ports}. */
    public boolean hasOtherPorts() {
        return allowed.hasOwnPorts();
    }

    /** Whether a record type may be asked for, on a name that is allowed. */
    public boolean allowsType(int type) {
        for (int allowedType : types) {
            if (allowedType == type || allowedType == EVERY_TYPE) {
                return true;
            }
        }
        return false;
    }

    /** Whether the PTR record of an address may be asked for that was answered with before. */
    public boolean allowsPointers() {
        return pointers;
    }

    /**
     * The verdict that a network gets in observe mode where nothing allows a name: the ports of the
     * policy, public addresses only, and a budget for each registrable domain.
     */
    public Allow observed() {
        return observed;
    }

    /** Judges a name, off the hot path. */
    public Verdict judge(WireName name) {
        Subject subject = new Subject();
        subject.prepare(name.octets(), name.length());
        return judge(subject);
    }

    public Verdict judge(Subject name) {
        if (always != null) {
            return always;
        }
        Deny deny = denied.find(name);
        if (deny == null) {
            deny = emergency.find(name);
        }
        if (deny == null) {
            deny = PublicResolvers.LIST.find(name);
        }
        if (deny != null) {
            return deny;
        }
        int place = allowed.find(name);
        if (place == NameTable.MISS && !all) {
            return notAllowed;
        }
        Allow allow = place == NameTable.MISS ? everyName : allow(place);
        int domain = internal.find(name);
        return domain == NameTable.MISS ? allow : withFilter(allow, place, domain);
    }

    /**
     * Whether a denied name stands above an allowed one and the rules want NODATA there, because
     * RFC 8020 reads NXDOMAIN as "nothing below either".
     */
    public boolean isAncestor(Subject name) {
        return ancestors != null && ancestors.find(name) != NameTable.MISS;
    }

    private Allow allow(int place) {
        Allow allow = allows[place];
        if (allow == null) {
            allow =
                    new Allow(
                            allowed.text(place),
                            allowed.source(place),
                            AddressFilter.PUBLIC,
                            all ? NO_PORTS : allowed.ports(place, ports),
                            allowed.covered(place));
            allows[place] = allow;
        }
        return allow;
    }

    /**
     * Level "all" opens public addresses only, so the private ones of an internal domain are pinned
     * at any level.
     */
    private Allow withFilter(Allow allow, int place, int domain) {
        int at = ((place * 31 + domain) & Integer.MAX_VALUE) % INTERNAL_VERDICTS;
        Inside known = insides[at];
        if (known == null || known.place != place || known.domain != domain) {
            known =
                    new Inside(
                            place,
                            domain,
                            new Allow(
                                    allow.pattern,
                                    allow.source,
                                    internal.filter(domain),
                                    place == NameTable.MISS ? ports : allowed.ports(place, ports),
                                    allow.covered));
            insides[at] = known;
        }
        return known.allow;
    }

    private static NameTable ancestors(List<Entry> allow) {
        NameTable table = new NameTable(allow.size());
        for (Entry entry : allow) {
            WireName name = entry.pattern().name();
            WireName ancestor = entry.pattern().scope() == Scope.BELOW ? name : name.parent();
            for (; ancestor != null; ancestor = ancestor.parent()) {
                table.at(table.node(ancestor), 0);
            }
        }
        return table;
    }

    @Override
    public String toString() {
        return "Policy[" + label + ", types " + Arrays.toString(types) + "]";
    }
}
