package io.sallyport.sync.session;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.resolver.network.Networks.Decision;
import io.sallyport.resolver.network.Networks.DeniedName;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.network.Network.Origin;
import io.sallyport.sync.network.Network.Place;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Turns.Concern;
import io.sallyport.sync.session.Turns.Turn;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The networks and sessions of one node. Any thread: work on one network comes one after another,
 * work on others does not wait for it.
 */
public final class Sessions {
    /**
     * What a session is asked to be.
     *
     * @param id null for one of the node's own choice
     * @param lease seconds, 0 for none
     * @param pod null where it is none that asks
     */
    public record Request(
            @Nullable String id,
            String org,
            @Nullable String agent,
            Place place,
            Mode mode,
            int lease,
            @Nullable OfPod pod) {
        public Request(
                @Nullable String id,
                String org,
                @Nullable String agent,
                Place place,
                Mode mode,
                int lease) {
            this(id, org, agent, place, mode, lease, null);
        }

        @Nullable String namespace() {
            return pod == null ? null : pod.namespace();
        }
    }

    /**
     * What holds for a session that a pod asks for.
     *
     * @param network the one that it is for: a later one of the same place is another pod's
     */
    public record OfPod(String network, String namespace) {}

    /**
     * What is there now.
     *
     * @param fresh false where the same was asked for before
     */
    public record Begun(Network network, boolean fresh) {}

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

    /**
     * A session with older access than its org's settings give now.
     *
     * @param current version of the settings; empty where they give no access any more
     */
    public record Stale(Network network, OptionalLong current) {}

    /** What a restart brought back, and what it could not. One sentence a problem. */
    public record Restored(int networks, int sessions, List<String> problems) {}

    /** What looks after the sessions each second. */
    public interface Kept extends AutoCloseable {
        /** Looks no more, until {@link #resume}. What is under way is over on return. */
        void rest();

        void resume();

        @Override
        void close();
    }

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

    private final Register networks = new Register();
    private final Turns turns = new Turns();
    private final Tally tally = new Tally();
    private final Alarm alarm = new Alarm();
    private final Leases leases = new Leases(System::nanoTime);
    private final Ends ends;
    private final PolicySource source;
    private final Enforcement enforcement;
    private final Attachment attachment;
    private final Starts starts;
    private final Finishing finishing;
    private final Care care;
    private final Denying denying;
    private final Restoring restoring;

    public Sessions(PolicySource source, Journal journal, Enforcement enforcement, Clock clock) {
        this.source = source;
        this.enforcement = enforcement;
        this.ends = new Ends(journal);
        this.attachment = new Attachment(journal, enforcement, alarm, networks);
        this.starts = new Starts(source, attachment, networks, turns, ends, leases, clock);
        this.finishing =
                new Finishing(attachment, enforcement, networks, turns, ends, leases, tally);
        this.care = new Care(attachment, finishing, networks, turns, leases);
        this.denying = new Denying(alarm, enforcement, networks);
        this.restoring = new Restoring(journal, enforcement, attachment, networks, leases, ends);
    }

    /**
     * Attaches a network that stays pending, everything denied, until a session binds it. Told
     * again under its id it is there once.
     *
     * @param id null for one of the node's own choice
     */
    public Begun attach(@Nullable String id, Place place) throws Rejected, IOException {
        return starts.attach(id, place, null);
    }

    /** As {@link #attach(String, Place)}, for a container: when its device goes, all of it ends. */
    public Begun attach(String id, Place place, Origin origin) throws Rejected, IOException {
        return starts.attach(id, place, origin);
    }

    /**
     * Ends what runs on a network, and the network; its interface stays closed for as long as it is
     * there. False if there is no such network.
     *
     * @throws FirewallException if the kernel refuses; to be asked for again
     */
    public boolean remove(String id) throws IOException {
        return finishing.remove(id);
    }

    /**
     * Detaches a pending network and forgets its interface: what the host does with it is the
     * host's affair again. False if it is not there.
     */
    public boolean detach(String id) throws Rejected, IOException {
        return finishing.detach(id);
    }

    /** Removes networks at these addresses whose container is gone; nobody told of its end. */
    public void removeOrphans(Place place) throws IOException {
        for (Network network : networks.all()) {
            Origin origin = network.origin();
            if (origin != null && network.place().overlaps(place) && Cables.isGone(origin)) {
                var _ = finishing.remove(network.id());
            }
        }
    }

    /**
     * Starts a session on a place: a pending network that is attached there, or one attached for it
     * alone. Told again under its id it is there once.
     */
    public Begun start(Request request) throws Rejected, PolicySource.Refused, IOException {
        return starts.start(request);
    }

