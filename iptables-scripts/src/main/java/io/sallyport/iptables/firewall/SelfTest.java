package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.ToolException;
import io.sallyport.iptables.firewall.Firewall.Finding;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.netlink.Netlink.Addition;
import io.sallyport.iptables.netlink.Netlink.Entry;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Tries on this kernel, in chains that nothing jumps to, each kind of rule that will be needed. */
final class SelfTest {

    /** One kind of rule: the module that brings it, and a rule of each family. */
    private record Feature(String module, String table, String four, String six) {
        Feature(String module, String table, String both) {
            this(module, table, both, both);
        }

        String rule(boolean v6) {
            return v6 ? six : four;
        }
    }

    private static final Path IPV6 = Path.of("/proc/sys/net/ipv6");

    private static final int DESTROY_ATTEMPTS = 100;
    private static final long DESTROY_PAUSE_NANOS = 10_000_000;

    private final Tools tools;
    private final String chain = "SALLYPORT-CHECK-" + ProcessHandle.current().pid();
    private final String pins = "spcheck" + ProcessHandle.current().pid() + "-p";
    private final String seen = "spcheck" + ProcessHandle.current().pid() + "-r";

    SelfTest(Tools tools) {
        this.tools = tools;
    }

    /**
     * Whether the kernel speaks IPv6 at all; without it sandboxes have none and nothing needs
     * closing.
     */
    static boolean ipv6() {
        return Files.isDirectory(IPV6);
    }

    private List<Feature> features(boolean v6) {
        String pin = pins + (v6 ? "6" : "4");
        String ref = seen + (v6 ? "6" : "4");
        return List.of(
                new Feature("xt_CT", "raw", "-j CT --notrack"),
                new Feature("xt_mark", "raw", "-j MARK --set-xmark 0x10/0x10"),
                new Feature(
                        "xt_mark and xt_addrtype",
                        "mangle",
                        "-m mark --mark 0x10/0x10 -m addrtype ! --src-type LOCAL -j RETURN"),
                new Feature(
                        "xt_limit",
                        "raw",
                        "-m limit --limit 2000/sec --limit-burst 4000 -j RETURN"),
                new Feature(
                        "ip6t_ipv6header",
                        "raw",
                        "-f -j DROP",
                        "-m ipv6header --header frag --soft -j DROP"),
                new Feature(
                        "xt_hl",
                        "raw",
                        "-p icmp -m icmp --icmp-type 8 -j DROP",
                        "-p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j DROP"),
                new Feature(
                        "xt_nat",
                        "nat",
                        "-p udp -m udp --dport 53 -j DNAT --to-destination 127.0.0.1:5300",
                        "-p udp -m udp --dport 53 -j DNAT --to-destination [::1]:5300"),
                new Feature("xt_MASQUERADE", "nat", "! -o lo -j MASQUERADE"),
                new Feature(
                        "xt_conntrack",
                        "filter",
                        "-m conntrack --ctstate ESTABLISHED --ctdir REPLY -j RETURN"),
                new Feature(
                        "xt_multiport", "filter", "-p tcp -m multiport --dports 53,853 -j RETURN"),
                new Feature(
                        "xt_connlimit",
                        "filter",
                        "-m connlimit --connlimit-above 4096 --connlimit-mask 0 --connlimit-saddr -j DROP"),
                new Feature("xt_set", "filter", "-m set --match-set " + pin + " dst -j RETURN"),
                new Feature("xt_set", "filter", "-m set --match-set " + ref + " dst,dst -j RETURN"),
                new Feature("xt_set", "filter", "-j SET --add-set " + ref + " dst,dst"),
                new Feature(
                        "ipt_REJECT and ip6t_REJECT",
                        "filter",
                        "-p tcp -j REJECT --reject-with tcp-reset"),
                new Feature(
                        "ipt_REJECT and ip6t_REJECT",
                        "filter",
                        "-j REJECT --reject-with icmp-admin-prohibited",
                        "-j REJECT --reject-with icmp6-adm-prohibited"));
    }

    /** Throws with what is missing, one look at each family when nothing is. */
    void require() {
        try {
            makeSets(false);
            tryAll(false);
            if (ipv6()) {
                makeSets(true);
                tryAll(true);
            }
            cleanUp();
        } catch (ToolException e) {
            cleanUp();
            List<String> missing =
                    check().stream()
                            .filter(finding -> !finding.ok())
                            .map(finding -> finding.what() + "; " + finding.fix())
                            .toList();
            throw new FirewallException(
                    missing.isEmpty()
                            ? "the kernel refused once: " + e.getMessage()
                            : String.join("\n", missing),
                    e);
        }
    }

