package io.sallyport.iptables.firewall;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * The rules and sets of one installation on this host, IPv4 and IPv6. Every chain is called {@code SALLYPORT-<id>-…} and
 * every set {@code sp<id>-…}; nothing else on the host is touched.
 */
public final class Firewall implements AutoCloseable {

    /**
     * One installation; several may live on one host.
     *
     * @param id 1 to 6 lower-case letters and digits, part of every chain's and set's name
     * @param dns4 the resolver's own address, which sandboxes may ask directly on port 53
     * @param dns6 likewise, IPv6
     * @param redirectPort where the resolver answers queries that were sent to other servers and redirected (port 53
     *     itself skips connection tracking, so redirected queries need a port of their own)
     * @param sandboxInterfaces names or patterns ({@code veth-sb+}) of interfaces that are never open without a binding
     */
    public record Installation(
            String id, Inet4Address dns4, Inet6Address dns6, int redirectPort, List<String> sandboxInterfaces) {}

    /** A block of source addresses. */
    public record Subnet(InetAddress address, int prefix) {}

    /**
     * A sandbox network as the host sees it.
     *
     * @param binding unique for each binding of a network to a session, 1 to 10 lower-case letters and digits; names the
     *     chains and sets, so that a write for an ended binding can only fail
     * @param interfaceName the host side of the sandbox's interface
     * @param addresses source addresses, v4 and v6; packets from anything else are dropped
     * @param masquerade whether the sandbox's packets leave with the host's address
     */
    public record Network(String binding, String interfaceName, List<Subnet> addresses, boolean masquerade) {}

    /** What a network may reach beside the resolver. */
    public enum Access {
        /** Nothing: no session yet, or internet access off. */
        NOTHING,
        /** What is pinned. */
        PINNED,
        /** Every public address. */
        PUBLIC
    }

    /** A refused destination, as the kernel counted it. */
    public record Refused(InetAddress address, String protocol, int port, long packets) {}

    /** One rendered script: what is (to be) fed to {@code program}. */
    public record Script(String program, String text) {}

    /** Writes pins of one binding. Safe for use from several threads. */
    public interface Pins {
        /** As {@code io.sallyport.resolver.pin.Pinner.pin}. */
        boolean pin(byte[][] addresses, int[] ports, int seconds);
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

    /**
     * Loads the base chains and the standing drop. Keeps what an earlier run of the same installation left in force.
     *
     * @throws FirewallException naming the missing kernel feature or tool
     */
    public static Firewall open(Installation installation) {
        throw new UnsupportedOperationException();
    }

    /**
     * Puts a binding in force, v4 and v6, replacing nothing half-way: either all of it holds when this returns, or none.
     * Conntrack entries of the addresses from earlier are cut. Bindings that are already in force (after a restart) are
     * verified and adopted with their pins.
     *
     * @param internal private blocks that pins may name although they are private
     */
    public Pins bind(Network network, Access access, List<Subnet> internal) {
        throw new UnsupportedOperationException();
    }

    /** Takes a binding's rules and sets away and cuts its flows; the interface stays closed by the standing drop. */
    public void end(String binding) {
        throw new UnsupportedOperationException();
    }

    /** Forgets an interface altogether: its standing drop goes too. */
    public void release(String interfaceName) {
        throw new UnsupportedOperationException();
    }

    /** The scripts in force for one binding, as they were applied. */
    public List<Script> scripts(String binding) {
        throw new UnsupportedOperationException();
    }

    /** What the kernel holds that it should not, or lacks; empty when all is as rendered. One sentence each. */
    public List<String> faults() {
        throw new UnsupportedOperationException();
    }

    /** Puts everything back as rendered. */
    public void repair() {
        throw new UnsupportedOperationException();
    }

    /** What this binding was refused, most frequent first. */
    public List<Refused> refused(String binding) {
        throw new UnsupportedOperationException();
    }

    /** Bindings of this installation that the kernel holds, known to this process or not. */
    public List<String> bindingsInKernel() {
        throw new UnsupportedOperationException();
    }

    /** Packets by kind over all bindings: spoofed, unbound, dns_flood, dot, never, unpinned, host, inbound, flow_flood. */
    public Map<String, Long> counters() {
        throw new UnsupportedOperationException();
    }

    /** Removes every chain, set and jump of this installation: the host is as before. */
    public void uninstall() {
        throw new UnsupportedOperationException();
    }

    /** Stops writing; rules and pins stay in force. */
    @Override
    public void close() {}
}
