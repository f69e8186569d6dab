package io.sallyport.iptables.script;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Chain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The chains that are the same whatever is bound: verdicts that count, and what all share. */
final class Verdicts {

    /**
     * Router solicitation, neighbour solicitation and advertisement, RFC 4861; the hop limit proves
     * the link.
     */
    static final List<Integer> DISCOVERY = List.of(133, 135, 136);

    /** Sources that are no address of a network: link-local, and none yet. */
    static final List<String> OF_THE_LINK = List.of("fe80::/10", "::/128");

    /**
     * A packet of a sandbox has this bit from the raw table until the filter table lets it pass. If
     * somebody flushes the filter table, nothing is let pass. One of the low bits, which neither
     * kube-proxy nor the network plugins and tunnels that are known take.
     */
    static final String MARK = "0x10";

    private final Base base;
    private final boolean six;
    private final String icmp;

    Verdicts(Base base, boolean six) {
        this.base = base;
        this.six = six;
        this.icmp = six ? "ipv6-icmp" : "icmp";
    }

    Map<Chain, List<String>> chains() {
        Map<Chain, List<String>> chains = new LinkedHashMap<>();
        raw(chains);
        mangle(chains);
        chains.put(chain("nat", "DNS"), redirections());
        filter(chains);
        return chains;
    }

    private void raw(Map<Chain, List<String>> into) {
        into.put(chain("raw", "SPOOF"), spoofed());
        List.of("UNBOUND", "ODD", "DNSFLOOD")
                .forEach(kind -> into.put(chain("raw", kind), List.of("-j DROP")));
        into.put(chain("raw", "ICMP"), usefulIcmp());
        into.put(chain("raw", "ASK"), List.of("-j CT --notrack"));
        into.put(
                chain("raw", "OUT"),
                List.of(
                        "-s " + base.dns(six) + " -p udp -m udp --sport 53 -j CT --notrack",
                        "-s " + base.dns(six) + " -p tcp -m tcp --sport 53 -j CT --notrack"));
    }

    /**
     * Each IPv6 host tells its link of itself and its multicast groups: dropped, but no spoofing.
     */
    private List<String> spoofed() {
        List<String> rules = new ArrayList<>();
        if (six) {
            OF_THE_LINK.forEach(
                    source -> rules.add("-s " + source + " -p ipv6-icmp -j " + name("ODD")));
        }
        rules.add("-j DROP");
        return rules;
    }

    private List<String> usefulIcmp() {
        List<String> rules = new ArrayList<>();
        if (six) {
            List.of(128, 129)
                    .forEach(type ->
                            rules.add(
                                    "-p ipv6-icmp -m icmp6 --icmpv6-type " + type + " -j RETURN"));
            DISCOVERY.forEach(type -> rules.add(discovery(type) + "-j RETURN"));
        } else {
            List.of(0, 8)
                    .forEach(type ->
                            rules.add("-p icmp -m icmp --icmp-type " + type + " -j RETURN"));
        }
        rules.add("-j " + name("ODD"));
        return rules;
    }

    static String discovery(int type) {
        return "-p ipv6-icmp -m icmp6 --icmpv6-type " + type + " -m hl --hl-eq 255 ";
    }

    /** What leaves this host with the mark was let pass by others, or by nobody. */
    private void mangle(Map<Chain, List<String>> into) {
        into.put(
                chain("mangle", "LOCK"),
                List.of(
                        "-m mark --mark "
                                + MARK
                                + "/"
                                + MARK
                                + " -m addrtype ! --src-type LOCAL -j DROP"));
    }

    private List<String> redirections() {
        List<String> rules = new ArrayList<>();
        String to = " -j DNAT --to-destination ";
        for (String protocol : List.of("udp", "tcp")) {
            rules.add(
                    "! -d "
                            + base.dns(six)
                            + (" -p " + protocol + " -m " + protocol + " --dport 53")
                            + to
                            + target(base.redirectPort()));
        }
        if (base.pagePort() != 0) {
            rules.add(
                    "-d "
                            + base.dns(six)
                            + " -p tcp -m tcp --dport 80"
                            + to
                            + target(base.pagePort()));
        }
        return rules;
    }