    private void tryAll(boolean v6) {
        StringBuilder text = new StringBuilder();
        for (String table : List.of("raw", "mangle", "nat", "filter")) {
            text.append('*').append(table).append("\n:").append(chain).append(" - [0:0]\n");
            features(v6).stream()
                    .filter(feature -> feature.table().equals(table))
                    .forEach(feature ->
                            text.append("-A ")
                                    .append(chain)
                                    .append(' ')
                                    .append(feature.rule(v6))
                                    .append('\n'));
            text.append("COMMIT\n");
        }
        tools.restore(v6, text.toString());
    }

    /** Each thing on its own. */
    List<Finding> check() {
        List<Finding> findings = new ArrayList<>();
        findings.add(
                tried(
                        "ipset is there and allowed",
                        "install ipset and run as root or with CAP_NET_ADMIN",
                        () -> tools.ipset("list", "-n")));
        family(false, findings);
        if (ipv6()) {
            family(true, findings);
        } else {
            findings.add(new Finding(true, "IPv6 is off in this kernel: sandboxes have none", ""));
        }
        findings.add(
                tried(
                        "set entries can be written by netlink",
                        "run with CAP_NET_ADMIN",
                        this::writeEntry));
        cleanUp();
        return findings;
    }

    private void family(boolean v6, List<Finding> findings) {
        String name = v6 ? "IPv6: " : "IPv4: ";
        findings.add(
                tried(
                        name + "sets of addresses, and of ports too, with timeouts and counters",
                        module("ip_set_hash_ip and ip_set_hash_ipport"),
                        () -> makeSets(v6)));
        for (Feature feature : features(v6)) {
            findings.add(
                    tried(
                            name + feature.table() + " rule " + feature.rule(v6),
                            module(feature.module()),
                            () ->
                                    tools.restore(
                                            v6,
                                            "*"
                                                    + feature.table()
                                                    + "\n:"
                                                    + chain
                                                    + " - [0:0]\n-A "
                                                    + chain
                                                    + " "
                                                    + feature.rule(v6)
                                                    + "\nCOMMIT\n")));
        }
    }

    private static String module(String name) {
        return "load the kernel module "
                + name
                + " (modprobe, /etc/modules-load.d) or install the kernel's extra modules";
    }

    private static Finding tried(String what, String fix, Runnable attempt) {
        try {
            attempt.run();
            return new Finding(true, what, "");
        } catch (ToolException e) {
            return new Finding(false, what + ": " + e.getMessage(), fix);
        }
    }

    private void makeSets(boolean v6) {
        String family = v6 ? " family inet6 " : " family inet ";
        String suffix = v6 ? "6" : "4";
        tools.restoreSets(
                "create "
                        + pins
                        + suffix
                        + " hash:ip"
                        + family
                        + "timeout 120\ncreate "
                        + seen
                        + suffix
                        + " hash:ip,port"
                        + family
                        + "counters forceadd\n");
    }

    private void writeEntry() {
        try (Netlink netlink = Netlink.open(tools.namespace())) {
            List<Entry> one = List.of(new Entry(0, 0x01010101, 0, 0));
            int refusal = netlink.add(List.of(new Addition(pins + "4", false, one, 1)))[0];
            if (refusal != 0) {
                throw new ToolException("the kernel refused: errno " + refusal);
            }
        } catch (UncheckedIOException e) {
            throw new ToolException(String.valueOf(e.getMessage()), e);
        }
    }

    private void cleanUp() {
        for (boolean v6 : ipv6() ? new boolean[] {false, true} : new boolean[] {false}) {
            for (String table : List.of("raw", "mangle", "nat", "filter")) {
                quietly(() ->
                        tools.restore(
                                v6,
                                "*"
                                        + table
                                        + "\n:"
                                        + chain
                                        + " - [0:0]\n-X "
                                        + chain
                                        + "\nCOMMIT\n"));
            }
        }
        List<String> sets = new ArrayList<>();
        quietly(() ->
                tools.ipset("list", "-n")
                        .lines()
                        .filter(set -> set.startsWith(pins) || set.startsWith(seen))
                        .forEach(sets::add));
        sets.forEach(this::destroy);
    }

    /** nft lets go of a set a moment after the rule that named it is gone. */
    private void destroy(String set) {
        for (int attempt = 0; attempt < DESTROY_ATTEMPTS; attempt++) {
            try {
                tools.ipset("destroy", set);
                return;
            } catch (ToolException e) {
                LockSupport.parkNanos(DESTROY_PAUSE_NANOS);
            }
        }
    }

    /** What could not be made need not be removed. */
    private static void quietly(Runnable attempt) {
        try {
            attempt.run();
        } catch (ToolException e) {
            // As said above: it was never made.
        }
    }
}
