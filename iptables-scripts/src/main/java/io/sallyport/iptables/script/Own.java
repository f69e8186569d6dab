package io.sallyport.iptables.script;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Chain;
import io.sallyport.iptables.script.Ruleset.Opening;
import io.sallyport.iptables.script.Ruleset.Reach;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The chains that belong to one binding, in the order a packet meets them. Limits are here because
 * each binding has its own.
 */
final class Own {

    /** One letter a chain: raw gate R, queries Q, flows F, new flows N, pinned P, refusals X. */
    static final String KINDS = "RQFNPX";

    /** What one rule can list. */
    private static final int MOST_PORTS = 15;

    /** Solicitation and advertisement, RFC 4861. */
    private static final List<Integer> NEIGHBOUR = List.of(135, 136);

    private static final Map<Integer, String> PROTOCOLS = Map.of(6, "tcp", 17, "udp");

    /**
     * A busy build asks some hundred names a second; the resolver answers a multiple of this from
     * its cache.
     */
    private static final String QUERIES = "-m limit --limit 2000/sec --limit-burst 4000";

    /**
     * Queries to other servers cost a conntrack entry for 30 s each: at most 6,400 of the host's
     * table.
     */
    private static final String REDIRECTED = "-m limit --limit 200/sec --limit-burst 400";

    /**
     * The page that says why: a person or an agent asks now and then. A request is some six
     * packets; each costs a conntrack entry for 60 s at most, so 3,000 of the host's table.
     */
    private static final String PAGE = "-m limit --limit 50/sec --limit-burst 100";

    /** Pings, and neighbour discovery, which fills the host's neighbour table. */
    private static final String ICMP = "-m limit --limit 100/sec --limit-burst 200";

    /** New flows a second: ten times what a package manager with 50 connections opens. */
    private static final String FLOWS = "-m limit --limit 500/sec --limit-burst 1000";

    /**
     * Open flows at a time: a 60th of the usual conntrack table of 262,144, in which an established
     * flow stays for days.
     */
    private static final String OPEN_FLOWS =
            "-m connlimit --connlimit-above 4096 --connlimit-mask 0 --connlimit-saddr";

    private final Base base;
    private final String name;
    private final String interfaceName;
    private final List<Block> nets;
    private final boolean six;
    private final Map<Chain, List<String>> chains = new LinkedHashMap<>();

    private Own(
            Base base, String name, String interfaceName, Collection<Block> blocks, boolean six) {
        this.base = base;
        this.name = name;
        this.interfaceName = interfaceName;
        this.six = six;
        this.nets =
                blocks.stream()
                        .filter(block -> block.six() == six && block.prefix() < (six ? 128 : 32))
                        .sorted(Comparator.comparing(Block::toString))
                        .toList();
    }

    static Map<Chain, List<String>> chains(
            Base base,
            String name,
            String interfaceName,
            Collection<Block> blocks,
            Opening opening,
            boolean six) {
        if (blocks.stream().noneMatch(block -> block.six() == six)) {
            return Map.of();
        }
        Own own = new Own(base, name, interfaceName, blocks, six);
        own.raw();
        own.filter(opening);
        return own.chains;
    }

    static String purpose(char kind) {
        return switch (kind) {
            case 'R' ->
                    "The gate: no fragments, DNS and ICMP within their limits; tracking defragments before this,";
            case 'Q' ->
                    "Queries: to the resolver itself untracked, to other servers tracked, both limited,";
            case 'F' -> "Packets to beyond the host: known flows pass, new ones are limited,";
            case 'N' -> "New flows: to which kind of destination?";
            case 'P' -> "Pinned destinations, within the limit of open flows,";
            case 'X' -> "Refused destinations, recorded,";
            default -> throw new IllegalArgumentException("no such kind of chain: " + kind);
        };
    }

    private void raw() {
        String icmp = six ? "ipv6-icmp" : "icmp";
        List<String> gate = new ArrayList<>();
        gate.add("-j MARK --set-xmark " + Verdicts.MARK + "/" + Verdicts.MARK);
        gate.add((six ? "-m ipv6header --header frag --soft" : "-f") + " -j " + shared("ODD"));
        gate.add("-p udp -m udp --dport 53 -g " + own('Q'));
        gate.add("-p tcp -m tcp --dport 53 -g " + own('Q'));
        if (base.pagePort() != 0) {
            String page = "-d " + base.dns(six) + " -p tcp -m tcp --dport 80 ";
            gate.add(page + PAGE + " -j RETURN");
            gate.add(page + "-j " + shared("DNSFLOOD"));
        }
        gate.add("-p " + icmp + " " + ICMP + " -g " + shared("ICMP"));
        gate.add("-p " + icmp + " -j " + shared("ODD"));
        put("raw", 'R', gate);
        put(
                "raw",
                'Q',
                List.of(
                        "-d " + base.dns(six) + " " + QUERIES + " -g " + shared("ASK"),
                        "! -d " + base.dns(six) + " " + REDIRECTED + " -j RETURN",
                        "-j " + shared("DNSFLOOD")));
    }

