package io.sallyport.resolver.network;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.budget.Budget;
import io.sallyport.resolver.budget.Budget.Events;
import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.pointer.Pointers;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.rate.TokenBucket;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which network a client's address belongs to, and what holds for it: exact addresses and longest
 * prefix, v4 and v6. Readers see one immutable table behind one volatile field.
 */
public final class Networks {

    /**
     * @param id the network's name in reports
     * @param addresses the client addresses
     * @param policy what it may resolve; {@link Policy#PENDING} denies everything
     * @param pinner opens what was answered; belongs to this binding only
     * @param observe whether a name that nothing allows, and nothing denies, is answered and noted
     */
    public record Network(
            String id, List<Cidr> addresses, Policy policy, Pinner pinner, boolean observe) {
        public Network {
            addresses = List.copyOf(addresses);
        }

        /** A network that enforces. */
        public Network(String id, List<Cidr> addresses, Policy policy, Pinner pinner) {
            this(id, addresses, policy, pinner, false);
        }

        private Network with(Policy other) {
            return new Network(id, addresses, other, pinner, observe);
        }
    }

    /** What became of a query. */
    public enum Verdict {
        ALLOWED,
        DENIED,
        /** Answered although nothing allows it, because the network observes. */
        OBSERVED
    }

    /**
     * Queries that a network asked since it was asked for them last. Seconds since the epoch.
     *
     * @param name "(other names)" for those that found no place; an allowed name counts when an
     *     answer is new to the network, its other queries are among the other names
     * @param reason means nothing where the name is allowed
     */
    public record Decision(
            Verdict verdict,
            String name,
            Policy.Reason reason,
            long count,
            long first,
            long last) {}

    /** A name that a network was denied. Seconds since the epoch. */
    public record DeniedName(
            String name, Policy.Reason reason, long count, long firstSeen, long lastSeen) {}

    /**
     * A network from the moment it was put until it is replaced or removed: what a query keeps hold
     * of from its start to its answer. What each query needs is held directly, not by what it
     * belongs to: on the way through a thousand networks every object in between is a miss of the
     * cache.
     */
    public static final class Binding {
        private static final VarHandle ALLOWED;

