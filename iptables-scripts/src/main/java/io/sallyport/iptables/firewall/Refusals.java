package io.sallyport.iptables.firewall;

import io.sallyport.iptables.attribute.Attributes;
import io.sallyport.iptables.script.Ruleset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Packets that the kernel refused, by kind, since their chains were made. Of nft, some 30 chains
 * are read by netlink, whatever the others hold; the older kind has but its whole list.
 */
final class Refusals {
    /** What is counted, by the shared chain whose last rule counts it. */
    private static final Map<String, String> KINDS =
            Map.of(
                    "spoofed", "SPOOF",
                    "unbound", "UNBOUND",
                    "dns_flood", "DNSFLOOD",
                    "dot", "DOT",
                    "never", "NEVER",
                    "unpinned", "UNPIN",
                    "host", "NOHOST",
                    "inbound", "INBOUND",
                    "flow_flood", "FLOOD",
                    "odd", "ODD");

    private static final List<String> TABLES = List.of("raw", "filter");

    /** NFNL_SUBSYS_NFTABLES, NFT_MSG_GETRULE. */
    private static final int RULES = 10 << 8 | 7;

    private static final int NFPROTO_IPV4 = 2;
    private static final int NFPROTO_IPV6 = 10;
    private static final int ENOENT = 2;

    // linux/netfilter/nf_tables.h
    private static final int RULE_TABLE = 1;
    private static final int RULE_CHAIN = 2;
    private static final int RULE_EXPRESSIONS = 4;
    private static final int LIST_ELEMENT = 1;
    private static final int EXPRESSION_NAME = 1;
    private static final int EXPRESSION_DATA = 2;
    private static final int COUNTER_PACKETS = 2;

    private final Force force;
    private final boolean nft;

    Refusals(Force force) {
        this.force = force;
        this.nft = force.tools.writesNft();
    }

    Map<String, Long> now() {
        return nft ? byNetlink() : fromList();
    }

    private Map<String, Long> byNetlink() {
        Map<String, Long> counters = new TreeMap<>();
        KINDS.forEach((kind, chain) -> {
            LongAdder packets = new LongAdder();
            for (String table : TABLES) {
                read(NFPROTO_IPV4, table, chain, packets);
                if (force.six) {
                    read(NFPROTO_IPV6, table, chain, packets);
                }
            }
            counters.put(kind, packets.sum());
        });
        return counters;
    }

    private void read(int family, String table, String chain, LongAdder packets) {
        byte[] filter =
                new Attributes()
                        .word(RULE_TABLE, table)
                        .word(RULE_CHAIN, Ruleset.counting(force.base.id(), chain))
                        .octets();
        int error = force.netlink.dump(RULES, family, filter, rule -> count(rule, packets));
        if (error != 0 && error != ENOENT) { // not every table has each of them
            throw new UncheckedIOException(new IOException("the rules' counters: error " + error));
        }
    }

    /** The rule that takes what is left begins with its counter: it asks nothing first. */
    private static void count(ByteBuffer rule, LongAdder packets) {
        Attributes.find(rule, RULE_EXPRESSIONS)
                .flatMap(all -> Attributes.find(all, LIST_ELEMENT))
                .filter(Refusals::isCounter)
                .flatMap(first -> Attributes.find(first, EXPRESSION_DATA))
                .flatMap(counter -> Attributes.find(counter, COUNTER_PACKETS))
                .ifPresent(number -> packets.add(Attributes.network(number)));
    }

    private static boolean isCounter(ByteBuffer expression) {
        return Attributes.find(expression, EXPRESSION_NAME)
                .map(Attributes::word)
                .filter("counter"::equals)
                .isPresent();
    }

    private Map<String, Long> fromList() {
        String listed =
                force.tools.saveCounters(false) + (force.six ? force.tools.saveCounters(true) : "");
        Map<String, Long> counters = new TreeMap<>();
        KINDS.forEach((kind, chain) ->
                counters.put(kind, packets(listed, Ruleset.counting(force.base.id(), chain))));
        return counters;
    }

    /** {@code [packets:octets] -A CHAIN -j …}, the rule that takes what is left. */
    private static long packets(String listed, String chain) {
        return listed.lines()
                .filter(line -> line.startsWith("[") && line.contains("] -A " + chain + " -j "))
                .mapToLong(line -> Long.parseLong(line.substring(1, line.indexOf(':'))))
                .sum();
    }
}
