package io.sallyport.sync.session;

import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.session.Turns.Concern;
import io.sallyport.sync.session.Turns.Turn;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks after sessions that nobody else looks after. One thread's, which several help. */
final class Care {
    private static final Logger LOG = LoggerFactory.getLogger(Care.class);

    /** A kernel that refuses does so for a while, and each try costs it milliseconds. */
    private static final int LOOKS_BETWEEN_TRIES = 5;

    private final Attachment attachment;
    private final Finishing finishing;
    private final Register networks;
    private final Turns turns;
    private final Leases leases;
    private final Set<String> overdue = new HashSet<>();
    private final Map<String, String> refusals = new ConcurrentHashMap<>();
    private final AtomicLong expired = new AtomicLong();
    private int looks;

    Care(
            Attachment attachment,
            Finishing finishing,
            Register networks,
            Turns turns,
            Leases leases) {
        this.attachment = attachment;
        this.finishing = finishing;
        this.networks = networks;
        this.turns = turns;
        this.leases = leases;
    }

    long expired() {
        return expired.get();
    }

    void look(Consumer<Network> told) {
        for (String session : leases.expire()) {
            networks.withSession(session).ifPresent(network -> expire(session, network, told));
        }
        Abreast.each(orphans(), this::remove);
        overdue.removeIf(session -> networks.withSession(session).isEmpty());
        Set<String> ending = new HashSet<>(overdue);
        ending.addAll(finishing.unfinished());
        refusals.keySet().retainAll(ending);
        Abreast.each(ending, this::end);
        if (looks++ % LOOKS_BETWEEN_TRIES == 0) {
            Abreast.each(closed(ending), this::open);
        }
    }

    private void expire(String session, Network network, Consumer<Network> told) {
        LOG.warn(
                "session={} network={} ends: no heartbeat came within its lease",
                session,
                network.id());
        expired.incrementAndGet();
        overdue.add(session);
        told.accept(network);
    }

    /** One that cannot be ended now is ended later; logged once a change, not each time. */
    private void end(String session) {
        try {
            var _ = finishing.end(session);
        } catch (Rejected | IOException | RuntimeException e) {
            String reason = String.valueOf(e.getMessage());
            if (!reason.equals(refusals.put(session, reason))) {
                LOG.error("session={} is to end: {}", session, reason);
            }
        }
    }

    /** Networks whose container is gone: nobody told us of its end, or nobody could. */
    private List<Network> orphans() {
        try {
            return networks.all().stream()
                    .filter(network -> network.origin() != null && Cables.isGone(network.origin()))
                    .toList();
        } catch (IllegalStateException e) {
            LOG.error("whether containers are still there cannot be told: {}", e.getMessage());
            return List.of();
        }
    }

    private void remove(Network network) {
        try {
            if (finishing.remove(network.id())) {
                LOG.warn("network {} has ended: its container's interface is gone", network.id());
            }
        } catch (IOException | RuntimeException e) {
            tell(network, String.valueOf(e.getMessage()));
        }
    }

    private List<Network> closed(Set<String> ending) {
        return networks.all().stream()
                .filter(network -> network.fault() != null)
                .filter(network ->
                        network.session() == null || !ending.contains(network.session().id()))
                .toList();
    }

    private void open(Network seen) {
        try (Turn _ = turns.take(Concern.network(seen.id(), seen.place()))) {
            Optional<Network> now = networks.get(seen.id()).filter(seen::equals);
            if (now.isPresent() && Host.hasInterface(seen.place().interfaceName())) {
                openAgain(seen);
            }
        }
    }

    private void openAgain(Network network) {
        try {
            attachment.begin(network);
            LOG.info("network {} is in force again", network.id());
        } catch (FirewallException | IllegalArgumentException e) {
            tell(network, String.valueOf(e.getMessage()));
        }
    }

    /** Logged once a change, not each time. */
    private void tell(Network network, String fault) {
        if (!fault.equals(network.fault())) {
            LOG.error("network {} stays closed: {}", network.id(), fault);
            networks.put(network.with(fault));
        }
    }
}
