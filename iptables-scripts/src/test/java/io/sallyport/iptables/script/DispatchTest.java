package io.sallyport.iptables.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Dispatch.Entry;
import io.sallyport.iptables.script.Ruleset.Chain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Walks packets through rendered dispatch chains as the kernel would. */
class DispatchTest {

    private static final Chain BASE = new Chain("raw", "BASE");

    private final Map<Chain, List<String>> chains = new LinkedHashMap<>();

    private void render(boolean six, List<Block> blocks) {
        Dispatch dispatch = new Dispatch(BASE, "-s", six, List.of("-g END"));
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            entries.addAll(dispatch.entries(List.of(blocks.get(i)), "-g B" + i));
        }
        dispatch.render(chains, entries);
    }

    /** Where a packet ends, and how many rules it met. */
    private record Walk(String end, int rules) {}

    private Walk walk(Block address) {
        String at = BASE.name();
        int met = 0;
        while (true) {
            List<String> rules = chains.get(new Chain("raw", at));
            if (rules == null) {
                return new Walk(at, met);
            }
            String next = "";
            for (String rule : rules) {
                met++;
                String[] words = rule.split(" ", -1);
                if (words[0].equals("-g") || matches(words[1], address)) {
                    next = words[words.length - 1];
                    break;
                }
            }
            if (next.isEmpty()) {
                return new Walk("", met);
            }
            at = next;
        }
    }

    private static boolean matches(String match, Block address) {
        String[] parts = match.split("/", -1);
        if (!parts[1].contains(".") && !parts[1].contains(":")) {
            return Block.parse(match).contains(address);
        }
        Block value = Block.parse(parts[0]);
        Block mask = Block.parse(parts[1]);
        return (address.high() & mask.high()) == value.high()
                && (address.low() & mask.low()) == value.low();
    }

    @Test
    void eachAddressReachesItsOwnBindingAndNoOther() {
        for (boolean six : List.of(false, true)) {
            chains.clear();
            Random random = new Random(six ? 6 : 4);
            Map<Block, Integer> blocks = new LinkedHashMap<>();
            int[] prefixes =
                    six
                            ? new int[] {128, 127, 126, 112, 64, 56, 48}
                            : new int[] {32, 31, 30, 29, 24, 22, 16};
            while (blocks.size() < 300) {
                int prefix = prefixes[random.nextInt(prefixes.length)];
                Block block = masked(six, random, prefix);
                if (blocks.keySet().stream().noneMatch(block::overlaps)) {
                    blocks.put(block, blocks.size());
                }
            }
            List<Block> list = List.copyOf(blocks.keySet());
            Map<Block, String> expected = new HashMap<>();
            for (int i = 0; i < list.size(); i++) {
                expected.put(list.get(i), "B" + i);
            }
            render(six, list);
            expected.forEach((block, name) -> {
                Block first = new Block(six, block.high(), block.low(), six ? 128 : 32);
                assertThat(walk(first).end()).as(block.toString()).isEqualTo(name);
            });
            for (int i = 0; i < 1000; i++) {
                Block stranger = masked(six, random, six ? 128 : 32);
                if (list.stream().noneMatch(block -> block.contains(stranger))) {
                    assertThat(walk(stranger).end()).as(stranger.toString()).isEqualTo("END");
                }
            }
        }
    }

    private static Block masked(boolean six, Random random, int prefix) {
        if (!six) {
            long low = 0x0a000000L | random.nextInt(1 << 18);
            return new Block(false, 0, low & (-1L << (32 - prefix)), prefix);
        }
        long high = 0xfd00_0000_0000_0000L | random.nextInt(1 << 20);
        long low = random.nextInt(1 << 12);
        return prefix <= 64
                ? new Block(true, high & (prefix == 64 ? -1L : -1L << (64 - prefix)), 0, prefix)
                : new Block(
                        true, high, low & (prefix == 128 ? -1L : -1L << (128 - prefix)), prefix);
    }

    @Test
    void aThousandSandboxesCostAPacketFewRules() {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            blocks.add(new Block(false, 0, 0x0a580002L + i * 4L, 32));
        }
        render(false, blocks);
        assertThat(blocks.stream().mapToInt(block -> walk(block).rules()).max().orElseThrow())
                .isLessThan(80);
    }
}
