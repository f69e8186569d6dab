package io.sallyport.iptables.firewall;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;

/** Compares what is in force with what should be, and puts it right. */
final class Watch {
    /** Rules that are changed here all the while are looked at with everybody waiting. */
    private static final int LOOKS = 3;

    private static final Duration SETS_GO = Duration.ofSeconds(1);

    private final Force force;
    private final Lock turn;

    Watch(Force force, Lock turn) {
        this.force = force;
        this.turn = turn;
    }

    List<String> faults() {
        lookAtRules();
        return alone(() -> {
            List<String> faults = new ArrayList<>(force.rules.strays());
            faults.addAll(otherFaults());
            return faults;
        });
    }

    /** The rules of a thousand bindings take a second to read: nobody waits for that. */
    private void lookAtRules() {
        for (int look = 0; look < LOOKS; look++) {
            if (alone(force.rules::untouched)) {
                return;
            }
            Rules.Due due = alone(this::due);
            Rules.Look seen = force.rules.look(due);
            if (alone(() -> force.rules.noted(due, seen) || force.rules.postponed())) {
                return;
            }
        }
        boolean _ =
                alone(() -> {
                    Rules.Due due = due();
                    return force.rules.noted(due, force.rules.look(due));
                });
    }

    private <T> T alone(Supplier<T> work) {
        turn.lock();
        try {
            return work.get();
        } finally {
            turn.unlock();
        }
    }

    private Rules.Due due() {
        return force.rules.due(force.standing, force.bindings());
    }

    private List<String> otherFaults() {
        force.sets.sweep();
        List<String> faults = new ArrayList<>();
        // Pins are counted before the kernel's are, so that one written meanwhile is no fault.
        Map<String, Long> due = duePins();
        Map<String, KernelSets.Seen> seen = force.sets.seen();
        force.bound.values().forEach(each -> faults.addAll(Sets.faults(each.sets(), seen)));
        due.forEach((set, pins) -> {
            KernelSets.Seen now = seen.get(set);
            if (now != null && now.entries() < pins) {
                faults.add("set " + set + " has " + now.entries() + " entries of " + pins);
            }
        });
        seen.keySet().stream()
                .filter(set ->
                        Ruleset.bindingOfSet(force.base.id(), set)
                                .filter(force.bound::containsKey)
                                .isEmpty())
                .forEach(set -> faults.add("set " + set + " should not be there"));
        force.sets
                .stuck()
                .forEach(set -> faults.add("set " + set + " does not go: a foreign rule names it"));
        force.uncut.forEach(block -> faults.add("flows of " + block + " are not cut"));
        return faults;
    }

    private Map<String, Long> duePins() {
        Map<String, Long> due = new HashMap<>();
        force.bound
                .values()
                .forEach(each -> {
                    if (each.pins() != null) {
                        due.putAll(each.pins().live());
                    }
                });
        return due;
    }

    void repair() {
        force.rules.load();
        repairSets();
        force.apply(Order.CLOSING);
        force.removeForeignSets();
        Set<Block> suspects = new HashSet<>(force.uncut);
        if (!force.rules.strays().isEmpty()) {
            force.bindings().forEach(binding -> suspects.addAll(binding.blocks()));
        }
        force.cut(suspects);
        force.rules.forgetStrays();
    }

    private void repairSets() {
        Map<String, Long> due = duePins();
        Map<String, KernelSets.Seen> seen = force.sets.seen();
        List<Force.Bound> broken =
                force.bound.values().stream()
                        .filter(each -> !Sets.faults(each.sets(), seen).isEmpty())
                        .toList();
        if (!broken.isEmpty()) {
            // A set that was replaced can only go when no rule names it.
            List<Binding> sound =
                    force.bound.values().stream()
                            .filter(each -> !broken.contains(each))
                            .map(Force.Bound::binding)
                            .toList();
            force.apply(sound, Order.CLOSING);
            broken.forEach(each -> force.sets.dropAny(each.binding().name()));
            force.sets.sweepAll(SETS_GO);
            broken.forEach(each -> force.sets.create(each.sets()));
        }
        force.bound.forEach((_, each) -> {
            PinBook pins = each.pins();
            if (pins != null && (broken.contains(each) || lost(pins, due, seen))) {
                pins.restore();
            }
        });
    }

    private static boolean lost(
            PinBook pins, Map<String, Long> due, Map<String, KernelSets.Seen> seen) {
        return pins.sets().stream()
                .anyMatch(set -> {
                    KernelSets.Seen now = seen.get(set);
                    return now == null || now.entries() < due.getOrDefault(set, 0L);
                });
    }
}
