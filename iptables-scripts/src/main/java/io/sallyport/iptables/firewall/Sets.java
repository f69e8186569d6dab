package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.ToolException;
import io.sallyport.iptables.firewall.Firewall.Refused;
import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Binding;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The sets of an installation's bindings: those that the rules of a binding ask, pins and refused
 * destinations of each family that it has. The kernel finds a set by going through all of them, so
 * there are none that no rule asks.
 */
final class Sets {

    /**
     * Pins of a binding: 1,000 names with 8 addresses each within six minutes, about 1 MB when
     * full; an address that opens ports of its own counts once for each.
     */
    static final int MAX_PINS = 8192;

    /**
     * Refused destinations remembered; beyond it the kernel drops one at random, so the frequent
     * ones stay.
     */
    private static final int MAX_REFUSED = 4096;

    /**
     * 8 kB, and no growth below some 5,000 pins: when a set grows the kernel waits until no reader
     * is left, for tens of milliseconds, and the event loop that pins waits with it.
     */
    private static final String PINS = "hashsize 1024 maxelem " + MAX_PINS + " timeout 120";

    private static final String REFUSED =
            "hashsize 64 maxelem " + MAX_REFUSED + " counters forceadd";

    /** nft lets go of a set a moment after the rule that named it is gone. */
    private static final int DESTROY_ATTEMPTS = 100;

    private static final long DESTROY_PAUSE_MILLIS = 10;

    private static final Pattern MEMBER =
            Pattern.compile("(\\S+),(\\w+):(\\S+) .*?packets (\\d+) .*", Pattern.CASE_INSENSITIVE);

    /** What the kernel says of a set. */
    record Seen(String type, String header, int entries) {}

    private final String id;
    private final Tools tools;

    Sets(String id, Tools tools) {
        this.id = id;
        this.tools = tools;
    }

    /** What a set must be. */
    private record Kind(String type, String header) {
        static Kind of(String set) {
            String kind = set.split("-", -1)[1];
            String family = kind.endsWith("6") ? "family inet6 " : "family inet ";
            return switch (kind) {
                case "pin4", "pin6" -> new Kind("hash:ip", family + PINS);
                case "own4", "own6" -> new Kind("hash:ip,port", family + PINS);
                case "ref4", "ref6" -> new Kind("hash:ip,port", family + REFUSED);
                default -> throw new IllegalArgumentException("no such kind of set: " + set);
            };
        }
    }

    /** The script that makes the sets of a binding. */
    String script(Binding binding) {
        StringBuilder text = new StringBuilder();
        for (String set : binding.sets()) {
            Kind kind = Kind.of(set);
            text.append("create %s %s %s\n".formatted(set, kind.type(), kind.header()));
        }
        return text.toString();
    }

    void create(Binding binding) {
        tools.restoreSets(script(binding));
    }

    void emptyPins(Binding binding) {
        tools.restoreSets(lines("flush ", new PinSets(id, binding).all()));
    }

    /** Empties the sets at once, and removes them as soon as the kernel lets go of them. */
    void destroy(Binding binding) {
        destroy(tools, List.copyOf(binding.sets()));
    }

    /** As {@link #destroy}, for what may be there or not. */
    void destroyAny(String binding) {
        List<String> present =
                names(tools).stream()
                        .filter(set ->
                                Ruleset.bindingOfSet(id, set).filter(binding::equals).isPresent())
                        .toList();
        destroy(tools, present);
    }

    static void destroy(Tools tools, List<String> sets) {
        List<String> left = sets;
        for (int attempt = 1; !left.isEmpty(); attempt++) {
            try {
                tools.restoreSets(
                        lines(attempt == 1 ? "flush " : "", left) + lines("destroy ", left));
            } catch (ToolException e) {
                if (attempt == DESTROY_ATTEMPTS) {
                    throw e;
                }
                pause();
            }
            List<String> now = names(tools);
            left = left.stream().filter(now::contains).toList();
        }
    }

    private static String lines(String verb, List<String> sets) {
        return verb.isEmpty() ? "" : verb + String.join("\n" + verb, sets) + "\n";
    }

    private static void pause() {
        try {
            Thread.sleep(DESTROY_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Firewall.FirewallException("interrupted while sets were removed", e);
        }
    }

    private static List<String> names(Tools tools) {
        return tools.ipset("list", "-n").lines().toList();
    }

    /** Names of bindings that have a set. */
    List<String> bindings() {
        return names(tools).stream()
                .flatMap(set -> Ruleset.bindingOfSet(id, set).stream())
                .distinct()
                .toList();
    }

    /** All sets of this installation. */
    Map<String, Seen> seen() {
        Map<String, Seen> seen = new TreeMap<>();
        for (String block : tools.ipset("list", "-t").split("\n\n", -1)) {
            String name = field(block, "Name");
            if (Ruleset.bindingOfSet(id, name).isPresent()) {
                String entries = field(block, "Number of entries");
                seen.put(
                        name,
                        new Seen(
                                field(block, "Type"),
                                field(block, "Header"),
                                entries.isEmpty() ? 0 : Integer.parseInt(entries)));
            }
        }
        return seen;
    }

    private static String field(String block, String name) {
        return block.lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElse("");
    }

    /** What is wrong with the sets of a binding. */
    List<String> faults(Binding binding, Map<String, Seen> seen) {
        List<String> faults = new ArrayList<>();
        for (String set : binding.sets()) {
            Kind kind = Kind.of(set);
            Seen now = seen.get(set);
            if (now == null) {
                faults.add("set " + set + " is missing");
            } else if (!now.type().equals(kind.type()) || !has(now.header(), kind.header())) {
                faults.add(
                        "set %s is another set than was made: %s %s"
                                .formatted(set, now.type(), now.header()));
            }
        }
        return faults;
    }

    /** The kernel adds words of its own, and a hash grows. */
    private static boolean has(String header, String wanted) {
        return Stream.of("family \\w+", "maxelem \\d+", "timeout \\d+", "counters")
                .allMatch(part -> {
                    Matcher expected = Pattern.compile(part).matcher(wanted);
                    return !expected.find() || (header + " ").contains(expected.group() + " ");
                });
    }

    List<Refused> refused(Binding binding) {
        List<Refused> refused = new ArrayList<>();
        for (boolean v6 : new boolean[] {false, true}) {
            if (binding.has(v6)) {
                tools.ipset("list", Ruleset.refusedSet(id, binding.name(), v6))
                        .lines()
                        .flatMap(line -> member(line).stream())
                        .forEach(refused::add);
            }
        }
        refused.sort((a, b) -> Long.compare(b.packets(), a.packets()));
        return refused;
    }

    /**
     * {@code 192.0.2.1,tcp:80 packets 3 bytes 180}; ICMP has a type where the others have a port.
     */
    private static Optional<Refused> member(String line) {
        Matcher matcher = MEMBER.matcher(line);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String port = matcher.group(3);
        try {
            return Optional.of(
                    new Refused(
                            InetAddress.getByName(matcher.group(1)),
                            matcher.group(2),
                            port.matches("\\d{1,5}") ? Integer.parseInt(port) : 0,
                            Long.parseLong(matcher.group(4))));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
