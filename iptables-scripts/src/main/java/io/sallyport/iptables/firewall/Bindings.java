package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools.ToolException;
import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Network;
import io.sallyport.iptables.firewall.Firewall.Pins;
import io.sallyport.iptables.firewall.Firewall.Script;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.firewall.Force.Bound;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Opening;
import io.sallyport.iptables.script.Ruleset.Order;
import io.sallyport.iptables.script.Ruleset.Reach;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** How a binding opens and ends, and how those of an earlier run are taken over. */
final class Bindings {

    private static final long NANOS = 1_000_000_000;

    private final Force force;

    Bindings(Force force) {
        this.force = force;
    }

    /** Takes over what is whole in the kernel, closes and removes what is not. */
    void adopt() {
        force.rules.load();
        Set<String> present = interfaces();
        force.rules.standing().stream().filter(present::contains).forEach(force.standing::add);
        Map<String, Sets.Seen> seen = force.sets.seen();
        for (Binding binding : force.rules.bindings()) {
            if (force.sets.faults(binding, seen).isEmpty()) {
                force.bound.put(binding.name(), new Bound(binding, null, List.of()));
                force.standing.add(binding.interfaceName());
            }
        }
        force.apply(Order.CLOSING);
        force.removeForeignSets();
    }

    /**
     * Interfaces that are gone need no standing drop: without this every sandbox that ever was
     * would leave one. Rules change with whatever is applied next.
     */
    private void forgetAbsent() {
        Set<String> kept = new TreeSet<>(interfaces());
        force.bindings().forEach(binding -> kept.add(binding.interfaceName()));
        force.standing.retainAll(kept);
    }

    private Set<String> interfaces() {
        return force.tools
                .read("/proc/self/net/dev")
                .lines()
                .filter(line -> line.contains(":"))
                .map(line -> line.substring(0, line.indexOf(':')).strip())
                .collect(Collectors.toSet());
    }

    Pins bind(Network network, Access access) {
        Binding wanted =
                Binding.of(
                        force.base,
                        network.binding(),
                        network.interfaceName(),
                        network.addresses().stream().map(Subnet::block).toList(),
                        network.masquerade(),
                        opening(access),
                        force.six);
        requireFree(wanted);
        Bound present = force.bound.get(wanted.name());
        if (present != null && present.binding().equals(wanted) && inForce(wanted)) {
            PinBook pins = present.pins() == null ? pins(wanted, access) : present.pins();
            List<Script> scripts =
                    present.scripts().isEmpty()
                            ? scripts(wanted, force.rules.alone(wanted))
                            : present.scripts();
            force.bound.put(wanted.name(), new Bound(wanted, pins, scripts));
            return pins;
        }
        rivals(wanted).forEach(this::end);
        forgetAbsent();
        if (force.standing.add(wanted.interfaceName())
                && !force.base.covers(wanted.interfaceName())) {
            force.apply(Order.CLOSING);
        }
        force.cut(wanted.blocks());
        PinBook pins = pins(wanted, access);
        try {
            force.sets.create(wanted);
            force.bound.put(wanted.name(), new Bound(wanted, pins, List.of()));
            List<Script> scripts = scripts(wanted, force.apply(Order.OPENING));
            force.bound.put(wanted.name(), new Bound(wanted, pins, scripts));
            return pins;
        } catch (RuntimeException e) {
            takeBack(wanted, pins, e);
            throw e;
        }
    }

    private void takeBack(Binding wanted, PinBook pins, RuntimeException reason) {
        pins.close();
        force.bound.remove(wanted.name());
        try {
            force.apply(Order.CLOSING);
            force.sets.destroyAny(wanted.name());
        } catch (ToolException e) {
            reason.addSuppressed(e);
        }
    }

    /**
     * The binding itself in another shape, and whoever holds one of its addresses on the same
     * interface.
     */
    private List<String> rivals(Binding wanted) {
        return force.bound.values().stream()
                .map(Bound::binding)
                .filter(other -> other.name().equals(wanted.name()) || overlap(other, wanted))
                .map(Binding::name)
                .toList();
    }

    private void requireFree(Binding wanted) {
        for (Bound each : force.bound.values()) {
            Binding other = each.binding();
            boolean same =
                    other.name().equals(wanted.name())
                            || (other.interfaceName().equals(wanted.interfaceName())
                                    && other.blocks().equals(wanted.blocks()));
            Firewall.require(
                    same || !overlap(other, wanted),
                    "binding "
                            + wanted.name()
                            + " wants addresses that binding "
                            + other.name()
                            + " has on "
                            + other.interfaceName()
                            + "; end that one first");
        }
        for (Block block : wanted.blocks()) {
            Firewall.require(
                    !block.contains(force.base.dns4()) && !block.contains(force.base.dns6()),
                    block + " cannot be a sandbox's: the resolver's own address is in it");
        }
    }

    private static boolean overlap(Binding one, Binding other) {
        return one.blocks().stream()
                .anyMatch(block -> other.blocks().stream().anyMatch(block::overlaps));
    }

    private boolean inForce(Binding binding) {
        return force.sets.faults(binding, force.sets.seen()).isEmpty();
    }

    private PinBook pins(Binding binding, Access access) {
        return new PinBook(
                force.netlink,
                force.together,
                new PinSets(force.base.id(), binding),
                access,
                () -> System.nanoTime() / NANOS);
    }

    private List<Script> scripts(Binding binding, List<Script> applied) {
        List<Script> scripts = new ArrayList<>();
        scripts.add(new Script("ipset -exist restore", force.sets.script(binding)));
        scripts.addAll(applied);
        return List.copyOf(scripts);
    }

    private static Opening opening(Access access) {
        Reach reach =
                switch (access.reach()) {
                    case NOTHING -> Reach.NOTHING;
                    case PINNED -> Reach.PINNED;
                    case PUBLIC -> Reach.PUBLIC;
                };
        List<Block> internal = access.internal().stream().map(Subnet::block).toList();
        return new Opening(reach, access.ports(), access.otherPorts(), internal);
    }

    void end(String binding) {
        Bound ended = force.bound.remove(binding);
        if (ended == null) {
            force.sets.destroyAny(binding);
            return;
        }
        if (ended.pins() != null) {
            ended.pins().close();
        }
        force.uncut.addAll(ended.binding().blocks());
        force.apply(Order.CLOSING);
        force.cut(ended.binding().blocks());
        force.sets.destroy(ended.binding());
    }

    void release(String interfaceName) {
        force.bindings().stream()
                .filter(binding -> binding.interfaceName().equals(interfaceName))
                .map(Binding::name)
                .forEach(this::end);
        force.standing.remove(interfaceName);
        force.apply(Order.CLOSING);
    }

    List<Script> scripts(String binding) {
        Bound each = force.bound.get(binding);
        if (each == null) {
            return List.of();
        }
        return each.scripts().isEmpty() ? alone(each.binding()) : each.scripts();
    }

    private List<Script> alone(Binding binding) {
        return scripts(binding, force.rules.alone(binding));
    }
}
