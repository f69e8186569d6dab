package io.sallyport.sync.session;

import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.session.Sessions.Mode;
import io.sallyport.sync.session.Sessions.Network;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.session.Sessions.Session;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a network comes into force: the journal first, then rules and names; a step that fails undoes
 * those before it. Used by one thread at a time.
 */
final class Attachment {
    private static final Logger LOG = LoggerFactory.getLogger(Attachment.class);

    private final Journal journal;
    private final Enforcement enforcement;
    private final Alarm alarm;
    private final Register networks;

    Attachment(Journal journal, Enforcement enforcement, Alarm alarm, Register networks) {
        this.journal = journal;
        this.enforcement = enforcement;
        this.alarm = alarm;
        this.networks = networks;
    }

    void restore(Journal.Entry entry) throws IOException {
        if (!Host.hasInterface(entry.interfaceName())) {
            journal.delete(entry.network());
            LOG.info(
                    "network {} has ended: its interface {} is gone",
                    entry.network(),
                    entry.interfaceName());
            return;
        }
        Network network = Entries.network(entry);
        alarm.restored(network);
        try {
            begin(network);
            networks.put(network);
        } catch (FirewallException e) {
            networks.put(network);
            throw e;
        }
        if (network.session() != null) {
            warnIfObserving(network.session());
        }
    }

    void bring(Network network) throws Rejected, IOException {
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
        networks.put(network);
    }

    private void forget(Network network, Exception cause) {
        try {
            journal.delete(network.id());
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** The journal comes first: where it cannot be written, the pending network is not touched. */
    void rebind(Network pending, Network bound) throws IOException {
        journal.write(Entries.of(bound));
        try {
            enforcement.end(pending.target());
            begin(bound);
        } catch (RuntimeException e) {
            restorePending(pending, e);
            throw e;
        }
        networks.put(bound);
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

    /** A full disk must not keep a session alive: to delete needs no room. */
    void forgetSession(Network pending) throws IOException {
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

    void begin(Network network) {
        Session session = network.session();
        enforcement.begin(network.target(), session == null ? null : alarm.terms(session));
    }

    void warnIfObserving(Session session) {
        if (session.mode() == Mode.OBSERVE) {
            LOG.warn(
                    "session={} org={} OBSERVES: names that its policy does not allow are answered"
                            + " and recorded",
                    session.id(),
                    session.org());
        }
    }
}
