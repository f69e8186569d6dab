package io.sallyport.sync.session;

import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.enforcement.Enforcement.Terms;
import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions.Rejected;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a network's life: the journal first, then rules and names, the register last; a step
 * that fails undoes those before it, and itself: a journal that could not be written may have been
 * all the same. Whoever calls has the network's turn.
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

    static Enforcement.Target target(Network network) {
        // Whoever made the interface also takes care of the sandbox's way to the world behind
        // this host.
        return new Enforcement.Target(
                network.id(),
                network.binding(),
                network.place().interfaceName(),
                network.place().addresses(),
                false);
    }

    /** A network that was not there. */
    void bring(Network network) throws Rejected, IOException {
        try {
            journal.write(Entries.of(network));
            begin(network);
        } catch (IllegalArgumentException e) {
            Rejected rejected =
                    new Rejected(
                            Rejected.Kind.INVALID, "addresses", String.valueOf(e.getMessage()));
            rejected.initCause(e);
            forget(network, rejected);
            throw rejected;
        } catch (IOException | RuntimeException e) {
            forget(network, e);
            throw e;
        }
    }

    private void forget(Network network, Exception cause) {
        try {
            journal.delete(network.id());
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** The journal comes first: where it cannot be written, the pending network stays in force. */
    void bind(Network pending, Network bound) throws IOException {
        try {
            journal.write(Entries.of(bound));
            begin(bound);
        } catch (IOException | RuntimeException e) {
            putBack(pending, e);
            throw e;
        }
    }

    /**
     * After a failed start: the pending network is there again. If its rules do not go in either it
     * is closed until they do.
     */
    private void putBack(Network pending, Exception cause) {
        if (!written(pending, cause)) {
            forget(pending, cause); // else a restart would start what was refused
            var _ = written(pending, cause); // there is room for it now
        }
        beginOrClose(pending, cause);
    }

    private boolean written(Network network, Exception cause) {
        try {
            journal.write(Entries.of(network));
            return true;
        } catch (IOException e) {
            cause.addSuppressed(e);
            return false;
        }
    }

    /** A full disk must not keep a session alive: to delete needs no room. */
    void unbind(Network bound, Network pending) throws IOException {
        try {
            journal.write(Entries.of(pending));
        } catch (IOException e) {
            LOG.warn(
                    "network {} is pending until the next start and closed after it: {}",
                    pending.id(),
                    e.getMessage());
            forgetAndEnd(bound);
            beginOrClose(pending, null);
            return;
        }
        enforcement.suspend(target(bound));
        beginOrClose(pending, null);
    }

    private void beginOrClose(Network pending, @Nullable Exception cause) {
        try {
            begin(pending);
        } catch (RuntimeException e) {
            LOG.error("network {} is closed: {}", pending.id(), e.getMessage());
            networks.put(pending.with(String.valueOf(e.getMessage())));
            if (cause != null) {
                cause.addSuppressed(e);
            }
        }
    }

    /** A disk that takes nothing does not keep a way open. */
    private void forgetAndEnd(Network network) throws IOException {
        try {
            journal.delete(network.id());
        } finally {
            enforcement.end(target(network));
        }
    }

    /** The last in the register: a kernel that refuses leaves something that can be ended again. */
    void drop(Network network) throws IOException {
        forgetAndEnd(network);
        networks.remove(network.id());
    }

    /**
     * @param alone whether nothing else is on its interface, which then is the host's affair again
     */
    void detach(Network network, boolean alone) throws IOException {
        forgetAndEnd(network);
        if (alone) {
            enforcement.release(network.place().interfaceName());
        }
        networks.remove(network.id());
    }

    /** Puts a network in force, as whatever emergency list holds then wants it. */
    void begin(Network network) {
        begin(network, enforcement::begin);
    }

    private void begin(Network network, BiConsumer<Enforcement.Target, @Nullable Terms> how) {
        alarm.steadily(() -> {
            how.accept(target(network), terms(network));
            networks.put(network.with(null));
        });
        Session session = network.session();
        if (session != null && session.mode() == Mode.OBSERVE) {
            LOG.warn(
                    "session={} org={} OBSERVES: names that its policy does not allow are answered"
                            + " and recorded",
                    session.id(),
                    session.org());
        }
    }

    private @Nullable Terms terms(Network network) {
        Session session = network.session();
        return session == null ? null : alarm.terms(session);
    }

    /**
     * Networks of an earlier run are answered from now on; {@link #beginAgain} follows for each.
     *
     * @throws IllegalArgumentException if they cannot be together; then none is answered
     */
    void answer(Collection<Network> earlier) {
        alarm.steadily(() -> {
            Map<Enforcement.Target, Optional<Terms>> bindings = new LinkedHashMap<>();
            earlier.forEach(
                    network -> bindings.put(target(network), Optional.ofNullable(terms(network))));
            enforcement.promise(bindings);
        });
    }

    /**
     * A network of an earlier run.
     *
     * @param answered whether it is, already
     * @throws FirewallException if its rules do not go in; it is known all the same, and closed
     */
    void beginAgain(Network network, boolean answered) {
        alarm.restored(network);
        try {
            begin(network, answered ? enforcement::keep : enforcement::begin);
        } catch (FirewallException e) {
            networks.put(network.with(String.valueOf(e.getMessage())));
            throw e;
        }
    }
}
