package io.sallyport.sync.probe;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What each way stands for. A name that is not here is that of the longest beginning that is:
 * addresses and families follow the name.
 */
final class Holes {
    private static final NavigableMap<String, String> TEXTS =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("tcp-direct", "direct connection: filters of names alone"),
                            Map.entry("tcp-unusual-ports", "ports that a list of web ports forgot"),
                            Map.entry(
                                    "tcp-pinned-other-ports",
                                    "an allowed name opens every port of its address"),
                            Map.entry("tcp-from-port-53", "rules that trust a source port"),
                            Map.entry("tcp-translated-v6", "IPv6 forms of an IPv4 address"),
                            Map.entry("tcp-mapped-v4", "IPv4 by an IPv6 socket"),
                            Map.entry("udp-direct", "QUIC, time, STUN: rules for TCP alone"),
                            Map.entry(
                                    "udp-pinned-other-ports",
                                    "an allowed name opens every port of its address"),
                            Map.entry("udp-fragments", "fragments past a match of ports"),
                            Map.entry("udp-from-port-53", "rules that trust a source port"),
                            Map.entry("dns-over-tls", "encrypted DNS to public resolvers"),
                            Map.entry("dns-over-https", "encrypted DNS to public resolvers"),
                            Map.entry("dns-over-quic", "encrypted DNS to public resolvers"),
                            Map.entry("metadata", "credentials of the cloud's metadata service"),
                            Map.entry("private", "the operator's own networks"),
                            Map.entry(
                                    "host-services",
                                    "the guard's own API, and others of the host, from inside"),
                            Map.entry("host-datagrams", "services of the host by UDP"),
                            Map.entry(
                                    "resolver-other-ports",
                                    "an allowance for the resolver that names no port"),
                            Map.entry("resolver-web", "a web server or proxy at the resolver"),
                            Map.entry("multicast", "neighbours by multicast and broadcast"),
                            Map.entry("dns-denied-udp", "denied names that resolve"),
                            Map.entry("dns-denied-tcp", "DNS over TCP, forgotten"),
                            Map.entry("dns-other-types", "types beside A and AAAA, unfiltered"),
                            Map.entry("dns-other-classes", "classes beside IN"),
                            Map.entry("dns-zone-transfer", "a zone at once"),
                            Map.entry("dns-upper-case", "matching with case"),
                            Map.entry("dns-dot-in-label", "names compared as text"),
                            Map.entry("dns-nul-in-label", "names compared as C strings"),
                            Map.entry("dns-near-names", "*foobar.com that matches evilfoobar.com"),
                            Map.entry("dns-long-names", "labels and names past their limits"),
                            Map.entry("dns-tunnel", "tunnel by denied names that are forwarded"),
                            Map.entry("dns-two-questions", "the first question checked, all asked"),
                            Map.entry("dns-trailing-octets", "octets behind a message, forwarded"),
                            Map.entry("dns-pointers", "compressed names and loops"),
                            Map.entry("dns-flags", "flags that lead past the policy"),
                            Map.entry("dns-opcodes", "operations beside QUERY"),
                            Map.entry(
                                    "dns-edns", "options that change the answer or are passed on"),
                            Map.entry(
                                    "dns-encrypted-resolvers",
                                    "names of public resolvers, allowed by a list"),
                            Map.entry("dns-metadata-name", "metadata services by name"),
                            Map.entry("dns-internal-names", "the host or the cluster by name"),
                            Map.entry("dns-search-domains", "search lists that make it allowed"),
                            Map.entry("dns-udp-to-", "another server than the resolver"),
                            Map.entry("dns-tcp-to-", "another server over TCP"),
                            Map.entry("dns-allowed-types", "data in records of an allowed name"),
                            Map.entry("dns-service-hints", "addresses in HTTPS and SVCB hints"),
                            Map.entry("dns-rebinding", "an allowed name with a private address"),
                            Map.entry("dns-foreign-records", "records of others in an answer"),
                            Map.entry("dns-tunnel-allowed", "tunnel by an allowed wildcard"),
                            Map.entry("icmp-echo", "tunnel by ping"),
                            Map.entry("icmp-echo-pinned", "ping of an allowed name's address"),
                            Map.entry("icmp-echo-host", "ping of the host"),
                            Map.entry("other-protocols", "protocols beside TCP and UDP"),
                            Map.entry("tiny-fragments", "a header in two fragments"),
                            Map.entry("packet-socket", "rules in the sandbox's own namespace"),
                            Map.entry("spoofed-source", "another's policy by its address"),
                            Map.entry("changed-address", "another's policy by its address"),
                            Map.entry("source-route", "a route past the guard"),
                            Map.entry("ip-options", "IP options"),
                            Map.entry("destination-options-v6", "IPv6 extension headers"),
                            Map.entry("hop-by-hop-v6", "IPv6 extension headers"),
                            Map.entry("own-rules", "a guard that root inside can take away"),
                            Map.entry("allowed-name", "the control"),
                            Map.entry("domain-fronting", "shared addresses, SNI and Host"),
                            Map.entry("query-octets-upstream", "covert octets in queries"),
                            Map.entry("pin-flooding", "many addresses under one name"),
                            Map.entry("address-after-its-time", "pins that never end"),
                            Map.entry("address-reuse", "the next tenant of an address"),
                            Map.entry("start-up", "traffic before the policy"),
                            Map.entry("crash-of-the-guard", "fail-open"),
                            Map.entry("revoked-under-way", "answers under a revoked policy"),
                            Map.entry("poisoned-upstream", "answers forged on the way"),
                            Map.entry("crafted-answers", "a resolver that a message stops"),
                            Map.entry("names-in-logs-and-metrics", "escapes and cardinality")));

    private Holes() {}

    static String of(String way) {
        for (Map.Entry<String, String> known :
                TEXTS.descendingMap().tailMap(way, true).entrySet()) {
            if (way.startsWith(known.getKey())) {
                return known.getValue();
            }
        }
        throw new IllegalArgumentException("nobody says what " + way + " stands for");
    }

    /** All ways that there are, without what follows their names. */
    static Iterable<String> ways() {
        return TEXTS.navigableKeySet();
    }
}
