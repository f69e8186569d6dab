package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.firewall.Firewall.Script;
import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Order;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** The rules of both families as they are in force, and the way to those that should be. */
final class Rules {

    /** Rules are read again so often even where the kernel says that nothing was changed. */
    private static final long WHOLE_LOOK_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Generation generation;
    private final Base base;
    private final Tools tools;
    private final boolean v6;
    private Ruleset four;
    private Ruleset six;
    private OptionalLong sound = OptionalLong.empty();
    private long soundAt;

    /** The generation of what is held to be in force. */
    private OptionalLong known = OptionalLong.empty();

    Rules(Base base, Tools tools, boolean v6, Generation generation) {
        this.generation = generation;
        this.base = base;
        this.tools = tools;
        this.v6 = v6;
        this.four = Ruleset.none(base.id(), false);
        this.six = Ruleset.none(base.id(), true);
    }

    /**
     * Reads again what someone else may have changed. Docker puts a rule that lets a new network's
     * packets pass before all others: whatever opens a gate must not trust what it knew before.
     */
    void catchUp() {
        OptionalLong now = generation.now();
        if (now.isEmpty() || !now.equals(known)) {
            load();
        }
    }

    /** Reads what the kernel has. */
    void load() {
        known = generation.now();
        four = read(false);
        if (v6) {
            six = read(true);
        }
    }

    private Ruleset read(boolean family) {
        return Ruleset.saved(base.id(), family, tools.save(family));
    }

    Set<String> standing() {
        Set<String> standing = new TreeSet<>(four.standing());
        standing.addAll(six.standing());
        return standing;
    }

    List<Binding> bindings() {
        return Ruleset.bindings(four, v6 ? Optional.of(six) : Optional.empty());
    }

    Set<String> bindingNames() {
        Set<String> names = new TreeSet<>(four.bindingNames());
        names.addAll(six.bindingNames());
        return names;
    }

    /** Puts in force what should be; returns the scripts that did it. */
    List<Script> apply(NavigableSet<String> standing, Collection<Binding> bindings, Order order) {
        OptionalLong before = known;
        known = OptionalLong.empty();
        List<Script> scripts = new ArrayList<>();
        for (boolean family : families()) {
            Ruleset wanted = Ruleset.render(base, family, standing, bindings);
            String text = wanted.from(family ? six : four, order);
            tools.restore(family, text);
            if (family) {
                six = wanted;
            } else {
                four = wanted;
            }
            scripts.add(new Script(tools.restoreCommand(family), text));
        }
        known = onlyMovedBy(scripts, before);
        return scripts;
    }

    /** Each commit moves the generation on by one; further, and someone else was there too. */
    private OptionalLong onlyMovedBy(List<Script> scripts, OptionalLong before) {
        long commits =
                scripts.stream()
                        .flatMap(script -> script.text().lines())
                        .filter("COMMIT"::equals)
                        .count();
        OptionalLong now = generation.now();
        boolean ours =
                before.isPresent()
                        && now.isPresent()
                        && now.getAsLong() == before.getAsLong() + commits;
        return ours ? now : OptionalLong.empty();
    }

    /** The scripts that would put one binding alone in force on a clean host. */
    List<Script> alone(Binding binding) {
        List<Script> scripts = new ArrayList<>();
        for (boolean family : families()) {
            Ruleset wanted = Ruleset.render(base, family, new TreeSet<>(), List.of(binding));
            scripts.add(
                    new Script(
                            tools.restoreCommand(family),
                            wanted.from(Ruleset.none(base.id(), family), Order.OPENING)));
        }
        return scripts;
    }

    /** What the kernel has or lacks now; nothing is read if it was sound and nobody changed it. */
    List<String> faults(NavigableSet<String> standing, Collection<Binding> bindings) {
        OptionalLong before = generation.now();
        long now = System.nanoTime();
        if (before.isPresent() && before.equals(sound) && now - soundAt < WHOLE_LOOK_NANOS) {
            return List.of();
        }
        List<String> faults = new ArrayList<>();
        for (boolean family : families()) {
            faults.addAll(Ruleset.render(base, family, standing, bindings).faults(read(family)));
        }
        sound = faults.isEmpty() ? before : OptionalLong.empty();
        soundAt = now;
        return faults;
    }

    /** Takes everything away: the decisions first, the gate last. */
    void remove() {
        load();
        for (boolean family : families()) {
            Ruleset nothing = Ruleset.none(base.id(), family);
            tools.restore(family, nothing.from(family ? six : four, Order.OPENING));
        }
        load();
    }

    private boolean[] families() {
        return v6 ? new boolean[] {false, true} : new boolean[] {false};
    }
}
