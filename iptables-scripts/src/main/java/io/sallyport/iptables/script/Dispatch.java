package io.sallyport.iptables.script;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Ruleset.Chain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Finds a packet's binding by its address. A plain list would cost every packet one comparison a
 * binding, so single addresses and small nets are spread by five bits of the address over 32 short
 * chains each, which {@code iptables} can match with a mask; a bind rewrites one of them. Blocks
 * too large for that come first, in a list.
 *
 * <p>All hops are {@code -g}: what a binding's chain does not decide goes back to where the base
 * chain was called from, and what no binding claims goes to {@code end}.
 */
final class Dispatch {

    /** An address block and what follows the address in its rule. */
    record Entry(Block block, String rule) {}

    /**
     * The bits that spread: of single addresses (and links of four) the last but two, of nets the
     * last of /24 and /64.
     */
    private enum Stage {
        HOSTS('H'),
        NETS('N');

        final char letter;

        Stage(char letter) {
            this.letter = letter;
        }

        boolean takes(Block block) {
            int hosts = block.six() ? 126 : 30;
            int nets = block.six() ? 64 : 24;
            return this == HOSTS
                    ? block.prefix() >= hosts
                    : block.prefix() >= nets && block.prefix() < hosts;
        }

        int bucket(Block block) {
            if (this == HOSTS) {
                return (int) (block.low() >>> 2) & 31;
            }
            return (int) (block.six() ? block.high() : block.low() >>> 8) & 31;
        }

        String match(boolean six, int bucket) {
            if (this == HOSTS) {
                int value = bucket << 2;
                return six ? "::" + zeroless(value) + "/::7c" : "0.0.0." + value + "/0.0.0.124";
            }
            String zero = bucket == 0 ? "::" : "0:0:0:" + Integer.toHexString(bucket) + "::";
            return six ? zero + "/0:0:0:1f::" : "0.0." + bucket + ".0/0.0.31.0";
        }

        private static String zeroless(int value) {
            return value == 0 ? "" : Integer.toHexString(value);
        }
    }

    private static final Pattern BUCKET = Pattern.compile("-[A-Z]+-[HN][0-9][0-9]$");

    private final Map<Chain, List<String>> into;
    private final Chain base;
    private final String direction;
    private final boolean six;
    private final List<String> end;

    /**
     * Dispatches from {@code base} by {@code -s} or {@code -d}; {@code end} is the last rule, or
     * empty.
     */
    Dispatch(
            Map<Chain, List<String>> into,
            Chain base,
            String direction,
            boolean six,
            List<String> end) {
        this.into = into;
        this.base = base;
        this.direction = direction;
        this.six = six;
        this.end = end;
    }

    void render(List<Entry> entries) {
        List<String> start = new ArrayList<>();
        into.put(base, start);
        entries.stream()
                .filter(entry ->
                        !Stage.HOSTS.takes(entry.block()) && !Stage.NETS.takes(entry.block()))
                .forEach(entry -> start.add(rule(entry)));
        Map<Integer, List<String>> hosts = buckets(Stage.HOSTS, entries);
        Map<Integer, List<String>> nets = buckets(Stage.NETS, entries);
        if (nets.isEmpty()) {
            stage(Stage.HOSTS, start, hosts, end);
            return;
        }
        Chain second = new Chain(base.table(), base.name() + "-NET");
        stage(Stage.HOSTS, start, hosts, List.of("-g " + second.name()));
        List<String> next = new ArrayList<>();
        into.put(second, next);
        stage(Stage.NETS, next, nets, end);
    }

    private Map<Integer, List<String>> buckets(Stage stage, List<Entry> entries) {
        Map<Integer, List<String>> buckets = new TreeMap<>();
        for (Entry entry : entries) {
            if (stage.takes(entry.block())) {
                buckets.computeIfAbsent(stage.bucket(entry.block()), _ -> new ArrayList<>())
                        .add(rule(entry));
            }
        }
        return buckets;
    }

    private void stage(
            Stage stage,
            List<String> start,
            Map<Integer, List<String>> buckets,
            List<String> after) {
        buckets.forEach((number, rules) -> {
            String name = base.name() + "-" + stage.letter + (number < 10 ? "0" : "") + number;
            start.add(direction + " " + stage.match(six, number) + " -g " + name);
            rules.addAll(after);
            into.put(new Chain(base.table(), name), rules);
        });
        start.addAll(after);
    }

    /** Whether a chain lists entries, which do not overlap, and then the end if there is one. */
    static boolean isBucket(String chain) {
        return BUCKET.matcher(chain).find();
    }

    /** Whether a rule of such a chain takes whatever comes. */
    static boolean isEnd(String rule) {
        return rule.startsWith("-g ");
    }

    private String rule(Entry entry) {
        return direction + " " + entry.block() + " " + entry.rule();
    }
}
