package io.sallyport.sync.enforcement;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.iptables.firewall.Firewall.Reach;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.DeniedName;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.pointer.Pointers;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.snapshot.Snapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Resolver table and firewall, changed together. */
public final class Enforcement {
    private static final Logger LOG = LoggerFactory.getLogger(Enforcement.class);

    /** An answer that was judged before takes 200 ms at most until its addresses are known. */
    public static final Duration UNDER_WAY = Duration.ofMillis(300);

    /**
     * One binding of a network.
     *
     * @param id the network's, the same in all its bindings
     * @param binding never used before
     * @param interfaceName host side
     * @param addresses its sources
     * @param masquerade whether its packets leave with the host's address
     */
    public record Target(
            String id,
            String binding,
            String interfaceName,
            List<Cidr> addresses,
            boolean masquerade) {
        public Target {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * What holds for a bound network.
     *
     * @param observe whether names that nothing allows are answered and noted
     * @param emergency denied beyond the snapshot, which knows nothing of it
     */
    public record Terms(Snapshot snapshot, boolean observe, List<Policy.Entry> emergency) {
        public Terms {
            emergency = List.copyOf(emergency);
        }

        Policy policy() {
            return emergency.isEmpty()
                    ? snapshot.policy()
                    : snapshot.policy().withEmergency(emergency);
        }
    }

    /**
     * A bound network whose emergency denials change.
     *
     * @param ways what of its ways out is known: by name, if all was answered by this process
     */
    public record Change(Target target, Terms terms, Ways ways) {}

    /** What is taken back from a network where a name is denied. */
    public enum Ways {
        /** Nothing: no name is denied that was not before. */
        KEPT,
        /** What the names led to. */
        OF_THE_NAMES,
        /** All flows and pins: by which names they came is not known. */
        ALL
    }

    /** Of a binding that is none. */
    private static final Pinner NO_PINS =
            new Pinner() {
                @Override
                public boolean pin(byte[][] addresses, int[] ports, int seconds) {
                    return false;
                }

                @Override
                public boolean holds(byte[][] addresses, int[] ports, int seconds, long nowNanos) {
                    return false;
                }

                @Override
                public void announce(byte[][] addresses, int[] ports, int seconds) {}
            };

    /** The kernel's pins as the resolver knows them. */
    private record KernelPinner(Firewall.Pins pins) implements Pinner {
        @Override
        public boolean pin(byte[][] addresses, int[] ports, int seconds) {
            return pins.pin(addresses, ports, seconds);
        }

        @Override
        public boolean holds(byte[][] addresses, int[] ports, int seconds, long nowNanos) {
            return pins.holds(addresses, ports, seconds, nowNanos);
        }

        @Override
        public void announce(byte[][] addresses, int[] ports, int seconds) {
            pins.announce(addresses, ports, seconds);
        }
    }

    private final Networks resolver;
    private final Firewall firewall;

    /** By networks, the pins with which they are answered until their rules are looked at. */
    private final Map<String, Firewall.Pins> promised = new ConcurrentHashMap<>();

    public Enforcement(Networks resolver, Firewall firewall) {
        this.resolver = resolver;
        this.firewall = firewall;
    }

    /**
     * Rules first, then names: an answer can only leave through pins that exist. Undoes itself if
     * it fails. What the network was before goes by the same steps, so that it is never a stranger.
     *
     * @param terms null for a pending network: everything is denied
     * @throws FirewallException if the kernel or its tools refuse
     */
    public void begin(Target target, @Nullable Terms terms) {
        quieten(target.interfaceName());
        Firewall.Pins pins = firewall.bind(network(target), access(terms));
        try {
            resolver.put(answered(target, terms, new KernelPinner(pins)));
        } catch (RuntimeException e) {
            try {
                firewall.end(target.binding());
            } catch (FirewallException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private static Firewall.Network network(Target target) {
        return new Firewall.Network(
                target.binding(),
                target.interfaceName(),
                subnets(target.addresses()),
                target.masquerade());
    }

    private static Networks.Network answered(Target target, @Nullable Terms terms, Pinner pinner) {
        return new Networks.Network(
                target.id(),
                target.addresses(),
                terms == null ? Policy.PENDING : terms.policy(),
                pinner,
                terms != null && terms.observe());
    }

    /**
     * Answers for bindings that an earlier run left in the kernel, before anyone has looked what is
     * left of them: an answer can only leave through pins that the kernel takes. {@link #keep}
     * follows for each.
     *
     * @throws IllegalArgumentException if they cannot be together; then none is answered
     */
    public void promise(Map<Target, Optional<Terms>> bindings) {
        resolver.putAll(
                bindings.entrySet().parallelStream()
                        .map(each -> promised(each.getKey(), each.getValue().orElse(null)))
                        .toList());
    }

    private Networks.Network promised(Target target, @Nullable Terms terms) {
        Firewall.Pins pins = firewall.promise(network(target), access(terms));
        promised.put(target.id(), pins);
        return answered(target, terms, new KernelPinner(pins));
    }

    /**
     * As {@link #begin}, for a binding that is answered already.
     *
     * @throws FirewallException if the kernel or its tools refuse; it is answered no more
     */
    public void keep(Target target, @Nullable Terms terms) {
        try {
            quieten(target.interfaceName());
            Firewall.Pins pins = firewall.bind(network(target), access(terms));
            if (!pins.equals(promised.remove(target.id()))) {
                resolver.put(answered(target, terms, new KernelPinner(pins)));
            }
        } catch (RuntimeException e) {
            resolver.remove(target.id());
            throw e;
        }
    }

    /**
     * ARP passes no rule of iptables. From now on the host answers, and remembers, only who asks
     * from an address that it routes to this interface; otherwise one sandbox fills the neighbour
     * table of the whole machine.
     */
    private static void quieten(String interfaceName) {
        String key = "net/ipv4/conf/" + interfaceName + "/arp_filter";
        try {
            if (Host.hasSetting(key)) {
                Host.change(key, "1");
            }
        } catch (IOException e) {
            LOG.warn(
                    "cannot set {}: a flood of ARP requests from this sandbox can fill the host's"
                            + " neighbour table: {}",
                    key,
                    e.getMessage());
        }
    }

    /**
     * Puts emergency denials in force: the next query is judged by them, then pins of what is
     * denied go, then flows. What was on its way meanwhile needs a second look, {@link #denyAgain}.
     *
     * <p>Pins go although another name may have the same address: it gets its own back when it is
     * asked for again.
     *
     * @throws FirewallException if the kernel keeps something; where it led is forgotten by then
     */
    public void deny(List<Change> changes) {
        changes.forEach(change -> resolver.judgeBy(change.target().id(), change.terms().policy()));
        takeBack(changes);
    }

    /**
     * The second look at changes that were put in force {@link #UNDER_WAY} ago.
     *
     * @param changes of bindings that are still in force
     */
    public void denyAgain(List<Change> changes) {
        takeBack(
                changes.stream()
                        .filter(change -> change.ways() != Ways.KEPT)
                        .map(change ->
                                new Change(change.target(), change.terms(), Ways.OF_THE_NAMES))
                        .toList());
    }

    private void takeBack(List<Change> changes) {
        List<Firewall.Shut> shut = new ArrayList<>();
        for (Change change : changes) {
            if (change.ways() == Ways.KEPT) {
                continue;
            }
            Policy policy = change.terms().policy();
            Pointers.Ways ways =
                    resolver.forget(
                            change.target().id(),
                            name ->
                                    policy.judge(name) instanceof Policy.Deny deny
                                            && deny.reason() == Policy.Reason.EMERGENCY);
            boolean everything = change.ways() == Ways.ALL || !ways.complete();
            if (everything || !ways.addresses().isEmpty()) {
                shut.add(
                        new Firewall.Shut(
                                change.target().binding(),
                                addresses(ways.addresses()),
                                everything));
            }
        }
        firewall.shut(shut);
    }

    private static List<InetAddress> addresses(List<byte[]> octets) {
        List<InetAddress> addresses = new ArrayList<>();
        for (byte[] each : octets) {
            try {
                addresses.add(InetAddress.getByAddress(each));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("an address of " + each.length + " octets", e);
            }
        }
        return addresses;
    }

    /**
     * As {@link #end}, of a network that stays, pending: it is told that it is not ready, and never
     * that it is a stranger, until {@link #begin} follows.
     */
    public void suspend(Target target) {
        try {
            resolver.put(answered(target, null, NO_PINS));
        } finally {
            firewall.end(target.binding());
        }
    }

    /** Names first, then rules, flows and pins. */
    public void end(Target target) {
        resolver.remove(target.id());
        firewall.end(target.binding());
    }

    /** Lets nothing through an interface but what its bindings do. */
    public void keepClosed(Collection<String> interfaceNames) {
        firewall.keepClosed(interfaceNames);
    }

    /** Forgets an interface: what the host does with it is the host's affair again. */
    public void release(String interfaceName) {
        firewall.release(interfaceName);
    }

    /**
     * Ends bindings that the kernel holds and nobody knows; the standing drop keeps their
     * interfaces closed.
     *
     * @return what was found, one sentence each
     */
    public List<String> endStrangers(Collection<String> knownBindings) {
        List<String> problems = new ArrayList<>();
        for (String stranger : firewall.bindingsInKernel()) {
            if (!knownBindings.contains(stranger)) {
                problems.add(
                        "binding "
                                + stranger
                                + " is in the kernel but not in the journal; it is ended");
                try {
                    firewall.end(stranger);
                } catch (FirewallException e) {
                    problems.add("binding " + stranger + ": " + e.getMessage());
                }
            }
        }
        return problems;
    }

    /** What a network was denied by name since its binding began. */
    public List<DeniedName> deniedNames(Target target) {
        return resolver.denied(target.id());
    }

    /** What a network was answered although nothing allows it, since its binding began. */
    public List<DeniedName> observedNames(Target target) {
        return resolver.observed(target.id());
    }

    /** What was decided for a network since this was asked for last. */
    public List<Networks.Decision> decisions(Target target) {
        return resolver.drain(target.id());
    }

    /** What a network was refused by address since its binding began. */
    public List<Firewall.Refused> refused(Target target) {
        return firewall.refused(target.binding());
    }

    public List<Firewall.Script> scripts(Target target) {
        return firewall.scripts(target.binding());
    }

    private static Access access(@Nullable Terms terms) {
        if (terms == null || !terms.snapshot().internet()) {
            return Access.NOTHING;
        }
        Snapshot snapshot = terms.snapshot();
        return new Access(
                snapshot.level().equals("all") ? Reach.PUBLIC : Reach.PINNED,
                snapshot.policy().ports(),
                snapshot.policy().hasOtherPorts(),
                subnets(snapshot.internalBlocks()));
    }

    private static List<Subnet> subnets(List<Cidr> blocks) {
        return blocks.stream().map(block -> new Subnet(block.address(), block.prefix())).toList();
    }
}
