package io.sallyport.iptables.firewall;

import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Binding;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the pins of one binding go. An address with the ports that all of them open is one entry;
 * one that opens other ports is an entry for each of them, in another set. Of a family in which the
 * binding has no address there are none: its packets go nowhere.
 */
final class PinSets {
    private final Binding binding;
    private final String[] names;
    private final Set<String> present;

    PinSets(String id, Binding binding) {
        this.binding = binding;
        this.names =
                new String[] {
                    Ruleset.pinSet(id, binding.name(), false),
                    Ruleset.pinSet(id, binding.name(), true),
                    Ruleset.ownPortsSet(id, binding.name(), false),
                    Ruleset.ownPortsSet(id, binding.name(), true)
                };
        this.present = binding.sets();
    }

    boolean hasFamily(boolean six) {
        return binding.has(six);
    }

    String name(boolean six, boolean ownPorts) {
        return names[(six ? 1 : 0) + (ownPorts ? 2 : 0)];
    }

    boolean has(boolean six, boolean ownPorts) {
        return present.contains(name(six, ownPorts));
    }

    List<String> all() {
        return Stream.of(names).filter(present::contains).toList();
    }
}
