package io.sallyport.iptables.script;

/** What each shared chain is for, as a person reads it in the script. */
final class Purpose {

    private Purpose() {}

    static String of(String kind) {
        int dash = kind.indexOf('-');
        if (dash > 0 && !kind.endsWith("-END")) {
            return kind.endsWith("-NET")
                    ? "... nets, spread by their last bits"
                    : "... with these bits in the address";
        }
        return switch (dash < 0 ? kind : kind.substring(0, dash)) {
            case "PRE" ->
                    kind.endsWith("-END")
                            ? "No binding claims the packet: from a sandbox's interface it goes no further"
                            : "Whose packet is it? Interface and source decide";
            case "STAND" -> "An interface with a binding, but a source that is not its own";
            case "SPOOF" -> "Counts packets with a foreign source";
            case "UNBOUND" -> "Counts packets of interfaces without a binding";
            case "ODD" -> "Counts fragments, odd ICMP and packets that belong to no flow";
            case "DNSFLOOD" -> "Counts queries, and requests for the page, beyond their limits";
            case "ICMP" ->
                    "Of ICMP only pings and, on the link, neighbour discovery; never errors or redirects";
            case "ASK" -> "Queries to the resolver skip connection tracking";
            case "ND" ->
                    "Neighbour discovery from link-local addresses, on interfaces with an IPv6 binding";
            case "OUT" -> "The resolver's answers skip connection tracking too";
            case "NAT" -> "Queries of sandboxes to other servers, requests for their page";
            case "DNS" -> "... end at the resolver";
            case "POST" -> "Sandboxes that leave with the host's address";
            case "FWD" ->
                    kind.endsWith("-END")
                            ? "No binding claims the packet: closed if from a sandbox, replies only if to one"
                            : "Through the host: whose packet is it?";
            case "TO" ->
                    kind.endsWith("-END")
                            ? "To a sandbox's interface but to none of its addresses"
                            : "Into a sandbox: whose packet is it?";
            case "BACK" ->
                    "Into a sandbox: replies to its own flows, errors about them, nothing else";
            case "INBOUND" -> "Counts what tried to get in";
            case "IN" ->
                    kind.endsWith("-END")
                            ? "No binding claims the packet"
                            : "To the host itself: whose packet is it?";
            case "HOST" ->
                    "To the host: the resolver and its page, replies to what the host asked, nothing else";
            case "LINK" -> "Neighbour discovery that passed the raw table, nothing else";
            case "NOHOST" -> "Counts what tried to reach the host";
            case "LET" -> "Let pass: no longer to be held back at the end";
            case "LOCK" ->
                    "Holds back what the filter table did not let pass, whoever emptied that";
            case "PASS" ->
                    "Allowed so far; the never-allowed and other sandboxes are refused all the same";
            case "PASSINT" ->
                    "Allowed within an internal block; the never-allowed are refused all the same";
            case "REF" -> "Refused: which kind?";
            case "DOT" -> "Counts DNS over TLS or QUIC";
            case "NEVER" -> "Counts never-allowed destinations";
            case "UNPIN" -> "Counts destinations that are not pinned";
            case "FLOOD" -> "Counts flows beyond the limits";
            case "REJ" -> "Refused at once, so that a program fails instead of hanging";
            default -> throw new IllegalArgumentException("no such kind of chain: " + kind);
        };
    }
}
