package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.ToolException;
import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.conntrack.Conntrack;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.iptables.firewall.Firewall.Installation;
import io.sallyport.iptables.firewall.Firewall.Script;
import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Order;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * What should be in force, and the kernel it should be in force in. Changed by one thread at a
 * time; {@link #bound} may be read by any.
 */
final class Force {

    /**
     * A binding in force; one that an earlier run left has no pins until it is bound again.
     *
     * @param sets all that its rules ask
     */
    record Bound(Binding binding, Set<String> sets, @Nullable PinBook pins) {
        Bound {
            sets = Set.copyOf(sets);
        }
    }

    final Base base;
    final Tools tools;
    final boolean six;
    final Netlink netlink;
    final Together together;
    final KernelSets kernelSets;
    final Rules rules;
    final Sets sets;
    final Map<String, Bound> bound = new ConcurrentSkipListMap<>();
    final NavigableSet<String> standing = new TreeSet<>();

    /** Addresses whose flows could not be cut yet. */
    final Set<Block> uncut = new HashSet<>();

    /** An empty one. */
    static Force open(Installation installation, Tools tools) {
        Base base =
                new Base(
                        installation.id(),
                        Block.of(installation.dns4().getAddress()),
                        Block.of(installation.dns6().getAddress()),
                        installation.redirectPort(),
                        installation.pagePort(),
                        installation.sandboxInterfaces());
        return new Force(base, tools, SelfTest.ipv6(), Netlink.open(tools.namespace()));
    }

    private Force(Base base, Tools tools, boolean six, Netlink netlink) {
        this.base = base;
        this.tools = tools;
        this.six = six;
        this.netlink = netlink;
        this.together = new Together(netlink);
        this.rules = new Rules(base, tools, six, new Generation(netlink, tools));
        this.kernelSets = new KernelSets(Netlink.open(tools.namespace()));
        this.sets = new Sets(base.id(), kernelSets);
    }

    /**
     * Reads what is there, and goes on with it. Where nothing is, each thing that will be needed is
     * tried first; where something is, only if the kernel refuses, to say what it lacks.
     */
    void begin(Runnable goOn) {
        try {
            rules.load();
            if (!rules.areThere()) {
                new SelfTest(tools).require();
            }
            goOn.run();
        } catch (ToolException e) {
            new SelfTest(tools).require();
            throw e;
        }
    }

    List<Script> apply(Order order) {
        return apply(bindings(), order);
    }

    List<Script> apply(List<Binding> wanted, Order order) {
        return apply(wanted, order, () -> {});
    }

    /** Opens what is to be in force, as soon as these flows are cut and no sooner. */
    void open(Cut cut) {
        rules.catchUp();
        var _ = apply(bindings(), Order.OPENING, cut::await);
    }

    private List<Script> apply(List<Binding> wanted, Order order, Runnable first) {
        try {
            return rules.apply(standing, wanted, order, first);
        } catch (ToolException | UncheckedIOException e) {
            // Someone changed the rules, or some tables were committed: start from what is there.
            rules.load();
            return again(wanted, order, first, e);
        }
    }

    private List<Script> again(
            List<Binding> wanted, Order order, Runnable first, RuntimeException reason) {
        try {
            return rules.applyWhole(standing, wanted, order, first);
        } catch (ToolException | UncheckedIOException e) {
            if (!e.equals(reason)) {
                e.addSuppressed(reason);
            }
            rules.load();
            throw e;
        }
    }

    List<Binding> bindings() {
        return bound.values().stream().map(Bound::binding).toList();
    }

    void cut(Collection<Block> addresses) {
        cutBeside(addresses).finish();
    }

    /** Begins to cut flows: a walk through the kernel's table takes as long as some rules. */
    Cut cutBeside(Collection<Block> addresses) {
        uncut.addAll(addresses);
        return new Cut(List.copyOf(uncut));
    }

    /** Flows that are being cut, beside whoever asked for it. */
    final class Cut {
        private final List<Block> addresses;
        private final CompletableFuture<Void> done;

        private Cut(List<Block> addresses) {
            this.addresses = addresses;
            this.done =
                    CompletableFuture.runAsync(
                            this::walk,
                            task -> Thread.ofPlatform().name("conntrack").daemon().start(task));
        }

        private void walk() {
            try {
                Conntrack.cut(tools.namespace(), addresses);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** By any thread. */
        void await() {
            try {
                done.join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof UncheckedIOException refusal) {
                    throw refusal;
                }
                throw e;
            }
        }

        /** By the one that asked for it. */
        void finish() {
            await();
            uncut.removeAll(Set.copyOf(addresses));
        }
    }

    void removeForeignSets() {
        sets.bindings().stream().filter(name -> !bound.containsKey(name)).forEach(sets::dropAny);
        sets.sweep();
    }

    void close() {
        bound.values()
                .forEach(each -> {
                    if (each.pins() != null) {
                        each.pins().close();
                    }
                });
        try {
            sets.sweepAll(Duration.ofSeconds(1));
        } catch (FirewallException e) {
            // They are empty and nobody's; the next run removes what it does not know.
        }
        kernelSets.close();
        netlink.close();
    }
}
