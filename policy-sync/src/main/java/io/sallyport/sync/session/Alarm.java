package io.sallyport.sync.session;

import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.enforcement.Enforcement.Change;
import io.sallyport.sync.enforcement.Enforcement.Terms;
import io.sallyport.sync.enforcement.Enforcement.Ways;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.network.Network.Session;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Emergency denials as they hold for the sessions of a node. What begins, begins {@link #steadily};
 * a list changes {@link #alone}: so no network comes into force by a list that another has taken
 * the place of.
 */
final class Alarm {
    /** Bindings that an earlier run began: by which names their flows came is not known. */
    private final Set<String> restored = ConcurrentHashMap.newKeySet();

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    private volatile Emergencies now = Emergencies.NONE;

    /** What resolver and kernel are known to hold. */
    private Emergencies inForce = Emergencies.NONE;

    /** Whether the kernel refused some of it, which nobody has the addresses of any more. */
    private boolean unfinished;

    /** What an org's sessions were denied, and are. */
    private record Part(Set<Policy.Entry> had, Set<Policy.Entry> has) {}

    Emergencies now() {
        return now;
    }

    /** While the list stays as it is; many at once. */
    void steadily(Runnable work) {
        lock.readLock().lock();
        try {
            work.run();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** While nothing begins. */
    void alone(Runnable work) {
        lock.writeLock().lock();
        try {
            work.run();
        } finally {
            lock.writeLock().unlock();
        }
    }

    Terms terms(Session session) {
        return new Terms(session.snapshot(), session.mode() == Mode.OBSERVE, now.of(session.org()));
    }

    void restored(Network network) {
        restored.add(network.binding());
    }

    /** The list with which a node starts, before anything is restored. */
    void start(Emergencies list) {
        now = list;
        inForce = list;
    }

    /**
     * What the list changes for bound networks, those whose part of it is as before left out. Until
     * {@link #done} says that it was done, it is said again.
     */
    List<Change> change(Emergencies next, Collection<Network> networks) {
        Emergencies before = inForce;
        now = next;
        restored.retainAll(networks.stream().map(Network::binding).toList());
        Map<String, Part> parts = new HashMap<>();
        Within within = new Within();
        List<Change> changes = new ArrayList<>();
        for (Network network : networks) {
            Session session = network.session();
            if (session == null) {
                continue;
            }
            Part part =
                    parts.computeIfAbsent(
                            session.org(),
                            org -> new Part(Set.copyOf(before.of(org)), Set.copyOf(next.of(org))));
            if (unfinished || !part.had().equals(part.has())) {
                changes.add(
                        new Change(
                                Attachment.target(network),
                                terms(session),
                                ways(network, session, part, within)));
            }
        }
        unfinished = true;
        return changes;
    }

    /** All of it is in force. What a restored binding has from now on came by names of this run. */
    void done(List<Change> changes) {
        inForce = now;
        unfinished = false;
        changes.stream()
                .filter(change -> change.ways() == Ways.ALL)
                .forEach(change -> restored.remove(change.target().binding()));
    }

    private Ways ways(Network network, Session session, Part part, Within within) {
        Set<Policy.Entry> fresh = new HashSet<>(part.has());
        fresh.removeAll(part.had());
        if (fresh.isEmpty()) {
            return Ways.KEPT;
        }
        boolean unknown = unfinished || restored.contains(network.binding());
        return unknown && within.mayHaveAllowed(session, fresh) ? Ways.ALL : Ways.OF_THE_NAMES;
    }
}
