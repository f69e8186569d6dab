package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.firewall.Firewall.Script;
import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Order;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The rules of both families as they are in force, and the way to those that should be. What is in
 * force is known, not read: a bind among a thousand costs what it changes. Whoever else changes
 * rules moves the kernel's generation on; then they are read and compared.
 */
final class Rules {

    /**
     * Rules are read again so often even where the kernel says that nothing was changed: those of
     * 1,000 bindings take a second of CPU.
     */
    private static final long WHOLE_LOOK_NANOS = TimeUnit.MINUTES.toNanos(2);

    /** What was loaded is as it should be, and nobody has changed it since. */
    void soundAsLoaded() {
        if (known.isPresent() && known.equals(generation.now())) {
            sound = known;
            lookedAt = System.nanoTime();
        }
    }

    /** What is to be in force at one moment. */
    record Due(NavigableSet<String> standing, List<Binding> bindings, long changes) {
        Due {
            standing = new TreeSet<>(standing);
            bindings = List.copyOf(bindings);
        }
    }

    private final Generation generation;
    private final Base base;
    private final Tools tools;
    private final boolean v6;
    private final Ruleset.Renderer rendererFour;
    private final Ruleset.Renderer rendererSix;
    private final Believed four;
    private final Believed six;

    /**
     * How the kernel's rules differed from what was in force, as it was found last. Whoever put
     * them right: flows may have passed meanwhile, so it counts until all are cut.
     */
    private List<String> strays = List.of();

    /** The generation in which the rules were as they should be, if they were. */
    private OptionalLong sound = OptionalLong.empty();

    /** The generation of what is held to be in force, if nobody else changed it. */
    private OptionalLong known = OptionalLong.empty();

    private long lookedAt;

    /** How often rules were changed here: what was read meanwhile proves nothing. */
    private long changes;

