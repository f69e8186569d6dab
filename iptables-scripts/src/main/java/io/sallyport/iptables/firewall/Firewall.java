package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.block.Block;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The rules and sets of one installation on this host, IPv4 and IPv6. Every chain is called {@code
 * SALLYPORT-<id>-…} and every set {@code …-sp<id>}; nothing else on the host is touched.
 *
 * <p>A binding opens in this order: the interface is closed by its standing rule, flows of its
 * addresses are cut, sets are made, decisions go in, the gate in the raw table last. It ends in the
 * reverse order. So nothing is ever half open, and an address that changes hands inherits neither
 * pins nor flows; connection marks, which others use too, are not needed.
 */
public final class Firewall implements AutoCloseable {
    private static final Pattern BINDING = Pattern.compile("[a-z0-9]{1,10}");
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:-]{0,14}");

    /**
     * One installation; several may live on one host.
     *
     * @param id 1 to 6 lower-case letters and digits, part of every chain's and set's name
     * @param dns4 the resolver's own address, which sandboxes may ask directly on port 53
     * @param dns6 likewise, IPv6
     * @param redirectPort where the resolver answers queries that were sent to other servers and
     *     redirected (port 53 itself skips connection tracking, so redirected queries need a port
     *     of their own)
     * @param pagePort where the page for sandboxes is served that they ask for at port 80 of these
     *     addresses; 0 for none. Port 80 itself is never opened: another server may have it
     * @param sandboxInterfaces names or patterns ({@code veth-sb+}) of interfaces that are never
     *     open without a binding; with patterns the cost of a packet does not grow with the number
     *     of sandboxes
     */
    public record Installation(
            String id,
            Inet4Address dns4,
            Inet6Address dns6,
            int redirectPort,
            int pagePort,
            List<String> sandboxInterfaces) {
        public Installation {
            require(
                    id.matches("[a-z0-9]{1,6}"),
                    "installation id \"" + id + "\": 1 to 6 lower-case letters and digits");
            require(
                    redirectPort > 0 && redirectPort < 65536 && redirectPort != 53,
                    "redirect port " + redirectPort);
            require(
                    pagePort >= 0 && pagePort < 65536 && pagePort != 53 && pagePort != redirectPort,
                    "page port " + pagePort);
            sandboxInterfaces = List.copyOf(sandboxInterfaces);
            sandboxInterfaces.forEach(each -> requireInterface(each, true));
        }
    }

    /** A block of source addresses. */
    public record Subnet(InetAddress address, int prefix) {
        public Subnet {
            require(prefix > 0, "a block of all addresses");
            Block.of(address.getAddress(), prefix);
        }

        Block block() {
            return Block.of(address.getAddress(), prefix);
        }
    }

    /**
     * A sandbox network as the host sees it.
     *
     * @param binding unique for each binding of a network to a session, 1 to 10 lower-case letters
     *     and digits; names the chains and sets, so that a write for an ended binding can only fail
     * @param interfaceName the host side of the sandbox's interface
     * @param addresses source addresses, v4 and v6; packets from anything else are dropped
     * @param masquerade whether the sandbox's packets leave with the host's address
     */
    public record Network(
            String binding, String interfaceName, List<Subnet> addresses, boolean masquerade) {
        public Network {
            require(
                    BINDING.matcher(binding).matches(),
                    "binding \"" + binding + "\": 1 to 10 lower-case letters and digits");
            requireInterface(interfaceName, false);
            addresses = List.copyOf(addresses);
            require(!addresses.isEmpty(), "a network without addresses");
        }
    }

    /** How far a network reaches. */
    public enum Reach {
        /** Nothing: no session yet, or internet access off. */
        NOTHING,
        /** What is pinned. */
        PINNED,
        /** Every public address. */
        PUBLIC
    }

    /**
     * What a network may reach beside the resolver.
     *
     * @param ports what an address opens that is pinned with exactly these ports, IANA protocol
     *     (TCP or UDP) in the upper 16 bits and port in the lower: such a pin is one entry of a set
     * @param otherPorts whether there may be pins with other ports
     * @param internal private blocks that pins may name although they are private
     */
    public record Access(
            Reach reach, List<Integer> ports, boolean otherPorts, List<Subnet> internal) {
        public static final Access NOTHING = new Access(Reach.NOTHING, List.of(), false, List.of());

        private static final int TCP = 6;
        private static final int UDP = 17;

        public Access {
            ports = List.copyOf(ports);
            internal = List.copyOf(internal);
            ports.forEach(port -> require(isPort(port), "port " + port));
        }

        static boolean isPort(int port) {
            int protocol = port >>> 16;
            return (protocol == TCP || protocol == UDP) && (port & 0xffff) != 0;
        }
    }

    /** A refused destination, as the kernel counted it. */
    public record Refused(InetAddress address, String protocol, int port, long packets) {}

    /**
     * What a binding may no longer reach.
     *
     * @param addresses whose pins go and to which its flows are cut
     * @param everything all of its pins and flows, those of an earlier run too
     */
    public record Shut(String binding, Collection<InetAddress> addresses, boolean everything) {
        public Shut {
            addresses = Set.copyOf(addresses);
        }
    }

    /**
     * One thing that was looked at on this host: what it is, and when it is not in order, what to
     * do.
     */
    public record Finding(boolean ok, String what, String fix) {}

    /** One rendered script: what is (to be) fed to {@code program}. */
    public record Script(String program, String text) {}

    /** Writes pins of one binding. Safe for use from several threads. */
    public interface Pins {
        /**
         * As {@code io.sallyport.resolver.pin.Pinner.pin}. The arrays are kept and must not change:
         * the same ones are known again.
         */
        boolean pin(byte[][] addresses, int[] ports, int seconds);

        /** As {@code io.sallyport.resolver.pin.Pinner.holds}. */
        boolean holds(byte[][] addresses, int[] ports, int seconds, long nowNanos);

        /** As {@code io.sallyport.resolver.pin.Pinner.announce}. */
        void announce(byte[][] addresses, int[] ports, int seconds);
    }

    /** The kernel or its tools refused. The message says what, and what to do. */
    public static final class FirewallException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public FirewallException(String message, Throwable cause) {
            super(message, cause);
        }

        public FirewallException(String message) {
            super(message);
        }
    }

    private final Alone alone;
    private final Force force;
    private final Bindings bindings;
    private final Turns turns;
    private final Watch watch;
    private final Refusals refusals;

    private Firewall(Force force) {
        this.force = force;
        this.alone = new Alone(force);
        this.bindings = new Bindings(force);
        this.turns = new Turns(bindings);
        this.watch = new Watch(force, alone.lock());
        this.refusals = new Refusals(force);
    }

    /**
     * Loads the base chains and the standing drop. Keeps what an earlier run of the same
     * installation left in force.
     *
     * @throws FirewallException naming the missing kernel feature or tool
     */
    public static Firewall open(Installation installation) {
        return open(installation, Tools.ofHost());
    }

    /**
     * As {@link #open(Installation)}, with another kind of iptables or in another network
     * namespace.
     */
    public static Firewall open(Installation installation, Tools tools) {
        Firewall firewall = prepare(installation, tools);
        try {
            firewall.begin();
            return firewall;
        } catch (RuntimeException e) {
            firewall.close();
            throw e;
        }
    }

    /** As {@link #open(Installation)} up to where rules are looked at: that is {@link #begin}. */
    public static Firewall prepare(Installation installation) {
        return prepare(installation, Tools.ofHost());
    }

    static Firewall prepare(Installation installation, Tools tools) {
        return Alone.guarded(() -> new Firewall(Force.open(installation, tools)));
    }

    /** Before {@link #begin}: pins of a binding that an earlier run left, if its sets are there. */
    public Pins promise(Network network, Access access) {
        return bindings.promise(network, access);
    }

    /** After {@link #prepare}: whether an earlier run left a set, into which one could pin. */
    public boolean leftSets() {
        return alone.turn(bindings::haveSets);
    }

    /**
     * After {@link #prepare}: loads and adopts as {@link #open(Installation)} says; the standing
     * drop holds when it returns. Done once, however often it is asked for.
     */
    public void begin() {
        begin(List.of());
    }

    /**
     * As {@link #begin()}; the standing drop is on these interfaces too, from its first rule on:
     * somebody may have flushed all that named them. Those that are not there are passed over.
     */
    public void begin(Collection<String> closed) {
        List<String> names = closed.stream().filter(Firewall::isInterface).toList();
        alone.turn(() -> bindings.adopt(names));
    }

    /**
     * What this host has and lacks, for a person: each thing that {@link #open} needs, tried on the
     * kernel.
     */
    public static List<Finding> check() {
        return check(Tools.ofHost());
    }

    /** As {@link #check()}, with another kind of iptables or in another network namespace. */
    public static List<Finding> check(Tools tools) {
        return new SelfTest(tools).check();
    }

    /**
     * Puts a binding in force, v4 and v6, replacing nothing half-way: either all of it holds when
     * this returns, or none. Conntrack entries of the addresses from earlier are cut. Bindings that
     * are already in force (after a restart) are verified and adopted with their pins. Another
     * binding of the same interface and addresses ends first. Those that come at once go together.
     */
    public Pins bind(Network network, Access access) {
        Turns.Begin begin = bindings.asked(network, access);
        serve(begin);
        return begin.pins();
    }

    private void serve(Turns.Request request) {
        turns.add(request);
        alone.turn(() -> turns.serve(request));
    }

    /**
     * Takes a binding's rules and sets away and cuts its flows; the interface stays closed by the
     * standing drop.
     */
    public void end(String binding) {
        serve(new Turns.End(binding));
    }

    /** Puts the standing drop on interfaces: what no binding lets through goes nowhere. */
    public void keepClosed(Collection<String> interfaceNames) {
        interfaceNames.forEach(each -> requireInterface(each, false));
        alone.turn(() -> bindings.keepClosed(interfaceNames));
    }

    /** Forgets an interface altogether: its bindings end and its standing drop goes too. */
    public void release(String interfaceName) {
        alone.turn(() -> bindings.release(interfaceName));
    }

    /**
     * Takes ways out of bindings that are in force back, until they are asked for again: pins
     * first, then flows. A binding that the kernel refuses keeps no other from losing its own.
     *
     * @throws FirewallException if something is left of what was to go
     */
    public void shut(Collection<Shut> ways) {
        alone.turn(() -> new Shutting(force).shut(ways));
    }

    /**
     * The scripts that put one binding in force on a host that has nothing of it; none for a
     * binding that is not in force.
     */
    public List<Script> scripts(String binding) {
        return alone.turn(() -> bindings.scripts(binding));
    }

    /**
     * What the kernel holds that it should not, or lacks, one sentence each. Holds nobody up; cheap
     * while the kernel counts changes (nft) and nobody else makes any.
     */
    public List<String> faults() {
        return Alone.guarded(watch::faults);
    }

    /** Whether others have changed rules since they were sound, if the kernel counts that. */
    public boolean touched() {
        return alone.turn(force.rules::moved);
    }

    /**
     * Puts all back, pins that are still due too; cuts what flows damaged rules may have let in.
     */
    public void repair() {
        alone.turn(watch::repair);
    }

    /** What this binding was refused, most frequent first. */
    public List<Refused> refused(String binding) {
        Force.Bound bound = force.bound.get(binding);
        return bound == null ? List.of() : force.sets.refused(bound.sets());
    }

    /** Bindings of this installation that the kernel holds, known to this process or not. */
    public List<String> bindingsInKernel() {
        return alone.turn(() -> {
            force.rules.catchUp();
            Set<String> names = new TreeSet<>(force.rules.bindingNames());
            names.addAll(force.sets.bindings());
            return List.copyOf(names);
        });
    }

    /**
     * Packets by kind (odd: fragments, useless ICMP, packets of no flow), from 0 after a repair.
     * The older iptables has to list all its rules for it.
     */
    public Map<String, Long> counters() {
        return Alone.guarded(refusals::now);
    }

    /**
     * Removes every chain, set and jump of this installation: the host is as before. (Tables that
     * iptables made for itself stay, empty.)
     */
    public void uninstall() {
        alone.turn(bindings::uninstall);
        close();
    }

    /** Stops writing; rules and pins stay in force. */
    @Override
    public void close() {
        alone.close();
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private static void requireInterface(String name, boolean patternToo) {
        String plain =
                patternToo && name.endsWith("+") ? name.substring(0, name.length() - 1) : name;
        require(
                isInterface(plain),
                "interface \"" + name + "\": 1 to 15 letters, digits and _.:- , not lo");
    }

    private static boolean isInterface(String name) {
        return INTERFACE.matcher(name).matches() && !name.equals("lo");
    }
}
