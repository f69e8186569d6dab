package io.sallyport.sync.session;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.network.Networks.DeniedName;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The networks and sessions of one node. All changes happen one after another. */
public final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

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

        boolean isSameAs(Place other) {
            return interfaceName.equals(other.interfaceName)
                    && Set.copyOf(addresses).equals(Set.copyOf(other.addresses));
        }
    }

    /** A network that is attached. */
    public record Network(
            String id, Place place, boolean kept, String binding, @Nullable Session session) {
        Enforcement.Target target() {
            // Whoever made the interface also takes care of the sandbox's way to the world behind
            // this host.
            return new Enforcement.Target(
                    id, binding, place.interfaceName(), place.addresses(), false);
        }
    }

    /** A session that is bound. */
    public record Session(
            String id, String org, @Nullable String agent, Instant started, Snapshot snapshot) {}

    /** What a session was refused in its life. */
    public record Report(
            Network network, List<DeniedName> names, List<Firewall.Refused> addresses) {}

    /** What a restart brought back, and what it could not. One sentence a problem. */
    public record Restored(int networks, int sessions, List<String> problems) {}

    /** The request is wrong or does not fit what is there. */
    public static final class Rejected extends Exception {
        private static final long serialVersionUID = 1L;

        /** How it is wrong. */
        public enum Kind {
            INVALID,
            UNKNOWN,
            CONFLICT
        }

        private final Kind kind;
        private final String field;

        Rejected(Kind kind, String field, String message) {
            super(message);
            this.kind = kind;
            this.field = field;
        }

        public Kind kind() {
            return kind;
        }

        /** The field of the request that is to blame, as it is spelled there. */
        public String field() {
            return field;
        }
    }

    private final PolicySource source;
    private final Journal journal;
    private final Enforcement enforcement;
    private final Clock clock;
    private final Map<String, Network> networks = new LinkedHashMap<>();

    public Sessions(PolicySource source, Journal journal, Enforcement enforcement, Clock clock) {
        this.source = source;
        this.journal = journal;
        this.enforcement = enforcement;
        this.clock = clock;
    }

    /** Attaches a network that stays pending, everything denied, until a session binds it. */
    public synchronized Network attach(Place place) throws Rejected, IOException {
        Places.check(place, networks.values());
        Network network = new Network(Ids.network(), place, true, Ids.binding(), null);
        bring(network);
        return network;
    }

    /**
     * Detaches a pending network and forgets its interface: what the host does with it is the
     * host's affair again.
     */
    public synchronized void detach(String id) throws Rejected, IOException {
        Network network = networks.get(id);
        if (network == null) {
            throw new Rejected(
                    Rejected.Kind.UNKNOWN, "network", "no network " + id + " is attached");
        }
        if (network.session() != null) {
            throw new Rejected(
                    Rejected.Kind.CONFLICT,
                    "network",
                    "session "
                            + network.session().id()
                            + " runs on network "
                            + id
                            + "; end it first");
        }
        journal.delete(id);
        enforcement.end(network.target());
        String interfaceName = network.place().interfaceName();
        if (networks.values().stream()
                .filter(other -> other.place().interfaceName().equals(interfaceName))
                .allMatch(network::equals)) {
            enforcement.release(interfaceName);
        }
        // Last, so that a kernel that refuses leaves something that can be detached again.
        networks.remove(id);
    }

    /**
     * Starts a session on a place: a pending network that is attached there, or one attached for it
     * alone.
     */
    public Network start(String org, @Nullable String agent, Place place)
            throws Rejected, PolicySource.Refused, IOException {
        place(place);
        // A source that is slow must hold up nobody else, least of all the end of a session.
        Snapshot snapshot = source.pull(org, agent);
        return start(new Session(Ids.session(), org, agent, clock.instant(), snapshot), place);
    }

    private synchronized Network start(Session session, Place place) throws Rejected, IOException {
        Optional<Network> pending = place(place);
        String id = pending.map(Network::id).orElseGet(Ids::network);
        Network bound = new Network(id, place, pending.isPresent(), Ids.binding(), session);
        if (pending.isPresent()) {
            rebind(pending.get(), bound);
        } else {
            bring(bound);
        }
        LOG.info(
                "session started session={} org={} interface={} snapshot={}",
                session.id(),
                session.org(),
                place.interfaceName(),
                session.snapshot().digest());
        return bound;
    }

    /** The pending network at a place, or none if the place is free. */
    private synchronized Optional<Network> place(Place place) throws Rejected {
        Optional<Network> pending =
                networks.values().stream()
                        .filter(network ->
                                network.session() == null && network.place().isSameAs(place))
                        .findFirst();
        if (pending.isEmpty()) {
            Places.check(place, networks.values());
        }
        return pending;
    }

    /** Ends a session: nothing new is answered or opened, and its flows are cut. */
    public synchronized Report end(String sessionId) throws Rejected, IOException {
        Network network = withSession(sessionId);
        Report report = lastReport(network);
        if (network.kept()) {
            Network pending = new Network(network.id(), network.place(), true, Ids.binding(), null);
            forgetSession(pending);
            enforcement.end(network.target());
            networks.put(pending.id(), pending);
            begin(pending);
        } else {
            journal.delete(network.id());
            enforcement.end(network.target());
            // Last, so that a kernel that refuses leaves something that can be ended again.
            networks.remove(network.id());
        }
        LOG.info("session ended session={}", sessionId);
        return report;
    }

    /** What was refused matters less than the end itself. */
    private Report lastReport(Network network) {
        try {
            return report(network);
        } catch (FirewallException e) {
            LOG.warn("what network {} was refused is lost: {}", network.id(), e.getMessage());
            return new Report(network, enforcement.deniedNames(network.target()), List.of());
        }
    }

    /** A full disk must not keep a session alive: to delete needs no room. */
    private void forgetSession(Network pending) throws IOException {
        try {
            journal.write(Entries.of(pending));
        } catch (IOException e) {
            LOG.warn(
                    "network {} is pending until the next start and closed after it: {}",
                    pending.id(),
                    e.getMessage());
            journal.delete(pending.id());
        }
    }

    /** What a running session was refused so far. */
    public synchronized Report show(String sessionId) throws Rejected {
        return report(withSession(sessionId));
    }

    public synchronized List<Network> list() {
        return List.copyOf(networks.values());
    }

    /** The scripts in force for a session or a network. */
    public synchronized List<Firewall.Script> scripts(String id) throws Rejected {
        Network network = networks.get(id);
        return enforcement.scripts((network != null ? network : withSession(id)).target());
    }

    /**
     * Brings back what the journal holds: rules and pins that are still in the kernel are adopted.
     * What the kernel holds beyond the journal is ended.
     */
    public synchronized Restored restore() throws IOException {
        Journal.Found found = journal.read();
        List<String> problems = new ArrayList<>(found.setAside());
        for (Journal.Entry entry : found.entries()) {
            try {
                restore(entry);
            } catch (IllegalArgumentException e) {
                problems.add(
                        "network "
                                + entry.network()
                                + " stays closed: "
                                + e.getMessage()
                                + "; "
                                + journal.setAside(entry.network()));
            } catch (FirewallException e) {
                // It is known all the same, so that its addresses stay taken and it can be ended.
                problems.add("network " + entry.network() + " stays closed: " + e.getMessage());
            }
        }
        problems.addAll(
                enforcement.endStrangers(
                        networks.values().stream().map(Network::binding).toList()));
        int sessions =
                (int)
                        networks.values().stream()
                                .filter(network -> network.session() != null)
                                .count();
        return new Restored(networks.size(), sessions, List.copyOf(problems));
    }

    private void restore(Journal.Entry entry) throws IOException {
        if (!Host.hasInterface(entry.interfaceName())) {
            journal.delete(entry.network());
            LOG.info(
                    "network {} has ended: its interface {} is gone",
                    entry.network(),
                    entry.interfaceName());
            return;
        }
        Network network = Entries.network(entry);
        try {
            begin(network);
            networks.put(network.id(), network);
        } catch (FirewallException e) {
            networks.put(network.id(), network);
            throw e;
        }
    }

    private void bring(Network network) throws Rejected, IOException {
        journal.write(Entries.of(network));
        try {
            begin(network);
        } catch (IllegalArgumentException e) {
            Rejected rejected =
                    new Rejected(
                            Rejected.Kind.INVALID, "addresses", String.valueOf(e.getMessage()));
            rejected.initCause(e);
            forget(network, rejected);
            throw rejected;
        } catch (RuntimeException e) {
            forget(network, e);
            throw e;
        }
        networks.put(network.id(), network);
    }

    private void forget(Network network, Exception cause) {
        try {
            journal.delete(network.id());
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** The journal comes first: where it cannot be written, the pending network is not touched. */
    private void rebind(Network pending, Network bound) throws IOException {
        journal.write(Entries.of(bound));
        try {
            enforcement.end(pending.target());
            begin(bound);
        } catch (RuntimeException e) {
            restorePending(pending, e);
            throw e;
        }
        networks.put(bound.id(), bound);
    }

    /**
     * After a failed start: the pending network is put back; if even that fails it stays closed and
     * unknown.
     */
    private void restorePending(Network network, Exception cause) {
        try {
            bring(network);
        } catch (Rejected | IOException | RuntimeException e) {
            forget(network, cause);
            networks.remove(network.id());
            cause.addSuppressed(e);
        }
    }

    private void begin(Network network) {
        enforcement.begin(
                network.target(), network.session() == null ? null : network.session().snapshot());
    }

    private Network withSession(String sessionId) throws Rejected {
        for (Network network : networks.values()) {
            if (network.session() != null && network.session().id().equals(sessionId)) {
                return network;
            }
        }
        throw new Rejected(
                Rejected.Kind.UNKNOWN, "session", "no session " + sessionId + " runs on this node");
    }

    private Report report(Network network) {
        return new Report(
                network,
                enforcement.deniedNames(network.target()),
                enforcement.refused(network.target()));
    }
}
