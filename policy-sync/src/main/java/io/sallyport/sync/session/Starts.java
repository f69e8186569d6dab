package io.sallyport.sync.session;

import io.sallyport.sync.host.Host;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Origin;
import io.sallyport.sync.network.Network.Place;
import io.sallyport.sync.network.Network.Pod;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions.Begun;
import io.sallyport.sync.session.Sessions.OfPod;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.session.Sessions.Request;
import io.sallyport.sync.session.Turns.Concern;
import io.sallyport.sync.session.Turns.Turn;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How networks and sessions begin, each once however often it is asked for. */
final class Starts {
    private static final Logger LOG = LoggerFactory.getLogger(Starts.class);

    private final PolicySource source;
    private final Attachment attachment;
    private final Register networks;
    private final Turns turns;
    private final Ends ends;
    private final Leases leases;
    private final Clock clock;

    Starts(
            PolicySource source,
            Attachment attachment,
            Register networks,
            Turns turns,
            Ends ends,
            Leases leases,
            Clock clock) {
        this.source = source;
        this.attachment = attachment;
        this.networks = networks;
        this.turns = turns;
        this.ends = ends;
        this.leases = leases;
        this.clock = clock;
    }

    Begun attach(@Nullable String id, Place place, @Nullable Origin origin)
            throws Rejected, IOException {
        if (id != null && !Network.isId(id)) {
            throw new Rejected(
                    Rejected.Kind.INVALID,
                    "id",
                    "a network's id is 1 to 40 lower-case letters, digits and dashes, no dash first");
        }
        try (Turn _ = turns.take(Concern.network(id, place))) {
            Optional<Network> there = id == null ? Optional.empty() : networks.get(id);
            if (there.isPresent()) {
                Repeat.check(there.get(), place);
                return new Begun(there.get(), false);
            }
            Places.check(place, networks.all());
            Network network =
                    Network.pending(id == null ? Ids.network() : id, place, Ids.binding(), origin);
            attachment.bring(network);
            return new Begun(network, true);
        }
    }

    Begun start(Request asked) throws Rejected, PolicySource.Refused, IOException {
        check(asked);
        Concern concern = Concern.session(asked.id(), asked.place());
        Optional<String> waiting;
        try (Turn _ = turns.take(concern)) {
            Optional<Begun> there = repeated(asked);
            if (there.isPresent()) {
                return there.get();
            }
            waiting = pending(asked).map(Network::id);
            if (waiting.isEmpty()) {
                Places.check(asked.place(), networks.all());
            }
        }
        // A source that is slow must hold up nobody else, least of all the end of a session.
        Snapshot snapshot = source.pull(asked.org(), asked.agent(), asked.namespace());
        try (Turn _ = turns.take(concern)) {
            Optional<Begun> there = repeated(asked);
            if (there.isPresent()) {
                return there.get();
            }
            checkStillThere(asked, waiting);
            return new Begun(begin(asked, snapshot), true);
        }
    }

    /** While the policy was pulled the sandbox may have gone, and another have its place. */
    private void checkStillThere(Request asked, Optional<String> waiting) throws Rejected {
        boolean same = pending(asked).map(Network::id).equals(waiting);
        if (!same || !Host.hasInterface(asked.place().interfaceName())) {
            throw new Rejected(
                    Rejected.Kind.CONFLICT,
                    "interface",
                    "what is attached to \""
                            + asked.place().interfaceName()
                            + "\" changed while the policy was pulled; start again");
        }
    }

    private static void check(Request asked) throws Rejected {
        if (asked.id() != null && !Session.isId(asked.id())) {
            throw new Rejected(
                    Rejected.Kind.INVALID,
                    "id",
                    "a session's id is 1 to 128 letters, digits and . _ -, a letter or digit first");
        }
        if (asked.lease() != 0
                && (asked.lease() < Leases.SHORTEST || asked.lease() > Leases.LONGEST)) {
            throw new Rejected(
                    Rejected.Kind.INVALID,
                    "lease",
                    "a lease is "
                            + Leases.SHORTEST
                            + " to "
                            + Leases.LONGEST
                            + " seconds; none is 0, or no word of it");
        }
    }

    private Optional<Begun> repeated(Request asked) throws Rejected {
        if (asked.id() == null) {
            return Optional.empty();
        }
        if (ends.has(asked.id())) {
            throw new Rejected(
                    Rejected.Kind.CONFLICT,
                    "id",
                    "session "
                            + asked.id()
                            + " was told to end, and an id is used once; take another");
        }
        Optional<Network> there = networks.withSession(asked.id());
        if (there.isEmpty()) {
            return Optional.empty();
        }
        Network network = there.get();
        Repeat.check(network, Objects.requireNonNull(network.session()), asked);
        return Optional.of(new Begun(network, false));
    }

    /** The pending network at a place, or none if the place is free. */
    private Optional<Network> pending(Request asked) throws Rejected {
        Place place = asked.place();
        Optional<Network> pending = networks.at(place).filter(network -> network.session() == null);
        OfPod pod = asked.pod();
        if (pod != null) {
            requireWaiting(pod, pending);
        }
        return pending;
    }

    private void requireWaiting(OfPod pod, Optional<Network> pending) throws Rejected {
        if (pending.filter(network -> network.id().equals(pod.network())).isEmpty()) {
            throw new Rejected(
                    Rejected.Kind.UNKNOWN,
                    "network",
                    "network " + pod.network() + " does not wait for a session any more");
        }
        Pod whose = pending.get().pod();
        boolean ended = whose != null && whose.uid() != null && ends.hasPod(whose.uid());
        if (ended || !pending.get().kept()) {
            throw new Rejected(
                    Rejected.Kind.CONFLICT,
                    "network",
                    "the session of this pod was ended, and it gets no other; delete the pod and"
                            + " make another");
        }
    }

    private Network begin(Request asked, Snapshot snapshot) throws Rejected, IOException {
        Session session =
                new Session(
                        asked.id() == null ? Ids.session() : asked.id(),
                        asked.org(),
                        asked.agent(),
                        clock.instant().truncatedTo(ChronoUnit.SECONDS),
                        asked.mode(),
                        asked.lease(),
                        snapshot);
        Optional<Network> pending = pending(asked);
        if (pending.isEmpty()) {
            Places.checkFree(asked.place(), networks.all());
        }
        Network bound =
                pending.isPresent()
                        ? pending.get().bind(Ids.binding(), session)
                        : Network.bound(Ids.network(), asked.place(), Ids.binding(), session);
        // Before it can be seen, so that nobody finds it without.
        leases.begin(session);
        try {
            if (pending.isPresent()) {
                attachment.bind(pending.get(), bound);
            } else {
                attachment.bring(bound);
            }
        } catch (Rejected | IOException | RuntimeException e) {
            leases.end(session.id());
            throw e;
        }
        LOG.info(
                "session started session={} org={} interface={} snapshot={}",
                session.id(),
                session.org(),
                asked.place().interfaceName(),
                session.snapshot().digest());
        return bound;
    }
}