    private void filter(Opening opening) {
        List<String> flows = new ArrayList<>(within());
        flows.addAll(
                List.of(
                        "-m conntrack --ctstate ESTABLISHED --ctdir ORIGINAL -j " + shared("LET"),
                        "-m conntrack ! --ctstate NEW -j " + shared("ODD"),
                        // A flow that was cut, such as one of the session before: to the kernel it
                        // is new, and what the binding may reach now would let it go on.
                        "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j " + shared("REJ"),
                        FLOWS + " -g " + own('N'),
                        "-j " + shared("FLOOD")));
        put("filter", 'F', flows);
        put("filter", 'N', decisions(opening));
        put("filter", 'P', pinned(opening));
        String seen = Names.set(base.id(), name, "ref", six);
        put(
                "filter",
                'X',
                List.of(
                        "-m set --match-set " + seen + " dst,dst -j " + shared("REF"),
                        "-j SET --add-set " + seen + " dst,dst",
                        "-j " + shared("REF")));
    }

    /**
     * From one host of the network to another: by a bridge, whose packets come here where {@code
     * bridge-nf-call-iptables} is on, as Docker turns it. They have not left the sandbox.
     */
    private List<String> within() {
        List<String> rules = new ArrayList<>();
        for (Block net : nets) {
            rules.add("-d " + net + " -o " + interfaceName + " -j " + shared("LET"));
        }
        if (six && !nets.isEmpty()) {
            // Neighbours are asked for by a group's address; the hop limit proves the link.
            for (int type : NEIGHBOUR) {
                rules.add(
                        "-o "
                                + interfaceName
                                + " -p ipv6-icmp -m icmp6 --icmpv6-type "
                                + type
                                + " -m hl --hl-eq 255 -j "
                                + shared("LET"));
            }
        }
        return rules;
    }

    private List<String> decisions(Opening opening) {
        List<String> rules = new ArrayList<>();
        if (opening.reach() != Reach.NOTHING) {
            rules.add("-p tcp -m multiport --dports 53,853 -g " + own('X'));
            rules.add("-p udp -m multiport --dports 53,853 -g " + own('X'));
            pins(opening).forEach(match -> rules.add(match + " -g " + own('P')));
            if (opening.reach() == Reach.PUBLIC) {
                rules.add(OPEN_FLOWS + " -j " + shared("FLOOD"));
                rules.add("-j " + shared("PASS"));
            }
        }
        rules.add("-g " + own('X'));
        return rules;
    }

    /** A set of addresses with the ports that all of them open, a set of addresses with ports. */
    private List<String> pins(Opening opening) {
        List<String> matches = new ArrayList<>();
        String usual = "-m set --match-set " + Names.set(base.id(), name, "pin", six) + " dst";
        PROTOCOLS.keySet().stream()
                .sorted()
                .forEach(protocol -> {
                    List<String> ports =
                            opening.ports().stream()
                                    .filter(port -> port >>> 16 == protocol)
                                    .map(port -> Integer.toString(port & 0xffff))
                                    .toList();
                    for (int from = 0; from < ports.size(); from += MOST_PORTS) {
                        int to = Math.min(ports.size(), from + MOST_PORTS);
                        matches.add(
                                "-p %s -m multiport --dports %s %s"
                                        .formatted(
                                                PROTOCOLS.get(protocol),
                                                String.join(",", ports.subList(from, to)),
                                                usual));
                    }
                });
        if (opening.otherPorts()) {
            matches.add(
                    "-m set --match-set " + Names.set(base.id(), name, "own", six) + " dst,dst");
        }
        return matches;
    }

    private List<String> pinned(Opening opening) {
        List<String> rules = new ArrayList<>();
        if (opening.reach() != Reach.NOTHING) {
            rules.add(OPEN_FLOWS + " -j " + shared("FLOOD"));
            internal(opening)
                    .forEach(block -> rules.add("-d " + block + " -j " + shared("PASSINT")));
            rules.add("-j " + shared("PASS"));
        }
        rules.add("-g " + own('X'));
        return rules;
    }

    private List<Block> internal(Opening opening) {
        return opening.internal().stream().filter(block -> block.six() == six).toList();
    }

    private void put(String table, char kind, List<String> rules) {
        chains.put(new Chain(table, own(kind)), List.copyOf(rules));
    }

    private String own(char kind) {
        return Names.own(base.id(), kind, name);
    }

    private String shared(String kind) {
        return Names.shared(base.id(), kind);
    }
}