    private String target(int port) {
        String address = address(base.dns(six));
        return (six ? "[" + address + "]" : address) + ":" + port;
    }

    private void filter(Map<Chain, List<String>> into) {
        into.put(
                chain("filter", "BACK"),
                List.of(
                        "-m conntrack --ctstate ESTABLISHED --ctdir REPLY -j " + name("LET"),
                        "-p " + icmp + " -m conntrack --ctstate RELATED -j " + name("LET"),
                        "-j " + name("INBOUND")));
        into.put(chain("filter", "HOST"), host());
        if (six) {
            List<String> link = new ArrayList<>(acceptDiscovery());
            link.add("-j " + name("UNBOUND"));
            into.put(chain("filter", "LINK"), link);
        }
        into.put(chain("filter", "LET"), List.of("-j MARK --set-xmark 0x0/" + MARK, "-j ACCEPT"));
        into.put(chain("filter", "PASS"), pass(true));
        into.put(chain("filter", "PASSINT"), pass(false));
        into.put(chain("filter", "REF"), refusals());
        List.of("UNBOUND", "INBOUND", "ODD", "FLOOD")
                .forEach(kind -> into.put(chain("filter", kind), List.of("-j DROP")));
        List.of("NOHOST", "DOT", "NEVER", "UNPIN")
                .forEach(kind -> into.put(chain("filter", kind), List.of("-j " + name("REJ"))));
        into.put(
                chain("filter", "REJ"),
                List.of(
                        "-p tcp -j REJECT --reject-with tcp-reset",
                        "-j REJECT --reject-with "
                                + (six ? "icmp6-adm-prohibited" : "icmp-admin-prohibited")));
    }

    private List<String> host() {
        List<String> rules = new ArrayList<>();
        String to = "-d " + base.dns(six) + " -p ";
        List.of("udp", "tcp")
                .forEach(protocol -> {
                    rules.add(to + protocol + " -m " + protocol + " --dport 53 -j ACCEPT");
                    rules.add(
                            to
                                    + protocol
                                    + " -m "
                                    + protocol
                                    + " --dport "
                                    + base.redirectPort()
                                    + " -m conntrack --ctstate DNAT -j ACCEPT");
                });
        if (base.pagePort() != 0) {
            // Only what came to port 80: a web server of the host's own never sees it, whether the
            // page is served or not.
            rules.add(
                    to
                            + "tcp -m tcp --dport "
                            + base.pagePort()
                            + " -m conntrack --ctstate DNAT -j ACCEPT");
        }
        rules.add("-m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT");
        if (six) {
            rules.addAll(acceptDiscovery());
        }
        rules.add("-j " + name("NOHOST"));
        return rules;
    }

    private static List<String> acceptDiscovery() {
        return DISCOVERY.stream().map(type -> discovery(type) + "-j ACCEPT").toList();
    }

    private List<String> pass(boolean publicOnly) {
        List<String> rules = new ArrayList<>();
        reserved(publicOnly).forEach(match -> rules.add(match + " -j RETURN"));
        rules.add("-j " + name("TO"));
        rules.add("-j " + name("LET"));
        return rules;
    }

    private List<String> refusals() {
        List<String> rules = new ArrayList<>();
        rules.add("-p tcp -m tcp --dport 853 -j " + name("DOT"));
        rules.add("-p udp -m udp --dport 853 -j " + name("DOT"));
        reserved(true).forEach(match -> rules.add(match + " -j " + name("NEVER")));
        rules.add("-j " + name("UNPIN"));
        return rules;
    }

    private List<String> reserved(boolean withPrivate) {
        List<String> matches = new ArrayList<>();
        Block.never(six).forEach(block -> matches.add("-d " + block));
        if (withPrivate) {
            Block.notPublic(six).forEach(block -> matches.add("-d " + block));
            if (six) {
                matches.add("! -d 2000::/3");
            }
        }
        return matches;
    }

    private static String address(Block single) {
        String text = single.toString();
        return text.substring(0, text.indexOf('/'));
    }

    private Chain chain(String table, String kind) {
        return new Chain(table, name(kind));
    }

    private String name(String kind) {
        return Names.shared(base.id(), kind);
    }
}
