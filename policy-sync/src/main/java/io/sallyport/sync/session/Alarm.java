package io.sallyport.sync.session;

import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.enforcement.Enforcement.Change;
import io.sallyport.sync.enforcement.Enforcement.Terms;
import io.sallyport.sync.enforcement.Enforcement.Ways;
import io.sallyport.sync.session.Sessions.Network;
import io.sallyport.sync.session.Sessions.Session;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Emergency denials as they hold for the sessions of a node. Used by one thread at a time. */
final class Alarm {
    /** The longest pin: an answer's 300 s, 60 s more, and what the firewall adds. */
    private static final Duration LONGEST_PIN = Duration.ofSeconds(400);

    private final Clock clock;

    /** Bindings that an earlier run began: by which names their flows came is not known. */
    private final Map<String, Instant> restored = new HashMap<>();

    private Emergencies now = Emergencies.NONE;

    /** What resolver and kernel are known to hold. */
    private Emergencies inForce = Emergencies.NONE;

    Alarm(Clock clock) {
        this.clock = clock;
    }

    Emergencies now() {
        return now;
    }

    Terms terms(Session session) {
        return new Terms(
                session.snapshot(), session.mode() == Sessions.Mode.OBSERVE, now.of(session.org()));
    }

    void restored(Network network) {
        restored.put(network.binding(), clock.instant());
    }

    /** The list with which a node starts, before anything is restored. */
    void start(Emergencies list) {
        now = list;
        inForce = list;
    }

    /** What the list changes for bound networks, those whose part of it is as before left out. */
    List<Change> change(Emergencies next, Collection<Network> networks) {
        Emergencies before = inForce;
        now = next;
        restored.keySet().retainAll(networks.stream().map(Network::binding).toList());
        List<Change> changes = new ArrayList<>();
        for (Network network : networks) {
            Session session = network.session();
            if (session == null) {
                continue;
            }
            Set<Policy.Entry> had = new HashSet<>(before.of(session.org()));
            List<Policy.Entry> has = next.of(session.org());
            if (!had.equals(new HashSet<>(has))) {
                Ways ways = had.containsAll(has) ? Ways.KEPT : ways(network);
                changes.add(new Enforcement.Change(network.target(), terms(session), ways));
            }
        }
        return changes;
    }

    /** All that {@link #change} said has been done; until then it is said again. */
    void done() {
        inForce = now;
    }

    private Ways ways(Network network) {
        Instant since = restored.get(network.binding());
        if (since == null) {
            return Ways.OF_THE_NAMES;
        }
        return since.plus(LONGEST_PIN).isAfter(clock.instant()) ? Ways.ALL : Ways.ALL_FLOWS;
    }
}
