package io.sallyport.sync.session;

import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Origin;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions.Restored;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings back what the journal holds, many networks at once. First they are answered: names by
 * their snapshots, addresses by the sets that are still in the kernel. Then their rules are looked
 * at, adopted or put in again, and what the kernel holds beyond the journal is ended.
 */
final class Restoring {
    private static final Logger LOG = LoggerFactory.getLogger(Restoring.class);

    private final Journal journal;
    private final Enforcement enforcement;
    private final Attachment attachment;
    private final Register networks;
    private final Leases leases;
    private final Ends ends;
    private final List<String> problems = Collections.synchronizedList(new ArrayList<>());

    /** Interfaces of entries that are no network: their traffic is to go nowhere. */
    private final Set<String> unusable = ConcurrentHashMap.newKeySet();

    /** Interfaces of all entries, if they are there. */
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    private Entries entries = new Entries();
    private List<Journal.Entry> found = List.of();

    /** By their ids, those that are answered. */
    private Map<String, Network> answered = Map.of();

    Restoring(
            Journal journal,
            Enforcement enforcement,
            Attachment attachment,
            Register networks,
            Leases leases,
            Ends ends) {
        this.journal = journal;
        this.enforcement = enforcement;
        this.attachment = attachment;
        this.networks = networks;
        this.leases = leases;
        this.ends = ends;
    }

    /**
     * Answers for all whose interface is there; what is wrong with the others is said later.
     *
     * @return the interfaces that are to be closed before anything else is known of them
     */
    Set<String> answer() throws IOException {
        Journal.Found all = journal.read();
        problems.addAll(all.setAside());
        ends.restore(all.ended());
        found = all.entries();
        Map<String, Network> whole = new ConcurrentHashMap<>();
        found.parallelStream()
                .forEach(entry ->
                        readable(entry).ifPresent(network -> whole.put(network.id(), network)));
        try {
            attachment.answer(whole.values());
            answered = whole;
        } catch (IllegalArgumentException e) {
            LOG.error("answered when their rules are verified, not before: {}", e.getMessage());
        }
        return Set.copyOf(known);
    }

    private Optional<Network> readable(Journal.Entry entry) {
        try {
            if (!isThere(entry)) {
                return Optional.empty();
            }
            known.add(entry.interfaceName());
            Network network = entries.network(entry);
            Session session = network.session();
            boolean ended = session != null && ends.has(session.id());
            return ended ? Optional.empty() : Optional.of(network);
        } catch (RuntimeException e) {
            known.add(entry.interfaceName()); // also if nobody can say whether it is there
            return Optional.empty();
        }
    }

    private static boolean isThere(Journal.Entry entry) {
        return Host.hasInterface(entry.interfaceName()) && isThere(entry.origin());
    }

    Restored all() {
        Abreast.each(found, this::restore);
        keepClosed();
        List<Network> all = networks.all();
        problems.addAll(enforcement.endStrangers(all.stream().map(Network::binding).toList()));
        int sessions = (int) all.stream().filter(network -> network.session() != null).count();
        entries = new Entries();
        found = List.of(); // each with the text of a policy
        answered = Map.of();
        return new Restored(all.size(), sessions, List.copyOf(problems));
    }

    private void restore(Journal.Entry entry) {
        try {
            Network before = answered.get(entry.network());
            if (before != null) {
                restore(before, true);
            } else if (isThere(entry)) {
                restore(entries.network(entry), false);
            } else {
                journal.delete(entry.network());
                LOG.info(
                        "network {} has ended: its interface {}, or its container's, is gone",
                        entry.network(),
                        entry.interfaceName());
            }
        } catch (FirewallException e) {
            // It is known all the same: its addresses stay taken, it is tried again, can be ended.
            problem(entry, e, "");
        } catch (IllegalArgumentException e) {
            unusable.add(entry.interfaceName());
            problem(entry, e, setAside(entry));
        } catch (IOException | RuntimeException e) {
            unusable.add(entry.interfaceName());
            problem(entry, e, "");
        }
    }

    private void keepClosed() {
        try {
            enforcement.keepClosed(unusable);
        } catch (FirewallException | IllegalArgumentException e) {
            problems.add("interfaces " + unusable + " may be open: " + e.getMessage());
        }
    }

    private static boolean isThere(Journal.@Nullable Origin written) {
        Origin origin = Entries.origin(written);
        return origin == null || !Cables.isGone(origin);
    }

    private void restore(Network network, boolean isAnswered) throws IOException {
        Session session = network.session();
        if (session != null && ends.has(session.id())) {
            finish(network, session);
            return;
        }
        if (session != null) {
            leases.restored(session);
        }
        attachment.beginAgain(network, isAnswered);
    }

    /** The end was on disk, and not more of it: the node died there. */
    private void finish(Network network, Session session) throws IOException {
        LOG.info("session={} was being ended when the node died", session.id());
        if (network.stays()) {
            attachment.unbind(network, network.unbind(Ids.binding()));
        } else {
            attachment.drop(network);
        }
    }

    private String setAside(Journal.Entry entry) {
        try {
            return "; " + journal.setAside(entry.network());
        } catch (IOException e) {
            return "; its journal file cannot be set aside: " + e.getMessage();
        }
    }

    private void problem(Journal.Entry entry, Exception e, String more) {
        problems.add("network " + entry.network() + " stays closed: " + e.getMessage() + more);
    }
}
