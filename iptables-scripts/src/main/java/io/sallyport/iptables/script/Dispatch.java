package io.sallyport.iptables.script;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Ruleset.Chain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

    /** An address block and the rule that it has. */
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

    private final Chain base;
    private final String direction;
    private final boolean six;
    private final List<String> end;

    /** Each bucket as it was rendered last. */
    private Map<Chain, Bucket> buckets = Map.of();

    /** What one short chain was made of, and the chain. */
    private record Bucket(List<Entry> entries, List<String> after, List<String> rules) {}

    /**
     * Dispatches from {@code base} by {@code -s} or {@code -d}; {@code end} is the last rule, or
     * empty.
     */
    Dispatch(Chain base, String direction, boolean six, List<String> end) {
        this.base = base;
        this.direction = direction;
        this.six = six;
        this.end = end;
    }

    /** What leads to a binding's {@code rule} from each of its blocks. */
    List<Entry> entries(List<Block> blocks, String rule) {
        return blocks.stream()
                .map(block -> new Entry(block, direction + " " + block + " " + rule))
                .toList();
    }

    /** Chains that are made of the same as the last time are the same lists. */
    void render(Map<Chain, List<String>> into, List<Entry> entries) {
        Map<Chain, Bucket> made = new LinkedHashMap<>();
        List<String> start = new ArrayList<>();
        into.put(base, start);
        entries.stream()
                .filter(entry ->
                        !Stage.HOSTS.takes(entry.block()) && !Stage.NETS.takes(entry.block()))
                .forEach(entry -> start.add(entry.rule()));
        Map<Integer, List<Entry>> hosts = spread(Stage.HOSTS, entries);
        Map<Integer, List<Entry>> nets = spread(Stage.NETS, entries);
        Chain second = new Chain(base.table(), base.name() + "-NET");
        List<String> onward = nets.isEmpty() ? end : List.of("-g " + second.name());
        stage(Stage.HOSTS, start, hosts, onward, made);
        if (!nets.isEmpty()) {
            List<String> next = new ArrayList<>();
            made.put(second, new Bucket(List.of(), List.of(), next));
            stage(Stage.NETS, next, nets, end, made);
        }
        made.forEach((chain, bucket) -> into.put(chain, bucket.rules()));
        buckets = made;
    }

    private static Map<Integer, List<Entry>> spread(Stage stage, List<Entry> entries) {
        Map<Integer, List<Entry>> buckets = new TreeMap<>();
        for (Entry entry : entries) {
            if (stage.takes(entry.block())) {
                buckets.computeIfAbsent(stage.bucket(entry.block()), _ -> new ArrayList<>())
                        .add(entry);
            }
        }
        return buckets;
    }

    private void stage(
            Stage stage,
            List<String> start,
            Map<Integer, List<Entry>> entries,
            List<String> after,
            Map<Chain, Bucket> made) {
        entries.forEach((number, some) -> {
            String name = base.name() + "-" + stage.letter + (number < 10 ? "0" : "") + number;
            start.add(direction + " " + stage.match(six, number) + " -g " + name);
            Chain chain = new Chain(base.table(), name);
            made.put(chain, bucket(buckets.get(chain), some, after));
        });
        start.addAll(after);
    }

    private static Bucket bucket(@Nullable Bucket before, List<Entry> entries, List<String> after) {
        if (before != null && before.entries().equals(entries) && before.after().equals(after)) {
            return before;
        }
        List<String> rules = new ArrayList<>();
        entries.forEach(entry -> rules.add(entry.rule()));
        rules.addAll(after);
        return new Bucket(entries, after, rules);
    }

    /** Whether a chain lists entries, which do not overlap, and then the end if there is one. */
    static boolean isBucket(String chain) {
        return BUCKET.matcher(chain).find();
    }

    /** Whether a rule of such a chain takes whatever comes. */
    static boolean isEnd(String rule) {
        return rule.startsWith("-g ");
    }
}
