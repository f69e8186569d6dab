package io.sallyport.iptables.script;

import io.sallyport.iptables.script.Ruleset.Chain;
import io.sallyport.iptables.script.Ruleset.Jump;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Names of chains and sets. A chain has 28 characters: {@code SALLYPORT-}, six of the installation,
 * a dash, and eleven: capitals for a shared chain, or one capital and the binding's ten lower-case
 * letters and digits.
 */
final class Names {

    /** Built-in chains and the shared chains that they jump to. */
    private static final Map<Chain, String> HOOKS = hooks();

    private static final Set<String> SET_KINDS =
            Set.of("pin4", "pin6", "own4", "own6", "ref4", "ref6");

    private Names() {}

    private static Map<Chain, String> hooks() {
        Map<Chain, String> hooks = new LinkedHashMap<>();
        hooks.put(new Chain("raw", "PREROUTING"), "PRE");
        hooks.put(new Chain("raw", "OUTPUT"), "OUT");
        hooks.put(new Chain("mangle", "POSTROUTING"), "LOCK");
        hooks.put(new Chain("nat", "PREROUTING"), "NAT");
        hooks.put(new Chain("nat", "POSTROUTING"), "POST");
        hooks.put(new Chain("filter", "FORWARD"), "FWD");
        hooks.put(new Chain("filter", "INPUT"), "IN");
        return hooks;
    }

    static String prefix(String id) {
        return "SALLYPORT-" + id + "-";
    }

    static String shared(String id, String kind) {
        return prefix(id) + kind;
    }

    static String own(String id, char kind, String binding) {
        return prefix(id) + kind + binding;
    }

    /**
     * What differs comes first: the kernel finds a set by comparing its name with that of each set
     * there is.
     */
    static String set(String id, String binding, String kind, boolean six) {
        return binding + "-" + kind + (six ? "6" : "4") + "-sp" + id;
    }

    static Optional<String> bindingOfSet(String id, String set) {
        String[] parts = set.split("-", -1);
        return parts.length == 3 && SET_KINDS.contains(parts[1]) && parts[2].equals("sp" + id)
                ? binding(parts[0])
                : Optional.empty();
    }

    static Optional<String> bindingOfChain(String id, String chain) {
        int start = prefix(id).length();
        return chain.startsWith(prefix(id))
                        && chain.length() > start + 1
                        && Own.KINDS.indexOf(chain.charAt(start)) >= 0
                ? binding(chain.substring(start + 1))
                : Optional.empty();
    }

    private static Optional<String> binding(String name) {
        boolean valid =
                !name.isEmpty()
                        && name.length() <= 10
                        && name.chars()
                                .allMatch(letter ->
                                        (letter >= 'a' && letter <= 'z')
                                                || (letter >= '0' && letter <= '9'));
        return valid ? Optional.of(name) : Optional.empty();
    }

    static Set<String> bindings(Ruleset rules) {
        Set<String> names = new TreeSet<>();
        rules.chains()
                .keySet()
                .forEach(chain -> bindingOfChain(rules.id(), chain.name()).ifPresent(names::add));
        return names;
    }

    static Map<Chain, Jump> jumps(String id, Jump jump) {
        Map<Chain, Jump> jumps = new LinkedHashMap<>();
        HOOKS.keySet().forEach(hook -> jumps.put(hook, jump));
        return jumps;
    }

    /**
     * The own chain that a built-in chain jumps to; null for a built-in chain that is left alone.
     */
    static Optional<String> target(String id, Chain hook) {
        return Optional.ofNullable(HOOKS.get(hook)).map(kind -> shared(id, kind));
    }

    /**
     * Lists in which no packet meets two rules, but for one that takes the rest: a packet meets its
     * own wherever it stands, and nft need not read the others to put one in front.
     */
    static boolean inAnyOrder(String id, String chain) {
        return chain.equals(shared(id, "STAND"))
                || chain.equals(shared(id, "ND"))
                || Dispatch.isBucket(chain);
    }

    /** What a chain is for, as a person reads it in the script. */
    static String purpose(String id, String chain) {
        String kind = chain.substring(prefix(id).length());
        if (bindingOfChain(id, chain).isPresent()) {
            return Own.purpose(kind.charAt(0)) + " of binding " + kind.substring(1);
        }
        return Purpose.of(kind);
    }
}
