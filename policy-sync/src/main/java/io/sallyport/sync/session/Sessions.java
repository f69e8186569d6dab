package io.sallyport.sync.session;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.network.Networks.Decision;
import io.sallyport.resolver.network.Networks.DeniedName;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

    /** A session that is bound. */
    public record Session(
            String id,
            String org,
            @Nullable String agent,
            Instant started,
            Mode mode,
            Snapshot snapshot) {}

    /**
     * What a session was refused in its life.
     *
     * @param observed names that were answered although nothing allows them
     */
    public record Report(
            Network network,
            List<DeniedName> names,
            List<DeniedName> observed,
            List<Firewall.Refused> addresses) {}

    /** What was decided for a session, since this was asked for last. */
    public record Decided(String org, String session, Decision decision) {}

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
    private final Register networks = new Register();
    private final Tally ended = new Tally();
    private final Alarm alarm;
    private final Attachment attachment;

    public Sessions(PolicySource source, Journal journal, Enforcement enforcement, Clock clock) {
        this.source = source;
        this.journal = journal;
        this.enforcement = enforcement;
        this.clock = clock;
        this.alarm = new Alarm();
        this.attachment = new Attachment(journal, enforcement, alarm, networks);
    }

    /** Attaches a network that stays pending, everything denied, until a session binds it. */
    public synchronized Network attach(Place place) throws Rejected, IOException {
        Places.check(place, networks.all());
        Network network = new Network(Ids.network(), place, true, Ids.binding(), null);
        attachment.bring(network);
        return network;
    }

    /**
     * Detaches a pending network and forgets its interface: what the host does with it is the
     * host's affair again.
     */
    public synchronized void detach(String id) throws Rejected, IOException {
        Network network =
                networks.get(id)
                        .orElseThrow(() ->
                                new Rejected(
                                        Rejected.Kind.UNKNOWN,
                                        "network",
                                        "no network " + id + " is attached"));
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
        if (networks.all().stream()
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
    public Network start(String org, @Nullable String agent, Place place, Mode mode)
            throws Rejected, PolicySource.Refused, IOException {
        place(place);
        // A source that is slow must hold up nobody else, least of all the end of a session.
        Snapshot snapshot = source.pull(org, agent);
        return start(
                new Session(Ids.session(), org, agent, clock.instant(), mode, snapshot), place);
    }

    private synchronized Network start(Session session, Place place) throws Rejected, IOException {
        Optional<Network> pending = place(place);
        String id = pending.map(Network::id).orElseGet(Ids::network);
        Network bound = new Network(id, place, pending.isPresent(), Ids.binding(), session);
        if (pending.isPresent()) {
            attachment.rebind(pending.get(), bound);
        } else {
            attachment.bring(bound);
        }
        LOG.info(
                "session started session={} org={} interface={} snapshot={}",
                session.id(),
                session.org(),
                place.interfaceName(),
                session.snapshot().digest());
        attachment.warnIfObserving(session);
        return bound;
    }

    /** The pending network at a place, or none if the place is free. */
    private synchronized Optional<Network> place(Place place) throws Rejected {
        Optional<Network> pending =
                networks.all().stream()
                        .filter(network ->
                                network.session() == null && network.place().isSameAs(place))
                        .findFirst();
        if (pending.isEmpty()) {
            Places.check(place, networks.all());
        }
        return pending;
    }

    /** Ends a session: nothing new is answered or opened, and its flows are cut. */
    public synchronized Report end(String sessionId) throws Rejected, IOException {
        Network network = networks.withSession(sessionId);
        Report report = lastReport(network);
        ended.ended(network.session(), enforcement.decisions(network.target()));
        if (network.kept()) {
            Network pending = new Network(network.id(), network.place(), true, Ids.binding(), null);
            attachment.forgetSession(pending);
            enforcement.end(network.target());
            networks.put(pending);
            attachment.begin(pending);
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
            return report(network, enforcement.refused(network.target()));
        } catch (FirewallException e) {
            LOG.warn("what network {} was refused is lost: {}", network.id(), e.getMessage());
            return report(network, List.of());
        }
    }

    /** What a running session was refused so far. */
    public synchronized Report show(String sessionId) throws Rejected {
        Network network = networks.withSession(sessionId);
        return report(network, enforcement.refused(network.target()));
    }

    public synchronized List<Network> list() {
        return List.copyOf(networks.all());
    }

    /** A network by its id. Waits for nobody, not even for a session that is being started. */
    public Optional<Network> network(String id) {
        return networks.get(id);
    }

    /** What was decided for every session since this was asked for last, ended ones too. */
    public synchronized List<Decided> decisions() {
        List<Decided> decided = ended.take();
        for (Network network : networks.all()) {
            Session session = network.session();
            if (session != null) {
                enforcement
                        .decisions(network.target())
                        .forEach(each ->
                                decided.add(new Decided(session.org(), session.id(), each)));
            }
        }
        return decided;
    }

    /** The emergency denials in force. */
    public synchronized Emergencies emergencies() {
        return alarm.now();
    }

    /**
     * Puts emergency denials in force, in running sessions too: names, pins and flows.
     *
     * @throws FirewallException if the kernel refuses; to be asked for again
     */
    public synchronized void deny(Emergencies list) {
        List<Enforcement.Change> changes = alarm.change(list, networks.all());
        enforcement.deny(changes);
        alarm.done(changes);
    }

    /** The scripts in force for a session or a network. */
    public synchronized List<Firewall.Script> scripts(String id) throws Rejected {
        Optional<Network> network = networks.get(id);
        Network found = network.isPresent() ? network.get() : networks.withSession(id);
        return enforcement.scripts(found.target());
    }

    /**
     * Brings back what the journal holds: rules and pins that are still in the kernel are adopted.
     * What the kernel holds beyond the journal is ended.
     *
     * @param emergencies in force from the first moment on
     */
    public synchronized Restored restore(Emergencies emergencies) throws IOException {
        alarm.start(emergencies);
        Journal.Found found = journal.read();
        List<String> problems = new ArrayList<>(found.setAside());
        for (Journal.Entry entry : found.entries()) {
            try {
                attachment.restore(entry);
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
                enforcement.endStrangers(networks.all().stream().map(Network::binding).toList()));
        int sessions =
                (int) networks.all().stream().filter(network -> network.session() != null).count();
        return new Restored(networks.all().size(), sessions, List.copyOf(problems));
    }

    private Report report(Network network, List<Firewall.Refused> addresses) {
        return new Report(
                network,
                enforcement.deniedNames(network.target()),
                enforcement.observedNames(network.target()),
                addresses);
    }
}
