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
        check(place);
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
        networks.remove(id);
        enforcement.end(network.target());
        String interfaceName = network.place().interfaceName();
        if (networks.values().stream()
                .noneMatch(other -> other.place().interfaceName().equals(interfaceName))) {
            enforcement.release(interfaceName);
        }
    }

    /**
     * Starts a session on a place: a pending network that is attached there, or one attached for it
     * alone.
     */
    public synchronized Network start(String org, @Nullable String agent, Place place)
            throws Rejected, PolicySource.Refused, IOException {
        Optional<Network> pending =
                networks.values().stream()
                        .filter(network ->
                                network.session() == null && network.place().equals(place))
                        .findFirst();
        if (pending.isEmpty()) {
            check(place);
        }
        Session session =
                new Session(Ids.session(), org, agent, clock.instant(), source.pull(org, agent));
        String id = pending.map(Network::id).orElseGet(Ids::network);
        Network bound = new Network(id, place, pending.isPresent(), Ids.binding(), session);
        pending.ifPresent(network -> enforcement.end(network.target()));
        try {
            bring(bound);
        } catch (Rejected | IOException | RuntimeException e) {
            pending.ifPresent(network -> restorePending(network, e));
            throw e;
        }
        LOG.info(
                "session started session={} org={} interface={} snapshot={}",
                session.id(),
                org,
                place.interfaceName(),
                session.snapshot().digest());
        return bound;
    }

    /** Ends a session: nothing new is answered or opened, and its flows are cut. */
    public synchronized Report end(String sessionId) throws Rejected, IOException {
        Network network = withSession(sessionId);
        Report report = report(network);
        if (network.kept()) {
            Network pending = new Network(network.id(), network.place(), true, Ids.binding(), null);
            journal.write(entry(pending));
            enforcement.end(network.target());
            networks.put(pending.id(), pending);
            begin(pending);
        } else {
            journal.delete(network.id());
            networks.remove(network.id());
            enforcement.end(network.target());
        }
        LOG.info("session ended session={}", sessionId);
        return report;
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
            } catch (IllegalArgumentException | FirewallException e) {
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
            throw new IllegalArgumentException(
                    "its interface " + entry.interfaceName() + " is gone, so it has ended");
        }
        Network network = network(entry);
        begin(network);
        networks.put(network.id(), network);
    }

    private void bring(Network network) throws Rejected, IOException {
        journal.write(entry(network));
        try {
            begin(network);
        } catch (IllegalArgumentException e) {
            journal.delete(network.id());
            throw new Rejected(Rejected.Kind.INVALID, "", String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            journal.delete(network.id());
            throw e;
        }
        networks.put(network.id(), network);
    }

    /**
     * After a failed start: the pending network is put back; if even that fails it stays closed and
     * unknown.
     */
    private void restorePending(Network network, Exception cause) {
        try {
            bring(network);
        } catch (Rejected | IOException | RuntimeException e) {
            networks.remove(network.id());
            cause.addSuppressed(e);
        }
    }

    private void begin(Network network) {
        enforcement.begin(
                network.target(), network.session() == null ? null : network.session().snapshot());
    }

    private void check(Place place) throws Rejected {
        if (!Host.hasInterface(place.interfaceName())) {
            throw new Rejected(
                    Rejected.Kind.INVALID,
                    "interface",
                    "no interface \""
                            + place.interfaceName()
                            + "\" exists on this host; ip link lists them");
        }
        if (place.addresses().isEmpty()) {
            throw new Rejected(
                    Rejected.Kind.INVALID, "addresses", "a network needs at least one address");
        }
        for (int i = 0; i < place.addresses().size(); i++) {
            Cidr address = place.addresses().get(i);
            if (place.addresses().subList(0, i).stream()
                    .anyMatch(other -> overlap(other, address))) {
                throw new Rejected(Rejected.Kind.INVALID, "addresses", address + " is named twice");
            }
            for (Network other : networks.values()) {
                if (other.place().addresses().stream().anyMatch(taken -> overlap(taken, address))) {
                    throw new Rejected(
                            Rejected.Kind.CONFLICT,
                            "addresses",
                            address + " belongs to " + owner(other));
                }
            }
        }
    }

    private static String owner(Network network) {
        return "network "
                + network.id()
                + (network.session() == null
                        ? ", which is attached already; detach it first"
                        : ", where session " + network.session().id() + " runs; end it first");
    }

    private static boolean overlap(Cidr one, Cidr other) {
        return one.contains(other.network()) || other.contains(one.network());
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

    private static Journal.Entry entry(Network network) {
        Session session = network.session();
        return new Journal.Entry(
                network.id(),
                network.place().interfaceName(),
                network.place().addresses().stream().map(Cidr::toString).toList(),
                network.kept(),
                network.binding(),
                session == null
                        ? null
                        : new Journal.Bound(
                                session.id(),
                                session.org(),
                                session.agent(),
                                session.started().getEpochSecond(),
                                session.snapshot().digest(),
                                session.snapshot().json()));
    }

    private static Network network(Journal.Entry entry) {
        Place place =
                new Place(
                        entry.interfaceName(),
                        entry.addresses().stream().map(Cidr::parse).toList());
        return new Network(
                entry.network(), place, entry.kept(), entry.binding(), session(entry.session()));
    }

    private static @Nullable Session session(Journal.@Nullable Bound bound) {
        if (bound == null) {
            return null;
        }
        Snapshot snapshot = Snapshot.parse(bound.snapshot());
        if (!snapshot.digest().equals(bound.digest())) {
            throw new IllegalArgumentException(
                    "its snapshot is " + snapshot.digest() + ", not " + bound.digest());
        }
        return new Session(
                bound.id(),
                bound.org(),
                bound.agent(),
                Instant.ofEpochSecond(bound.started()),
                snapshot);
    }
}
