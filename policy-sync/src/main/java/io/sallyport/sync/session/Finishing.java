package io.sallyport.sync.session;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Place;
import io.sallyport.sync.network.Network.Pod;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.session.Sessions.Report;
import io.sallyport.sync.session.Turns.Concern;
import io.sallyport.sync.session.Turns.Turn;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How sessions and networks end. What is not there has ended. */
final class Finishing {
    private static final Logger LOG = LoggerFactory.getLogger(Finishing.class);

    private final Attachment attachment;
    private final Enforcement enforcement;
    private final Register networks;
    private final Turns turns;
    private final Ends ends;
    private final Leases leases;
    private final Tally tally;

    /** Sessions that the journal has forgotten and the kernel has not. */
    private final Set<String> unfinished = ConcurrentHashMap.newKeySet();

    Finishing(
            Attachment attachment,
            Enforcement enforcement,
            Register networks,
            Turns turns,
            Ends ends,
            Leases leases,
            Tally tally) {
        this.attachment = attachment;
        this.enforcement = enforcement;
        this.networks = networks;
        this.turns = turns;
        this.ends = ends;
        this.leases = leases;
        this.tally = tally;
    }

    /** Those whose end the kernel refused. */
    Set<String> unfinished() {
        return Set.copyOf(unfinished);
    }

    Optional<Report> end(String id) throws Rejected, IOException {
        if (!Session.isId(id)) {
            throw new Rejected(
                    Rejected.Kind.UNKNOWN, "session", "\"" + id + "\" cannot be a session's id");
        }
        while (true) {
            Optional<Network> found = networks.withSession(id);
            Concern concern =
                    found.map(network -> Concern.session(id, network.place()))
                            .orElseGet(() -> Concern.session(id));
            try (Turn _ = turns.take(concern)) {
                Optional<Network> now = networks.withSession(id);
                if (now.isEmpty()) {
                    ends.add(id);
                    return Optional.empty();
                }
                if (found.map(Network::place).equals(now.map(Network::place))) {
                    return Optional.of(end(now.get(), id));
                }
            }
        }
    }

    long endAll(Collection<String> ids) {
        AtomicLong strangers = new AtomicLong();
        Abreast.each(
                ids,
                id -> {
                    try {
                        if (end(id).isPresent()) {
                            LOG.info("session={} ended by order", id);
                        } else {
                            strangers.incrementAndGet();
                        }
                    } catch (Rejected e) {
                        strangers.incrementAndGet();
                    } catch (IOException | RuntimeException e) {
                        LOG.error("session={} was to end: {}", id, e.getMessage());
                    }
                });
        return strangers.get();
    }

    private Report end(Network network, String id) throws IOException {
        rememberPod(network); // first: a kernel that refuses makes it no less an order
        return end(network, id, network.stays());
    }

    /** A pod whose sandbox is made again must not have by that what was taken from it. */
    private void rememberPod(Network network) {
        Pod pod = network.pod();
        if (pod != null && pod.uid() != null) {
            ends.addPod(pod.uid());
        }
    }

    /**
     * @param stays whether the network waits for the next session
     */
    private Report end(Network network, String id, boolean stays) throws IOException {
        ends.add(id); // from here on it ends, whatever dies first
        Report report = lastReport(network);
        tally.ended(network.session(), enforcement.decisions(Attachment.target(network)));
        try {
            if (stays) {
                attachment.unbind(network, network.unbind(Ids.binding()));
            } else {
                attachment.drop(network);
            }
        } catch (FirewallException | IOException e) {
            leases.end(id);
            unfinished.add(id);
            networks.put(network.with("its end is not done yet: " + e.getMessage()));
            throw e;
        }
        unfinished.remove(id);
        leases.end(id);
        LOG.info("session ended session={}", id);
        return report;
    }

    boolean remove(String id) throws IOException {
        while (true) {
            Optional<Network> found = networks.get(id);
            if (found.isEmpty()) {
                return false;
            }
            Place place = found.get().place();
            try (Turn _ = turns.take(Concern.network(id, place))) {
                Optional<Network> now = networks.get(id);
                if (now.isPresent() && now.get().place().equals(place)) {
                    remove(now.get());
                    return true;
                }
            }
        }
    }

    private void remove(Network network) throws IOException {
        Session session = network.session();
        if (session == null) {
            if (!network.kept()) {
                rememberPod(network); // a restart may have come since then
            }
            attachment.drop(network);
        } else {
            var _ = end(network, session.id(), false);
        }
    }

    /** What was refused matters less than the end itself. */
    private Report lastReport(Network network) {
        try {
            return report(network, network.end(), refused(network));
        } catch (FirewallException e) {
            LOG.warn("what network {} was refused is lost: {}", network.id(), e.getMessage());
            return report(network, network.end(), List.of());
        }
    }

    Report report(Network network) {
        return report(network, network, refused(network));
    }

    private List<Firewall.Refused> refused(Network network) {
        return enforcement.refused(Attachment.target(network));
    }

    private Report report(Network network, Network shown, List<Firewall.Refused> addresses) {
        Enforcement.Target target = Attachment.target(network);
        return new Report(
                shown,
                enforcement.deniedNames(target),
                enforcement.observedNames(target),
                addresses);
    }

    boolean detach(String id) throws Rejected, IOException {
        if (!Network.isId(id)) {
            throw new Rejected(
                    Rejected.Kind.UNKNOWN, "network", "\"" + id + "\" cannot be a network's id");
        }
        Optional<Network> found = networks.get(id);
        if (found.isEmpty()) {
            return false;
        }
        try (Turn _ = turns.take(Concern.interfaceOf(found.get()))) {
            Optional<Network> now = networks.get(id);
            if (now.isPresent()) {
                detach(now.get());
            }
            return now.isPresent();
        }
    }

    private void detach(Network network) throws Rejected, IOException {
        Session session = network.session();
        if (session != null) {
            throw new Rejected(
                    Rejected.Kind.CONFLICT,
                    "network",
                    "session "
                            + session.id()
                            + " runs on network "
                            + network.id()
                            + "; end it first");
        }
        Place place = network.place();
        boolean alone =
                networks.all().stream()
                        .filter(other ->
                                other.place().interfaceName().equals(place.interfaceName()))
                        .allMatch(other -> other.id().equals(network.id()));
        attachment.detach(network, alone);
    }
}
