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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings back what the journal holds, many networks at once: rules and pins that are still in the
 * kernel are adopted, and what the kernel holds beyond the journal is ended.
 */
final class Restoring {
    private static final Logger LOG = LoggerFactory.getLogger(Restoring.class);

    private final Journal journal;
    private final Enforcement enforcement;
    private final Attachment attachment;
    private final Register networks;
    private final Leases leases;
    private final Ends ends;
    private final Entries entries = new Entries();
    private final List<String> problems = Collections.synchronizedList(new ArrayList<>());

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

    Restored all() throws IOException {
        Journal.Found found = journal.read();
        problems.addAll(found.setAside());
        ends.restore(found.ended());
        Abreast.each(found.entries(), this::restore);
        List<Network> all = networks.all();
        problems.addAll(enforcement.endStrangers(all.stream().map(Network::binding).toList()));
        int sessions = (int) all.stream().filter(network -> network.session() != null).count();
        return new Restored(all.size(), sessions, List.copyOf(problems));
    }

    private void restore(Journal.Entry entry) {
        try {
            if (Host.hasInterface(entry.interfaceName()) && isThere(entry.origin())) {
                restore(entries.network(entry));
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
            problem(entry, e, setAside(entry));
        } catch (IOException | RuntimeException e) {
            problem(entry, e, "");
        }
    }

    private static boolean isThere(Journal.@Nullable Origin written) {
        Origin origin = Entries.origin(written);
        return origin == null || !Cables.isGone(origin);
    }

    private void restore(Network network) throws IOException {
        Session session = network.session();
        if (session != null && ends.has(session.id())) {
            finish(network, session);
            return;
        }
        if (session != null) {
            leases.restored(session);
        }
        attachment.beginAgain(network);
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