    Rules(Base base, Tools tools, boolean v6, Generation generation) {
        this.generation = generation;
        this.base = base;
        this.tools = tools;
        this.v6 = v6;
        this.rendererFour = new Ruleset.Renderer(base, false);
        this.rendererSix = new Ruleset.Renderer(base, true);
        this.four = new Believed(Ruleset.none(base.id(), false));
        this.six = new Believed(Ruleset.none(base.id(), true));
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

    /** Reads what the kernel has, and notes where that is not what was put there. */
    void load() {
        sound = OptionalLong.empty();
        known = generation.now();
        noteStrays(eachFamily(family -> believed(family).read(read(family))));
    }

    /** Notes that what an earlier run left in force did not meet each packet. */
    void noteUnhooked() {
        noteStrays(eachFamily(family -> believed(family).rules().unhooked()));
    }

    private void noteStrays(List<List<String>> ofFamilies) {
        List<String> found = ofFamilies.stream().flatMap(List::stream).toList();
        strays = found.isEmpty() ? strays : found;
    }

    List<String> strays() {
        return strays;
    }

    /** Flows are cut since all was put right. */
    void forgetStrays() {
        strays = List.of();
    }

    private Believed believed(boolean family) {
        return family ? six : four;
    }

    /** Whether an earlier run left rules: then this host has what they need. */
    boolean areThere() {
        return !four.rules().chains().isEmpty() && (!v6 || !six.rules().chains().isEmpty());
    }

    private Ruleset read(boolean family) {
        return Ruleset.saved(base.id(), family, tools.save(family));
    }

    Set<String> standing() {
        Set<String> standing = new TreeSet<>(four.rules().standing());
        standing.addAll(six.rules().standing());
        return standing;
    }

    List<Binding> bindings() {
        return Ruleset.bindings(four.rules(), v6 ? Optional.of(six.rules()) : Optional.empty());
    }

    Set<String> bindingNames() {
        Set<String> names = new TreeSet<>(four.rules().bindingNames());
        names.addAll(six.rules().bindingNames());
        return names;
    }

    /**
     * Puts in force what should be, both families side by side, as soon as {@code first} has
     * returned; returns the scripts that did.
     */
    List<Script> apply(
            NavigableSet<String> standing,
            Collection<Binding> bindings,
            Order order,
            Runnable first) {
        return restore(
                family -> renderer(family).render(standing, bindings),
                (wanted, current) -> wanted.from(current, order),
                first);
    }

    /** As {@link #apply}, by whole chains: works whatever the kernel has in them. */
    List<Script> applyWhole(
            NavigableSet<String> standing,
            Collection<Binding> bindings,
            Order order,
            Runnable first) {
        return restore(
                family -> renderer(family).render(standing, bindings),
                (wanted, current) -> wanted.wholeFrom(current, order),
                first);
    }

    /** Takes everything away: the decisions first, the gate last. */
    void remove() {
        load();
        restore(
                family -> Ruleset.none(base.id(), family),
                (wanted, current) -> wanted.wholeFrom(current, Order.OPENING),
                () -> {});
        load();
    }

    private Ruleset.Renderer renderer(boolean family) {
        return family ? rendererSix : rendererFour;
    }

    private List<Script> restore(
            Function<Boolean, Ruleset> wanted,
            BiFunction<Ruleset, Ruleset, String> way,
            Runnable first) {
        OptionalLong soundBefore = sound;
        OptionalLong knownBefore = known;
        sound = OptionalLong.empty();
        known = OptionalLong.empty();
        changes++;
        List<Script> scripts =
                eachFamily(family -> restore(family, wanted.apply(family), way, first));
        sound = onlyChangedBy(scripts, soundBefore);
        known = onlyChangedBy(scripts, knownBefore);
        return scripts;
    }

    private Script restore(
            boolean family,
            Ruleset wanted,
            BiFunction<Ruleset, Ruleset, String> way,
            Runnable first) {
        Believed believed = believed(family);
        String text = way.apply(wanted, believed.rules());
        believed.change(wanted, () -> tools.restore(family, text, first));
        return new Script(tools.restoreCommand(family), text);
    }

    /**
     * Each commit moves the generation on by one. What was known or sound stays so if it has moved
     * by our own commits and no further.
     */
    private OptionalLong onlyChangedBy(List<Script> scripts, OptionalLong before) {
        if (before.isEmpty()) {
            return before;
        }
        long commits =
                scripts.stream()
                        .flatMap(script -> script.text().lines())
                        .filter("COMMIT"::equals)
                        .count();
        OptionalLong now = generation.now();
        return now.isPresent() && now.getAsLong() == before.getAsLong() + commits
                ? now
                : OptionalLong.empty();
    }

    /** The scripts that would put one binding alone in force on a clean host. */
    List<Script> alone(Binding binding) {
        return eachFamily(family -> {
            Ruleset wanted = Ruleset.render(base, family, new TreeSet<>(), List.of(binding));
            return new Script(
                    tools.restoreCommand(family),
                    wanted.from(Ruleset.none(base.id(), family), Order.OPENING));
        });
    }

    Due due(NavigableSet<String> standing, List<Binding> bindings) {
        return new Due(standing, bindings, changes);
    }

    /** Whether nobody else has changed rules since they were sound, a short while ago. */
    boolean untouched() {
        return unmoved() && System.nanoTime() - lookedAt < WHOLE_LOOK_NANOS;
    }

    /** Whether someone else has changed rules, as far as is known without a look. */
    boolean moved() {
        return !strays.isEmpty() || (sound.isPresent() && !unmoved());
    }

    private boolean unmoved() {
        return sound.isPresent() && sound.equals(generation.now());
    }

    /**
     * Gives up a look that proved nothing because rules were changed here meanwhile, if nobody else
     * has changed any; there will be a calmer moment.
     */
    boolean postponed() {
        if (unmoved()) {
            lookedAt = System.nanoTime();
            return true;
        }
        return false;
    }

    /** What the kernel has or lacks now, by family, and in which generation. */
    record Look(OptionalLong at, List<List<String>> faults) {}

    /** Reads and compares, which takes long: others may change rules meanwhile. */
    Look look(Due due) {
        OptionalLong before = generation.now();
        List<List<String>> faults =
                eachFamily(family ->
                        Ruleset.render(base, family, due.standing(), due.bindings())
                                .faults(read(family)));
        return new Look(before, faults);
    }

    /** Whether a look says something about the rules as they should be now; notes it if so. */
    boolean noted(Due due, Look look) {
        if (due.changes() != changes) {
            return false;
        }
        noteStrays(look.faults());
        sound = look.faults().stream().allMatch(List::isEmpty) ? look.at() : OptionalLong.empty();
        known = sound.isPresent() ? sound : known;
        lookedAt = System.nanoTime();
        return true;
    }

    /** IPv4 here and IPv6 beside it; both have ended when this returns, well or not. */
    private <T> List<T> eachFamily(Function<Boolean, T> work) {
        if (!v6) {
            return List.of(work.apply(false));
        }
        CompletableFuture<T> beside =
                CompletableFuture.supplyAsync(
                        () -> work.apply(true),
                        task -> Thread.ofPlatform().name("ip6tables").daemon().start(task));
        T first;
        try {
            first = work.apply(false);
        } finally {
            beside.handle((_, _) -> true).join();
        }
        try {
            return List.of(first, beside.join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException refusal) {
                throw refusal;
            }
            throw e;
        }
    }
}
