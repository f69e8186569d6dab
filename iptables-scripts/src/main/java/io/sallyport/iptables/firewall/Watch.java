package io.sallyport.iptables.firewall;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Order;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Compares what is in force with what should be, and puts it right. */
final class Watch {
    /** What the kernel counts, by the chain that counts it. */
    private static final Map<String, String> KINDS =
            Map.of(
                    "spoofed", "SPOOF",
                    "unbound", "UNBOUND",
                    "dns_flood", "DNSFLOOD",
                    "dot", "DOT",
                    "never", "NEVER",
                    "unpinned", "UNPIN",
                    "host", "NOHOST",
                    "inbound", "INBOUND",
                    "flow_flood", "FLOOD",
                    "odd", "ODD");

    private final Force force;

    Watch(Force force) {
        this.force = force;
    }

    List<String> faults() {
        List<String> faults = new ArrayList<>(force.rules.faults(force.standing, force.bindings()));
        // Pins are counted before the kernel's are, so that one written meanwhile is no fault.
        Map<String, Long> due = duePins();
        Map<String, Sets.Seen> seen = force.sets.seen();
        force.bindings().forEach(binding -> faults.addAll(force.sets.faults(binding, seen)));
        due.forEach((set, pins) -> {
            Sets.Seen now = seen.get(set);
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
        force.uncut.forEach(block -> faults.add("flows of " + block + " are not cut"));
        return faults;
    }

    private Map<String, Long> duePins() {
        Map<String, Long> due = new TreeMap<>();
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
        boolean damaged = !force.rules.faults(force.standing, force.bindings()).isEmpty();
        force.rules.load();
        repairSets();
        force.apply(Order.CLOSING);
        force.removeForeignSets();
        Set<Block> suspects = new HashSet<>(force.uncut);
        if (damaged) {
            force.bindings().forEach(binding -> suspects.addAll(binding.blocks()));
        }
        force.cut(suspects);
    }

    private void repairSets() {
        Map<String, Long> due = duePins();
        Map<String, Sets.Seen> seen = force.sets.seen();
        List<Binding> broken =
                force.bindings().stream()
                        .filter(binding -> !force.sets.faults(binding, seen).isEmpty())
                        .toList();
        if (!broken.isEmpty()) {
            // A set that was replaced can only go when no rule names it.
            List<Binding> sound =
                    force.bindings().stream().filter(binding -> !broken.contains(binding)).toList();
            force.apply(sound, Order.CLOSING);
            broken.forEach(binding -> force.sets.destroyAny(binding.name()));
            broken.forEach(force.sets::create);
        }
        force.bound.forEach((name, each) -> {
            boolean lost =
                    due.entrySet().stream()
                            .filter(entry ->
                                    Ruleset.bindingOfSet(force.base.id(), entry.getKey())
                                            .filter(name::equals)
                                            .isPresent())
                            .anyMatch(entry ->
                                    Optional.ofNullable(seen.get(entry.getKey()))
                                            .map(now -> now.entries() < entry.getValue())
                                            .orElse(true));
            if (each.pins() != null && (lost || broken.contains(each.binding()))) {
                each.pins().restore();
            }
        });
    }

    Map<String, Long> counters() {
        String counted =
                force.tools.saveCounters(false) + (force.six ? force.tools.saveCounters(true) : "");
        Map<String, Long> counters = new TreeMap<>();
        KINDS.forEach((kind, chain) ->
                counters.put(kind, packets(counted, Ruleset.counting(force.base.id(), chain))));
        return counters;
    }

    /** {@code [packets:octets] -A CHAIN -j …}, the rule that takes what is left. */
    private static long packets(String counted, String chain) {
        return counted.lines()
                .filter(line -> line.startsWith("[") && line.contains("] -A " + chain + " -j "))
                .mapToLong(line -> Long.parseLong(line.substring(1, line.indexOf(':'))))
                .sum();
    }
}
