package io.sallyport.iptables.firewall;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Network;
import io.sallyport.iptables.firewall.Firewall.Script;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.firewall.Force.Bound;
import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Opening;
import io.sallyport.iptables.script.Ruleset.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * How bindings open and end, several at a time, and how those of an earlier run are taken over.
 * Used by one thread at a time.
 */
final class Bindings {

    private final Force force;

    /** Pins of bindings that an earlier run left, written before anything else of them is known. */
    private final Map<String, Promise> promises = new ConcurrentHashMap<>();

    private boolean adopted;

    private record Promise(Set<Block> blocks, Access access, PinBook pins) {}

    Bindings(Force force) {
        this.force = force;
    }

    /** A binding as it is asked for, rendered: by any thread. */
    Turns.Begin asked(Network network, Access access) {
        Ruleset.Reach reach =
                switch (access.reach()) {
                    case NOTHING -> Ruleset.Reach.NOTHING;
                    case PINNED -> Ruleset.Reach.PINNED;
                    case PUBLIC -> Ruleset.Reach.PUBLIC;
                };
        Binding wanted =
                Binding.of(
                        force.base,
                        network.binding(),
                        network.interfaceName(),
                        blocks(network.addresses()),
                        network.masquerade(),
                        new Opening(
                                reach,
                                access.ports(),
                                access.otherPorts(),
                                blocks(access.internal())),
                        force.six);
        return new Turns.Begin(wanted, access);
    }

    /**
     * By any thread. Renders no rules: those of hundreds of bindings would keep the first answer of
     * a restart waiting for a third of a second.
     */
    PinBook promise(Network network, Access access) {
        Set<Block> blocks = Set.copyOf(blocks(network.addresses()));
        PinSets sets = new PinSets(force.base.id(), network.binding(), blocks, force.six, access);
        PinBook pins = new PinBook(force, sets, access);
        promises.put(network.binding(), new Promise(blocks, access, pins));
        return pins;
    }

    private static List<Block> blocks(List<Subnet> subnets) {
        return subnets.stream().map(Subnet::block).toList();
    }

    /** Takes over what is whole in the kernel, closes and removes what is not. */
    void adopt(Collection<String> closed) {
        if (!adopted) {
            force.begin(() -> adoptWhatIsWhole(closed));
            adopted = true;
        }
    }

    boolean haveSets() {
        return force.sets.areThere();
    }

    private void adoptWhatIsWhole(Collection<String> closed) {
        force.standing.addAll(force.rules.standing());
        force.standing.addAll(closed);
        force.standing.retainAll(interfaces());
        Map<String, KernelSets.Seen> seen = force.sets.seen();
        for (Binding binding : force.rules.bindings()) {
            Set<String> sets = binding.sets();
            if (Sets.faults(sets, seen).isEmpty()) {
                force.bound.put(binding.name(), new Bound(binding, sets, null));
                force.standing.add(binding.interfaceName());
            }
        }
        if (!force.bound.isEmpty()) {
            force.rules.noteUnhooked();
        }
        boolean whole =
                force.apply(Order.CLOSING).stream().allMatch(script -> script.text().isEmpty());
        if (whole) {
            force.rules.soundAsLoaded();
        }
        force.removeForeignSets();
    }

    /**
     * Interfaces that are gone need no standing drop: without this every sandbox that ever was
     * would leave one. Rules change with whatever is applied next.
     */
    private void forgetAbsent() {
        Set<String> kept = new TreeSet<>();
        force.bound.values().forEach(each -> kept.add(each.binding().interfaceName()));
        if (!kept.containsAll(force.standing)) {
            kept.addAll(interfaces());
            force.standing.retainAll(kept);
        }
    }

    private Set<String> interfaces() {
        return force.tools
                .read("/proc/self/net/dev")
                .lines()
                .filter(line -> line.contains(":"))
                .map(line -> line.substring(0, line.indexOf(':')).strip())
                .collect(Collectors.toSet());
    }

    /**
     * Ends and opens bindings: what ends is closed first, then flows are cut in one walk, sets are
     * made, and what begins goes in. Each that is asked for in vain learns why; if the kernel
     * refuses, all that were to begin are taken back.
     *
     * @throws RuntimeException if the kernel refuses
     */
    void serve(List<Turns.Begin> begins, List<Turns.End> ends) {
        List<Bound> ended = new ArrayList<>();
        ends.forEach(end -> remove(end.binding(), ended));
        List<Turns.Begin> opening = new ArrayList<>();
        for (Turns.Begin begin : begins) {
            if (!present(begin) && accepted(begin, opening)) {
                rivals(begin.wanted()).forEach(name -> remove(name, ended));
                opening.add(begin);
            }
        }
        Set<Block> flows = new HashSet<>();
        ended.forEach(each -> flows.addAll(each.binding().blocks()));
        force.uncut.addAll(flows);
        boolean closing = !ends.isEmpty() || !ended.isEmpty();
        if (!opening.isEmpty()) {
            forgetAbsent();
        }
        for (Turns.Begin begin : opening) {
            flows.addAll(begin.wanted().blocks());
            String interfaceName = begin.wanted().interfaceName();
            closing |= force.standing.add(interfaceName) && !force.base.covers(interfaceName);
        }
        if (closing) {
            force.apply(Order.CLOSING);
        }
        Force.Cut cut = force.cutBeside(flows);
        try {
            ended.forEach(each -> force.sets.drop(each.sets()));
            ends.stream()
                    .filter(end ->
                            ended.stream()
                                    .noneMatch(each -> each.binding().name().equals(end.binding())))
                    .forEach(end -> force.sets.dropAny(end.binding()));
            if (!opening.isEmpty()) {
                open(opening, cut);
            }
        } finally {
            cut.finish();
        }
        force.sets.sweep();
    }