        static {
            try {
                ALLOWED =
                        MethodHandles.lookup()
                                .findVarHandle(Binding.class, "allowedQueries", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private volatile Network network;
        private volatile Policy policy;
        private final boolean observes;
        private volatile boolean ended;
        private final TokenBucket queries;

        @SuppressWarnings("UnusedVariable") // through ALLOWED
        private volatile long allowedQueries;

        private final NameLog denied;
        private final ExtendedError notAllowed;
        private final Pointers pointers = new Pointers();
        private final Denials denials;
        private final Decisions decisions;
        private final Budget budget;

        private Binding(Network network, Denials denials, Budget budget) {
            this.network = network;
            this.policy = network.policy();
            this.observes = network.observe();
            this.budget = budget;
            this.queries = budget.queries();
            this.denials = denials;
            this.notAllowed = denials.of(Policy.Reason.NOT_ALLOWED);
            this.decisions = new Decisions(network, seconds());
            this.denied = decisions.denied();
        }

        /** As it is now: its policy may be another one later. */
        public Network network() {
            return network;
        }

        /** What holds for its names, as of now. */
        public Policy policy() {
            return policy;
        }

        /** Reads what a query will need, for the processor to have it near by then. */
        public long fetch() {
            return queries.fetch() + denied.fetch() + pointers.fetch() + allowedQueries;
        }

        /** See {@link Network#observe}. */
        public boolean observes() {
            return observes;
        }

        /** Takes what every message costs. As {@link Budget#query}. */
        public Budget.Toll toll(long nowNanos) {
            return queries.spend(nowNanos) ? Budget.Toll.PAID : budget.overrun(nowNanos);
        }

        /** What a denial of this network says, made once. */
        public ExtendedError denial(Policy.Reason reason) {
            return reason == Policy.Reason.NOT_ALLOWED ? notAllowed : denials.of(reason);
        }

        /**
         * Notes a denied name. Any thread, no lock, bounded.
         *
         * @param hash of the name, seeded
         * @param now seconds since the epoch
         */
        public void denied(byte[] lowered, int length, long hash, Policy.Reason reason, long now) {
            denied.record(lowered, length, hash, reason, now);
        }

        /** Notes a name that is answered although nothing allows it. As {@link #denied}. */
        public void observed(byte[] lowered, int length, long hash, long now) {
            decisions.observed(lowered, length, hash, now);
        }

        /** Counts an allowed query. */
        public void allowed() {
            ALLOWED.getAndAdd(this, 1L);
        }

        /** Notes an allowed name whose answer is new to this binding. As {@link #denied}. */
        public void answered(byte[] lowered, int length, long hash, long now) {
            decisions.answered(lowered, length, hash, now);
        }

        /** What an answer says to a name that nothing allows, made once. */
        public ExtendedError observation() {
            return denials.observed();
        }

        /** The reason of a denial as the end of a sentence. */
        public String because(Policy.Reason reason) {
            return Denials.because(reason, network.policy().label());
        }

        /** What this binding was answered with, and nothing of what others were. */
        public Pointers pointers() {
            return pointers;
        }

        /** Whether this was replaced or removed: nothing may be opened by it any more. */
        public boolean ended() {
            return ended;
        }

        /** What this network may spend. */
        public Budget budget() {
            return budget;
        }
    }

    private final Map<String, Binding> byId = new LinkedHashMap<>();

    /** Networks of one policy share their texts, which live as long as it does. */
    private final Map<Policy, Denials> denials = new WeakHashMap<>();

    private final Limits limits;
    private final Events events;
    private final Budget strangers;
    private volatile AddressTable table = AddressTable.EMPTY;

    /** Networks with the usual limits, whose use nobody is told of. */
    public Networks() {
        this(Limits.DEFAULT, Events.NOBODY);
    }

    /**
     * @param limits of each network
     * @param events is told when one uses them up
     */
    public Networks(Limits limits, Events events) {
        this.limits = limits;
        this.events = events;
        boolean unlimited = limits.of(Limit.QUERIES_PER_SECOND) == 0;
        strangers = new Budget("(strangers)", unlimited ? limits : Limits.STRANGERS, events);
    }

    /**
     * Adds the network, or replaces the one with its id.
     *
     * @throws IllegalArgumentException if another network has one of its addresses
     */
    public void put(Network network) {
        putAll(List.of(network));
    }

    /**
     * As {@link #put}, all of them or none: at the cost of one.
     *
     * @throws IllegalArgumentException if two networks would have one address
     */
    public synchronized void putAll(Collection<Network> networks) {
        if (networks.stream().anyMatch(Network::observe)) {
            // As at level all, an event loop looks for a name's registrable domain.
            DomainPattern.loadPublicSuffixes();
        }
        Map<String, Binding> next = new LinkedHashMap<>(byId);
        networks.forEach(network ->
                next.put(
                        network.id(),
                        new Binding(
                                network,
                                denials.computeIfAbsent(
                                        network.policy(), policy -> new Denials(policy.label())),
                                new Budget(network.id(), limits, events))));
        publish(next, networks.stream().map(Network::id).toList());
    }

    /**
     * Judges by another policy from the next query on, and every query that waits for its answer
     * too; the network stays otherwise as it is. Does nothing if there is none.
     */
    public synchronized void judgeBy(String id, Policy policy) {
        Binding binding = byId.get(id);
        if (binding != null) {
            binding.network = binding.network.with(policy);
            binding.policy = policy;
        }
    }

    /**
     * What answers about names that are gone opened for a network; they are forgotten here.
     *
     * @param gone whether a name is
     */
    public synchronized Pointers.Ways forget(String id, Predicate<WireName> gone) {
        Binding binding = byId.get(id);
        return binding == null ? Pointers.Ways.NONE : binding.pointers.forget(gone);
    }

    /**
     * Takes a network away; its clients are strangers from now on. Does nothing if there is none.
     */
    public synchronized void remove(String id) {
        if (byId.containsKey(id)) {
            Map<String, Binding> next = new LinkedHashMap<>(byId);
            next.remove(id);
            publish(next, List.of(id));
        }
    }

    private void publish(Map<String, Binding> bindings, Collection<String> changed) {
        table = new AddressTable(bindings.values());
        for (String id : changed) {
            Binding before = byId.get(id);
            if (before != null) {
                before.ended = true;
            }
        }
        byId.clear();
        byId.putAll(bindings);
    }

    /**
     * The binding that holds for a client at this moment, or null for a stranger.
     *
     * @param address 4 or 16 octets
     */
    public @Nullable Binding find(byte[] address) {
        return table.find(AddressTable.high(address), AddressTable.low(address));
    }

    /**
     * As {@link #find(byte[])}, with the address as two numbers in network order: the halves of an
     * IPv6 address, and those of {@code ::ffff:a.b.c.d} for an IPv4 one.
     */
    public @Nullable Binding find(long high, long low) {
        return table.find(high, low);
    }

    /** What all clients of no network may spend together. */
    public Budget strangers() {
        return strangers;
    }

    /**
     * What this network was denied since it was put, most frequent first; bounded, the rest counted
     * as "(other names)".
     */
    public synchronized List<DeniedName> denied(String id) {
        Binding binding = byId.get(id);
        return binding == null ? List.of() : binding.decisions.deniedNames();
    }

    /** What was answered although nothing allows it, as {@link #denied}. */
    public synchronized List<DeniedName> observed(String id) {
        Binding binding = byId.get(id);
        return binding == null ? List.of() : binding.decisions.observedNames();
    }

    /** What was decided for this network since this was called last; bounded as the rest. */
    public synchronized List<Decision> drain(String id) {
        Binding binding = byId.get(id);
        return binding == null
                ? List.of()
                : binding.decisions.drain(binding.allowedQueries, seconds());
    }

    private static long seconds() {
        return System.currentTimeMillis() / 1000;
    }
}
