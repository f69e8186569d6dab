package io.sallyport.iptables.script;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Dispatch.Entry;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Chain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The chains that lead to each binding's own, and those that close what has none. Rendered again
 * and again with a binding more or less: what is the same as the last time is the same object.
 */
final class Shared {

    /**
     * A host asks for a few neighbours; more is an attempt on the host's neighbour table, which all
     * its networks share: 1,024 entries that are kept for 5 s at least.
     */
    private static final String DISCOVERY_LIMIT = "-m limit --limit 10/sec --limit-burst 50";

    /** The lines of one binding in the chains of all. */
    private record Lines(
            Binding binding,
            List<Entry> gate,
            List<Entry> flows,
            List<Entry> back,
            List<Entry> host,
            List<Entry> leaving,
            String standing,
            List<String> discovery) {}

    private final Base base;
    private final boolean six;
    private final Map<Chain, List<String>> verdicts;
    private final Dispatch pre;
    private final Dispatch forward;
    private final Dispatch to;
    private final Dispatch in;
    private final Dispatch post;
    private Map<String, Lines> lines = Map.of();

    Shared(Base base, boolean six) {
        this.base = base;
        this.six = six;
        this.verdicts = new Verdicts(base, six).chains();
        this.pre = dispatch("raw", "PRE", "-s");
        this.forward = dispatch("filter", "FWD", "-s");
        this.to = dispatch("filter", "TO", "-d");
        this.in = dispatch("filter", "IN", "-s");
        this.post = new Dispatch(chain("nat", "POST"), "-s", six, List.of());
    }

    private Dispatch dispatch(String table, String kind, String direction) {
        return new Dispatch(
                chain(table, kind), direction, six, List.of("-g " + name(kind + "-END")));
    }

    /** All but the bindings' own. */
    Map<Chain, List<String>> chains(NavigableSet<String> closed, Collection<Binding> bindings) {
        NavigableSet<String> standing = new TreeSet<>(closed);
        standing.addAll(base.patterns());
        Set<String> bound = new TreeSet<>();
        Map<String, Lines> now = new LinkedHashMap<>();
        bindings.stream()
                .sorted(Comparator.comparing(Binding::name))
                .forEach(binding -> {
                    standing.add(binding.interfaceName());
                    bound.add(binding.interfaceName());
                    now.put(binding.name(), lines(binding));
                });
        lines = now;
        Map<Chain, List<String>> chains = new LinkedHashMap<>();
        raw(chains, standing, bound);
        // Whose packet it is the raw table has asked, and the filter table asks again.
        chains.put(chain("nat", "NAT"), closed(standing, "-i", "DNS"));
        post.render(chains, entries(Lines::leaving));
        filter(chains, standing);
        chains.putAll(verdicts);
        return chains;
    }

    private Lines lines(Binding binding) {
        Lines before = lines.get(binding.name());
        return before != null && before.binding().equals(binding) ? before : written(binding);
    }

    private Lines written(Binding binding) {
        String name = binding.interfaceName();
        List<Block> blocks = binding.blocks(six);
        List<String> discovery =
                blocks.isEmpty()
                        ? List.of()
                        : Verdicts.OF_THE_LINK.stream()
                                .map(source ->
                                        "-s %s -i %s %s -j ACCEPT"
                                                .formatted(source, name, DISCOVERY_LIMIT))
                                .toList();
        return new Lines(
                binding,
                pre.entries(blocks, "-i " + name + " -g " + own('R', binding)),
                forward.entries(blocks, "-i " + name + " -g " + own('F', binding)),
                to.entries(blocks, "-o " + name + " -g " + name("BACK")),
                in.entries(blocks, "-i " + name + " -g " + name("HOST")),
                binding.masquerade()
                        ? post.entries(blocks, "! -o " + name + " -j MASQUERADE")
                        : List.of(),
                "-i " + name + " -j " + name("SPOOF"),
                discovery);
    }

    private List<Entry> entries(Function<Lines, List<Entry>> which) {
        List<Entry> entries = new ArrayList<>();
        lines.values().forEach(each -> entries.addAll(which.apply(each)));
        return entries;
    }

    private void raw(
            Map<Chain, List<String>> into, NavigableSet<String> standing, Set<String> bound) {
        pre.render(into, entries(Lines::gate));
        into.put(chain("raw", "PRE-END"), gate(standing, bound));
        into.put(
                chain("raw", "STAND"),
                lines.values().stream()
                        .filter(each -> base.covers(each.binding().interfaceName()))
                        .map(Lines::standing)
                        .distinct()
                        .toList());
        if (six) {
            into.put(
                    chain("raw", "ND"),
                    lines.values().stream()
                            .flatMap(each -> each.discovery().stream())
                            .distinct()
                            .toList());
        }
    }

    private List<String> gate(NavigableSet<String> standing, Set<String> bound) {
        List<String> rules = new ArrayList<>();
        if (six) {
            Verdicts.DISCOVERY.forEach(
                    type -> rules.add(Verdicts.discovery(type) + "-j " + name("ND")));
        }
        for (String each : standing) {
            if (pattern(each)) {
                rules.add("-i " + each + " -j " + name("STAND"));
            }
            boolean isBound = bound.contains(each);
            if (!isBound || !base.covers(each)) {
                rules.add("-i " + each + " -j " + name(isBound ? "SPOOF" : "UNBOUND"));
            }
        }
        return rules;
    }

    private void filter(Map<Chain, List<String>> into, NavigableSet<String> standing) {
        forward.render(into, entries(Lines::flows));
        List<String> end = new ArrayList<>(closed(standing, "-i", "UNBOUND"));
        end.add("-j " + name("TO"));
        into.put(chain("filter", "FWD-END"), end);
        to.render(into, entries(Lines::back));
        into.put(chain("filter", "TO-END"), closed(standing, "-o", "INBOUND"));
        in.render(into, entries(Lines::host));
        into.put(chain("filter", "IN-END"), closed(standing, "-i", six ? "LINK" : "UNBOUND"));
    }

    private List<String> closed(NavigableSet<String> standing, String direction, String kind) {
        return standing.stream()
                .filter(each -> pattern(each) || !base.covers(each))
                .map(each -> direction + " " + each + " -j " + name(kind))
                .toList();
    }

    static boolean pattern(String interfaceName) {
        return interfaceName.endsWith("+");
    }

    private Chain chain(String table, String kind) {
        return new Chain(table, name(kind));
    }

    private String name(String kind) {
        return Names.shared(base.id(), kind);
    }

    private String own(char kind, Binding binding) {
        return Names.own(base.id(), kind, binding.name());
    }
}