    private void remove(String name, List<Bound> ended) {
        Bound bound = force.bound.remove(name);
        if (bound != null) {
            ended.add(bound);
            if (bound.pins() != null) {
                bound.pins().close();
            }
        }
    }

    private void open(List<Turns.Begin> opening, Force.Cut cut) {
        List<Bound> begun = new ArrayList<>();
        try {
            for (Turns.Begin begin : opening) {
                Binding wanted = begin.wanted();
                PinBook pins = pins(wanted, begin.access());
                Bound bound = new Bound(wanted, wanted.sets(), pins);
                begun.add(bound);
                force.sets.create(bound.sets());
                pins.restore(); // what was promised went into sets that may have been others
                force.bound.put(wanted.name(), bound);
            }
            force.open(cut);
            for (int i = 0; i < begun.size(); i++) {
                opening.get(i).begun(begun.get(i).pins());
            }
        } catch (RuntimeException e) {
            takeBack(begun, e);
            throw e;
        }
    }

    private void takeBack(List<Bound> begun, RuntimeException reason) {
        begun.forEach(each -> remove(each.binding().name(), new ArrayList<>()));
        try {
            force.apply(Order.CLOSING);
            begun.forEach(each -> force.sets.dropAny(each.binding().name()));
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    /** In force already: by this run, or adopted from an earlier one, which looked at its sets. */
    private boolean present(Turns.Begin begin) {
        Bound present = force.bound.get(begin.wanted().name());
        if (present == null || !present.binding().equals(begin.wanted())) {
            return false;
        }
        PinBook pins =
                present.pins() == null ? pins(begin.wanted(), begin.access()) : present.pins();
        force.bound.put(begin.wanted().name(), new Bound(begin.wanted(), present.sets(), pins));
        begin.begun(pins);
        return true;
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

    private boolean accepted(Turns.Begin begin, List<Turns.Begin> before) {
        try {
            requireFree(begin.wanted(), before.stream().map(Turns.Begin::wanted).toList());
            return true;
        } catch (IllegalArgumentException e) {
            begin.failed(e);
            return false;
        }
    }

    private void requireFree(Binding wanted, Collection<Binding> sameTurn) {
        for (Binding other : sameTurn) {
            Firewall.require(
                    !other.name().equals(wanted.name()) && !overlap(other, wanted),
                    taken(wanted, other));
        }
        for (Bound each : force.bound.values()) {
            Binding other = each.binding();
            boolean same =
                    other.name().equals(wanted.name())
                            || (other.interfaceName().equals(wanted.interfaceName())
                                    && other.blocks().equals(wanted.blocks()));
            Firewall.require(same || !overlap(other, wanted), taken(wanted, other));
        }
        for (Block block : wanted.blocks()) {
            Firewall.require(
                    !block.contains(force.base.dns4()) && !block.contains(force.base.dns6()),
                    block + " cannot be a sandbox's: the resolver's own address is in it");
        }
    }

    private static String taken(Binding wanted, Binding other) {
        return "binding "
                + wanted.name()
                + " wants addresses that binding "
                + other.name()
                + " has on "
                + other.interfaceName()
                + "; end that one first";
    }

    private static boolean overlap(Binding one, Binding other) {
        return one.blocks().stream()
                .anyMatch(block -> other.blocks().stream().anyMatch(block::overlaps));
    }

    private PinBook pins(Binding binding, Access access) {
        Promise promise = promises.remove(binding.name());
        if (promise != null
                && promise.blocks().equals(binding.blocks())
                && promise.access().equals(access)) {
            return promise.pins();
        }
        if (promise != null) {
            promise.pins().close();
        }
        return new PinBook(force, new PinSets(force.base.id(), binding), access);
    }

    void keepClosed(Collection<String> interfaceNames) {
        if (force.standing.addAll(interfaceNames)) {
            force.apply(Order.CLOSING);
        }
    }

    void release(String interfaceName) {
        List<Turns.End> ends =
                force.bindings().stream()
                        .filter(binding -> binding.interfaceName().equals(interfaceName))
                        .map(binding -> new Turns.End(binding.name()))
                        .toList();
        if (!ends.isEmpty()) {
            serve(List.of(), ends);
        }
        force.standing.remove(interfaceName);
        force.apply(Order.CLOSING);
    }

    void uninstall() {
        serve(List.of(), force.bound.keySet().stream().map(Turns.End::new).toList());
        force.standing.clear();
        force.rules.remove();
        force.removeForeignSets();
        force.sets.sweepAll(Duration.ofSeconds(5));
    }

    List<Script> scripts(String binding) {
        Bound bound = force.bound.get(binding);
        if (bound == null) {
            return List.of();
        }
        String sets = Sets.script(new TreeSet<>(bound.sets()));
        List<Script> scripts = new ArrayList<>(List.of(new Script("ipset -exist restore", sets)));
        scripts.addAll(force.rules.alone(bound.binding()));
        return scripts;
    }
}
