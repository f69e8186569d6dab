package io.sallyport.iptables.script;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Chain;
import io.sallyport.iptables.script.Ruleset.Jump;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads what {@code iptables-save} prints. Other people's chains are passed over. */
final class Saved {

    private final String id;
    private final Map<Chain, List<String>> chains = new LinkedHashMap<>();
    private final Map<Chain, Jump> jumps;
    private final Set<Chain> foreignBefore = new HashSet<>();
    private String table = "";

    private Saved(String id) {
        this.id = id;
        this.jumps = new LinkedHashMap<>(Names.jumps(id, Jump.NONE));
    }

    static Ruleset read(String id, boolean six, String text) {
        Saved saved = new Saved(id);
        text.lines().forEach(saved::line);
        return new Ruleset(id, six, saved.chains, saved.jumps);
    }

    private void line(String line) {
        if (line.startsWith("*")) {
            table = line.substring(1);
        } else if (line.startsWith(":" + Names.prefix(id))) {
            chains.put(new Chain(table, line.substring(1, line.indexOf(' '))), new ArrayList<>());
        } else if (line.startsWith("-A ")) {
            int space = line.indexOf(' ', 3);
            Chain chain =
                    new Chain(table, space < 0 ? line.substring(3) : line.substring(3, space));
            String rule = space < 0 ? "" : line.substring(space + 1);
            Optional<String> target = Names.target(id, chain);
            if (target.isPresent()) {
                hook(chain, rule, target.get());
            } else if (chain.name().startsWith(Names.prefix(id))) {
                chains.computeIfAbsent(chain, _ -> new ArrayList<>()).add(sameWords(rule));
            }
        }
    }

    /** Another installation's jump may stand before ours: each looks at its own interfaces only. */
    private void hook(Chain hook, String rule, String target) {
        if (rule.equals("-j " + target)) {
            Jump before = jumps.getOrDefault(hook, Jump.NONE);
            boolean first = before.count() == 0 ? !foreignBefore.contains(hook) : before.first();
            jumps.put(hook, new Jump(before.count() + 1, first));
        } else if (!rule.startsWith("-j SALLYPORT-")) {
            foreignBefore.add(hook);
        }
    }

    /** Versions of iptables differ in a few words, and hosts: not all have /etc/protocols. */
    private static String sameWords(String rule) {
        return rule.replace("-j NOTRACK", "-j CT --notrack")
                .replace("--header ipv6-frag ", "--header frag ")
                .replace("-p 6 ", "-p tcp ")
                .replace("-p 17 ", "-p udp ")
                .replace("-p 1 ", "-p icmp ")
                .replace("-p 58 ", "-p ipv6-icmp ")
                .replace("-p icmpv6 ", "-p ipv6-icmp ");
    }

    /**
     * Every interface that any rule of the installation is about: where one table was flushed, the
     * others still say what has to stay closed.
     */
    static Set<String> standing(Ruleset rules) {
        Set<String> interfaces = new TreeSet<>();
        rules.chains()
                .values()
                .forEach(lines ->
                        lines.stream()
                                .filter(line -> line.contains("-i ")) // few, and words cost
                                .map(line -> word(line, "-i"))
                                .filter(name -> !name.isEmpty())
                                .forEach(interfaces::add));
        return interfaces;
    }

    /**
     * The raw table says whose addresses are whose; a binding counts only with all its chains, and
     * with the same addresses in the filter table.
     */
    static List<Binding> bindings(Ruleset four, Optional<Ruleset> six) {
        Map<String, Claim> claims = new TreeMap<>();
        claim(four, claims);
        six.ifPresent(rules -> claim(rules, claims));
        List<Binding> bindings = new ArrayList<>();
        claims.forEach((name, claim) -> {
            boolean whole = claim.whole(four) && (six.isEmpty() || claim.whole(six.get()));
            if (whole && claim.interfaces.size() == 1) {
                bindings.add(
                        new Binding(
                                name,
                                claim.interfaces.iterator().next(),
                                claim.gate,
                                claim.masquerade,
                                claim.chains(false),
                                claim.chains(true)));
            }
        });
        return bindings;
    }

    private static void claim(Ruleset rules, Map<String, Claim> claims) {
        Map<String, Boolean> leaving = new HashMap<>();
        rules.chains()
                .forEach((chain, lines) ->
                        Names.bindingOfChain(rules.id(), chain.name())
                                .ifPresent(name ->
                                        claims.computeIfAbsent(name, _ -> new Claim())
                                                .chains(rules.six())
                                                .put(chain, List.copyOf(lines))));
        rules.chains()
                .forEach((chain, lines) ->
                        lines.forEach(line -> {
                            String target = word(line, "-g");
                            Names.bindingOfChain(rules.id(), target)
                                    .ifPresent(name -> {
                                        if (line.startsWith("-s ") && line.contains(" -i ")) {
                                            Claim claim =
                                                    claims.computeIfAbsent(name, _ -> new Claim());
                                            claim.interfaces.add(word(line, "-i"));
                                            (chain.table().equals("raw") ? claim.gate : claim.flows)
                                                    .add(Block.parse(word(line, "-s")));
                                        }
                                    });
                            if (line.endsWith(" -j MASQUERADE")) {
                                leaving.put(word(line, "-s"), true);
                            }
                        }));
        claims.values()
                .forEach(claim ->
                        claim.masquerade |=
                                claim.gate.stream()
                                        .anyMatch(block -> leaving.containsKey(block.toString())));
    }

    static String word(String line, String after) {
        String[] words = line.split(" ", -1);
        for (int i = 0; i < words.length - 1; i++) {
            if (words[i].equals(after)) {
                return words[i + 1];
            }
        }
        return "";
    }

    private static final class Claim {
        final Set<String> interfaces = new TreeSet<>();
        final Set<Block> gate = new HashSet<>();
        final Set<Block> flows = new HashSet<>();
        final Map<Chain, List<String>> four = new LinkedHashMap<>();
        final Map<Chain, List<String>> six = new LinkedHashMap<>();
        boolean masquerade;

        boolean whole(Ruleset rules) {
            boolean here = gate.stream().anyMatch(block -> block.six() == rules.six());
            return gate.equals(flows)
                    && chains(rules.six()).size() == (here ? Own.KINDS.length() : 0);
        }

        Map<Chain, List<String>> chains(boolean v6) {
            return v6 ? six : four;
        }
    }
}
