package io.sallyport.iptables.firewall;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Reach;
import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Binding;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the pins of one binding go. An address with the ports that all of them open is one entry;
 * one that opens other ports is an entry for each of them, in another set. Of a family in which the
 * binding has no address there are none: its packets go nowhere.
 */
final class PinSets {
    private final boolean four;
    private final boolean six;
    private final String[] names;
    private final Set<String> present;

    /** Those that the rules of a binding ask. */
    PinSets(String id, Binding binding) {
        this(names(id, binding.name()), binding.has(false), binding.has(true), binding.sets());
    }

    /** Those that its rules will ask, before they are rendered. */
    PinSets(
            String id,
            String binding,
            Collection<Block> blocks,
            boolean kernelHasSix,
            Access access) {
        this(
                names(id, binding),
                blocks.stream().anyMatch(block -> !block.six()),
                kernelHasSix && blocks.stream().anyMatch(Block::six),
                access);
    }

    private PinSets(String[] names, boolean four, boolean six, Access access) {
        this(names, four, six, asked(names, four, six, access));
    }

    private PinSets(String[] names, boolean four, boolean six, Set<String> present) {
        this.names = names;
        this.four = four;
        this.six = six;
        this.present = Set.copyOf(present);
    }

    private static String[] names(String id, String binding) {
        return new String[] {
            Ruleset.pinSet(id, binding, false),
            Ruleset.pinSet(id, binding, true),
            Ruleset.ownPortsSet(id, binding, false),
            Ruleset.ownPortsSet(id, binding, true)
        };
    }

    private static Set<String> asked(String[] names, boolean four, boolean six, Access access) {
        Set<String> asked = new HashSet<>();
        for (int i = 0; i < names.length && access.reach() != Reach.NOTHING; i++) {
            boolean family = i % 2 == 0 ? four : six;
            boolean some = i < 2 ? !access.ports().isEmpty() : access.otherPorts();
            if (family && some) {
                asked.add(names[i]);
            }
        }
        return asked;
    }

    boolean hasFamily(boolean v6) {
        return v6 ? six : four;
    }

    String name(boolean v6, boolean ownPorts) {
        return names[(v6 ? 1 : 0) + (ownPorts ? 2 : 0)];
    }

    boolean has(boolean v6, boolean ownPorts) {
        return present.contains(name(v6, ownPorts));
    }

    List<String> all() {
        return Stream.of(names).filter(present::contains).toList();
    }
}
