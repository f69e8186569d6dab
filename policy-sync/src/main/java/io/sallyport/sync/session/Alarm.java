package io.sallyport.sync.session;

import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.enforcement.Enforcement.Change;
import io.sallyport.sync.enforcement.Enforcement.Terms;
import io.sallyport.sync.enforcement.Enforcement.Ways;
import io.sallyport.sync.session.Sessions.Network;
import io.sallyport.sync.session.Sessions.Session;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Emergency denials as they hold for the sessions of a node. Used by one thread at a time. */
final class Alarm {
    /** Bindings that an earlier run began: by which names their flows came is not known. */
    private final Set<String> restored = new HashSet<>();

    private Emergencies now = Emergencies.NONE;

    /** What resolver and kernel are known to hold. */
    private Emergencies inForce = Emergencies.NONE;

    /** Whether the kernel refused some of it, which nobody has the addresses of any more. */
    private boolean unfinished;

    /** What an org's sessions were denied, and are. */
    private record Part(Set<Policy.Entry> had, Set<Policy.Entry> has) {}

    Emergencies now() {
        return now;
    }

    Terms terms(Session session) {
        return new Terms(
                session.snapshot(), session.mode() == Sessions.Mode.OBSERVE, now.of(session.org()));
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
                Ways ways = part.had().containsAll(part.has()) ? Ways.KEPT : ways(network);
                changes.add(new Enforcement.Change(network.target(), terms(session), ways));
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

    private Ways ways(Network network) {
        return unfinished || restored.contains(network.binding()) ? Ways.ALL : Ways.OF_THE_NAMES;
    }
}