    /**
     * Ends a session: nothing new is answered or opened, and its flows are cut. Empty if it is not
     * there; then it does not begin any more either.
     *
     * @throws FirewallException if the kernel refuses; it is tried again until it is done
     */
    public Optional<Report> end(String sessionId) throws Rejected, IOException {
        return finishing.end(sessionId);
    }

    /**
     * Ends sessions by order, many at once. One that cannot be ended keeps no other from its end.
     *
     * @return how many of them are not there
     */
    public long endAll(Collection<String> sessionIds) {
        return finishing.endAll(sessionIds);
    }

    /**
     * Says that whoever started a session is still there.
     *
     * @return the seconds that it runs without another word; empty for one without a lease
     */
    public OptionalLong heartbeat(String sessionId) throws Rejected {
        Session session = running(sessionId).session();
        if (session != null && session.lease() > 0 && !leases.renew(sessionId)) {
            throw new Rejected(
                    Rejected.Kind.UNKNOWN, "session", "session " + sessionId + " is being ended");
        }
        return leases.left(sessionId);
    }

    /** The seconds that a session runs without a heartbeat; empty for one without a lease. */
    public OptionalLong left(String sessionId) {
        return leases.left(sessionId);
    }

    /** What a running session was refused so far. */
    public Report show(String sessionId) throws Rejected {
        Network network = running(sessionId);
        try (Turn _ = turns.take(Concern.network(network.id(), network.place()))) {
            return finishing.report(running(sessionId));
        }
    }

    private Network running(String sessionId) throws Rejected {
        return networks.withSession(sessionId)
                .orElseThrow(() ->
                        new Rejected(
                                Rejected.Kind.UNKNOWN,
                                "session",
                                "no session " + sessionId + " runs on this node"));
    }

    public List<Network> list() {
        return networks.all();
    }

    /** A network by its id. Waits for nobody, not even for a session that is being started. */
    public Optional<Network> network(String id) {
        return networks.get(id);
    }

    /**
     * Sessions whose org has newer settings than they run with.
     *
     * @throws IOException if the source of settings cannot be read
     */
    public List<Stale> stale() throws IOException {
        return new Older(source).among(networks.all());
    }

    /**
     * What was decided for every session since this was asked for last, ended ones too. A network
     * that is being worked on is left for the next time.
     */
    public List<Decided> decisions() {
        List<Decided> decided = tally.take();
        for (Network network : networks.all()) {
            turns.tryTake(Concern.network(network.id(), network.place()))
                    .ifPresent(turn -> {
                        try (turn) {
                            decided.addAll(decisions(network));
                        }
                    });
        }
        return decided;
    }

    private List<Decided> decisions(Network seen) {
        Network network = networks.get(seen.id()).orElse(seen);
        Session session = network.session();
        return session == null
                ? List.of()
                : enforcement.decisions(Attachment.target(network)).stream()
                        .map(each -> new Decided(session.org(), session.id(), each))
                        .toList();
    }

    /** The emergency denials in force. */
    public Emergencies emergencies() {
        return alarm.now();
    }

    /**
     * Puts emergency denials in force, in running sessions too: names, pins and flows.
     *
     * @throws FirewallException if the kernel refuses; to be asked for again
     */
    public void deny(Emergencies list) {
        denying.deny(list);
    }

    /** The scripts in force for a session or a network. */
    public List<Firewall.Script> scripts(String id) throws Rejected {
        Optional<Network> network = networks.get(id);
        return enforcement.scripts(
                Attachment.target(network.isPresent() ? network.get() : running(id)));
    }

    /**
     * What the journal holds is answered from now on, before its rules are looked at: pins go into
     * the sets that an earlier run left, or nowhere. {@link #restore} follows.
     *
     * @param emergencies in force from the first moment on
     * @return the interfaces of what the journal holds, those that are there
     */
    public Set<String> answer(Emergencies emergencies) throws IOException {
        alarm.start(emergencies);
        return restoring.answer();
    }

    /**
     * Brings back what the journal holds: rules and pins that are still in the kernel are adopted.
     * What the kernel holds beyond the journal is ended.
     */
    public Restored restore() {
        return restoring.all();
    }

    /**
     * From now on, and until it is closed: sessions whose lease runs out end, and networks whose
     * container is gone; ends that the kernel refused are tried again, and so are networks whose
     * rules did not go in.
     *
     * @param expired is told of each session whose lease has run out
     */
    public Kept keep(Consumer<Network> expired) {
        return Keeper.start(() -> care.look(expired));
    }

    /** Sessions that ended because nobody kept them, since the start. */
    public long expired() {
        return care.expired();
    }
}
