package io.sallyport.iptables.script;

import io.sallyport.iptables.block.Block;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * All chains of one installation in one family, rendered or as the kernel has them, and the jumps
 * that lead there.
 *
 * @param six whether for IPv6
 * @param chains every own chain and its rules, without the leading {@code -A CHAIN}
 * @param jumps how the built-in chains lead to the own ones
 */
public record Ruleset(
        String id, boolean six, Map<Chain, List<String>> chains, Map<Chain, Jump> jumps) {

    /** A chain of a table. */
    public record Chain(String table, String name) {}

    /**
     * How often a built-in chain jumps to its own chain, and whether nothing foreign stands before
     * that.
     */
    public record Jump(int count, boolean first) {
        static final Jump NONE = new Jump(0, false);
        static final Jump RIGHT = new Jump(1, true);
    }

    /** How far a binding reaches. */
    public enum Reach {
        NOTHING,
        PINNED,
        PUBLIC
    }

    /**
     * What a binding may reach beside the resolver.
     *
     * @param ports what a pinned address opens, protocol in the upper 16 bits and port in the lower
     * @param otherPorts whether some pins open ports of their own
     * @param internal blocks of private addresses that may be pinned
     */
    public record Opening(
            Reach reach, List<Integer> ports, boolean otherPorts, List<Block> internal) {
        public Opening {
            ports = List.copyOf(ports);
            internal = List.copyOf(internal);
        }
    }

    /** In which order tables are committed: whatever comes first must not open anything alone. */
    public enum Order {
        /** Decisions first, the gate last. */
        OPENING,
        /** The gate first. */
        CLOSING;

        public List<String> tables() {
            return switch (this) {
                case OPENING -> List.of("filter", "mangle", "nat", "raw");
                case CLOSING -> List.of("raw", "filter", "mangle", "nat");
            };
        }
    }

    /**
     * What all bindings of an installation share.
     *
     * @param dns4 the resolver's address as a block of one
     * @param pagePort where the page for sandboxes is served; 0 for none
     * @param patterns interfaces that are closed whether they exist or not
     */
    public record Base(
            String id,
            Block dns4,
            Block dns6,
            int redirectPort,
            int pagePort,
            List<String> patterns) {
        public Base {
            patterns = List.copyOf(patterns);
        }

        /**
         * Whether an interface is closed by a pattern, and so needs no standing rule of its own.
         */
        public boolean covers(String interfaceName) {
            return patterns.stream()
                    .filter(each -> each.endsWith("+"))
                    .anyMatch(
                            each -> interfaceName.startsWith(each.substring(0, each.length() - 1)));
        }

        Block dns(boolean six) {
            return six ? dns6 : dns4;
        }
    }

    /**
     * One binding, rendered, or found in the kernel after a restart.
     *
     * @param four its own IPv4 chains; none when it has no IPv4 addresses
     * @param six likewise, IPv6
     */
    public record Binding(
            String name,
            String interfaceName,
            Set<Block> blocks,
            boolean masquerade,
            Map<Chain, List<String>> four,
            Map<Chain, List<String>> six) {

        public Binding {
            blocks = Set.copyOf(blocks);
        }

        /** Renders the chains of a binding; IPv6 only where the kernel has it. */
        public static Binding of(
                Base base,
                String name,
                String interfaceName,
                Collection<Block> blocks,
                boolean masquerade,
                Opening opening,
                boolean v6) {
            return new Binding(
                    name,
                    interfaceName,
                    Set.copyOf(blocks),
                    masquerade,
                    Own.chains(base, name, interfaceName, blocks, opening, false),
                    v6 ? Own.chains(base, name, interfaceName, blocks, opening, true) : Map.of());
        }

        Map<Chain, List<String>> chains(boolean v6) {
            return v6 ? six : four;
        }

        /** Whether it has addresses of a family; without, packets of that family go nowhere. */
        public boolean has(boolean v6) {
            return !chains(v6).isEmpty();
        }

        /** The sets that its rules ask, of both families. */
        public Set<String> sets() {
            Set<String> sets = new TreeSet<>();
            Stream.of(four, six)
                    .flatMap(chains -> chains.values().stream())
                    .flatMap(List::stream)
                    .map(rule -> Saved.word(rule, "--match-set"))
                    .filter(set -> !set.isEmpty())
                    .forEach(sets::add);
            return sets;
        }

        List<Block> blocks(boolean v6) {
            return blocks.stream()
                    .filter(block -> block.six() == v6)
                    .sorted((a, b) -> a.toString().compareTo(b.toString()))
                    .toList();
        }
    }

    /** Everything that should be in force. */
    public static Ruleset render(
            Base base, boolean six, NavigableSet<String> standing, Collection<Binding> bindings) {
        return new Renderer(base, six).render(standing, bindings);
    }

    /**
     * Renders what differs a little each time, and keeps what stays: a binding more among a
     * thousand costs what it adds. For one thread at a time.
     */
    public static final class Renderer {
        private final Base base;
        private final boolean six;
        private final Shared shared;

        public Renderer(Base base, boolean six) {
            this.base = base;
            this.six = six;
            this.shared = new Shared(base, six);
        }

        /** As {@link Ruleset#render}. */
        public Ruleset render(NavigableSet<String> standing, Collection<Binding> bindings) {
            Map<Chain, List<String>> chains = shared.chains(standing, bindings);
            bindings.forEach(binding -> chains.putAll(binding.chains(six)));
            return new Ruleset(base.id(), six, chains, Names.jumps(base.id(), Jump.RIGHT));
        }
    }

    /** Nothing at all, as before the installation. */
    public static Ruleset none(String id, boolean six) {
        return new Ruleset(id, six, Map.of(), Names.jumps(id, Jump.NONE));
    }

    /**
     * What {@code iptables-save} or {@code ip6tables-save} printed, as far as it belongs to the
     * installation.
     */
    public static Ruleset saved(String id, boolean six, String text) {
        return Saved.read(id, six, text);
    }

    /** Interfaces that the kernel's rules close or decide about, patterns included. */
    public Set<String> standing() {
        return Saved.standing(this);
    }

    /**
     * The bindings that two rule sets of one installation hold whole; what is incomplete is not
     * held.
     */
    public static List<Binding> bindings(Ruleset four, Optional<Ruleset> six) {
        return Saved.bindings(four, six);
    }

    /** Names of bindings of which there is any chain. */
    public Set<String> bindingNames() {
        return Names.bindings(this);
    }

    /**
     * The script that turns {@code current} into this by what differs; empty when there is nothing
     * to do.
     */
    public String from(Ruleset current, Order order) {
        return new Change(current, this, false).script(order);
    }

    /** As {@link #from}, but every chain that differs is written whole. */
    public String wholeFrom(Ruleset current, Order order) {
        return new Change(current, this, true).script(order);
    }

    /** What {@code current} has or lacks, one sentence each. */
    public List<String> faults(Ruleset current) {
        return new Change(current, this, false).sentences();
    }

    /**
     * What these rules, as they were read, have or lack, one sentence each, if {@code before} were
     * to become {@code after} and the kernel refused on the way: a table may be of either.
     */
    public List<String> strays(Ruleset before, Ruleset after) {
        return Order.CLOSING.tables().stream()
                .filter(table -> !after.table(table).faults(table(table)).isEmpty())
                .flatMap(table -> before.table(table).faults(table(table)).stream())
                .toList();
    }

    private Ruleset table(String table) {
        Map<Chain, List<String>> chainsOf = new LinkedHashMap<>(chains);
        chainsOf.keySet().removeIf(chain -> !chain.table().equals(table));
        Map<Chain, Jump> jumpsOf = new LinkedHashMap<>(jumps);
        jumpsOf.keySet().removeIf(chain -> !chain.table().equals(table));
        return new Ruleset(id, six, chainsOf, jumpsOf);
    }

    /**
     * Built-in chains that these rules, as they were read, do not lead off first of all, one
     * sentence each.
     */
    public List<String> unhooked() {
        Ruleset right = new Ruleset(id, six, Map.of(), Names.jumps(id, Jump.RIGHT));
        return new Change(this, right, false).jumpSentences();
    }

    /** The name of a binding's set of addresses that are pinned with the ports of its rules. */
    public static String pinSet(String id, String binding, boolean six) {
        return Names.set(id, binding, "pin", six);
    }

    /** The name of a binding's set of pins with ports of their own. */
    public static String ownPortsSet(String id, String binding, boolean six) {
        return Names.set(id, binding, "own", six);
    }

    /** The name of a binding's set of refused destinations. */
    public static String refusedSet(String id, String binding, boolean six) {
        return Names.set(id, binding, "ref", six);
    }

    /** The binding that a set of this installation belongs to. */
    public static Optional<String> bindingOfSet(String id, String set) {
        return Names.bindingOfSet(id, set);
    }

    /** The shared chain that counts one kind of refusal. */
    public static String counting(String id, String kind) {
        return Names.shared(id, kind);
    }
}
