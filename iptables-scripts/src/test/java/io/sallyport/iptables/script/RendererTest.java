package io.sallyport.iptables.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Chain;
import io.sallyport.iptables.script.Ruleset.Opening;
import io.sallyport.iptables.script.Ruleset.Order;
import io.sallyport.iptables.script.Ruleset.Reach;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bindings come and go: what is rendered step by step, and what goes in for it. */
class RendererTest {

    private static final Base BASE =
            new Base(
                    "t1",
                    Block.parse("169.254.53.53"),
                    Block.parse("fd00:53::53"),
                    5353,
                    8053,
                    List.of("veth+"));

    private static Binding binding(String name, String interfaceName, Block... blocks) {
        return Binding.of(
                BASE,
                name,
                interfaceName,
                List.of(blocks),
                name.hashCode() % 3 == 0,
                new Opening(Reach.PINNED, List.of(6 << 16 | 443), false, List.of()),
                true);
    }

    /** Single addresses, small nets and large ones; interfaces with and without a pattern. */
    private static Binding number(int i) {
        return binding(
                "b" + i,
                (i % 5 == 0 ? "br" : "veth") + i,
                Block.parse(i % 7 == 0 ? "10." + i + ".0.0/16" : "172.16." + i + ".6"),
                Block.parse(i % 4 == 0 ? "fd00:" + i + "::/64" : "fd88::" + i));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stepByStepIsTheSameAsAtOnce(boolean six) {
        Random random = new Random(7);
        Ruleset.Renderer renderer = new Ruleset.Renderer(BASE, six);
        Map<String, Binding> bound = new TreeMap<>();
        TreeSet<String> standing = new TreeSet<>();
        for (int step = 0; step < 200; step++) {
            Binding one = number(random.nextInt(60));
            if (bound.remove(one.name()) == null) {
                bound.put(one.name(), one);
            } else if (random.nextBoolean()) {
                standing.add(one.interfaceName());
            } else {
                standing.remove(one.interfaceName());
            }
            Ruleset now = renderer.render(standing, bound.values());
            assertThat(now).isEqualTo(Ruleset.render(BASE, six, standing, bound.values()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBindAmongManyNamesNoOtherBindingAndNoPlace(boolean six) {
        TreeSet<String> standing = new TreeSet<>();
        Map<String, Binding> bound = new LinkedHashMap<>();
        for (int i = 0; i < 60; i++) {
            String name = "veth" + i;
            standing.add(name);
            bound.put(
                    "b" + i,
                    binding("b" + i, name, Block.parse("10.0.0." + i), Block.parse("fd88::" + i)));
        }
        Ruleset before = Ruleset.render(BASE, six, standing, bound.values());
        Binding one = binding("n", "veth999", Block.parse("10.1.0.8"), Block.parse("fd88:1::8"));
        List<Binding> all = new ArrayList<>(bound.values());
        all.add(one);
        standing.add("veth999");

        String script = Ruleset.render(BASE, six, standing, all).from(before, Order.OPENING);

        assertThat(script.lines().filter(line -> line.startsWith("-I ")))
                .isNotEmpty()
                .allMatch(line -> line.contains("veth999"))
                .noneMatch(line -> line.matches("-I [^ ]+ [0-9]+ .*"));
        assertThat(script.lines().filter(line -> line.startsWith(":")))
                .isNotEmpty()
                .allMatch(line -> line.matches(":SALLYPORT-t1-[A-Z]n - .*"));
        assertThat(script).doesNotContain("*nat").doesNotContain("-D ");
    }

    /** In a chain of addresses each may stand anywhere, but what takes the rest comes last. */
    @ParameterizedTest
    @CsvSource({"0 1 2, true", "1 0 2, true", "0 2 1, false", "2 0 1, false", "0 2, false"})
    void theOrderOfAddressesIsFreeAndTheEndIsNot(String order, boolean sound) {
        Ruleset wanted =
                Ruleset.render(
                        BASE,
                        false,
                        new TreeSet<>(),
                        List.of(
                                binding("x", "veth1", Block.parse("10.0.0.4")),
                                binding("y", "veth2", Block.parse("10.0.0.5"))));
        Chain chain = new Chain("raw", "SALLYPORT-t1-PRE-H01");
        List<String> rules = wanted.chains().getOrDefault(chain, List.of());
        assertThat(rules).hasSize(3);
        Map<Chain, List<String>> chains = new LinkedHashMap<>(wanted.chains());
        chains.put(
                chain,
                List.of(order.split(" ", -1)).stream()
                        .map(each -> rules.get(Integer.parseInt(each)))
                        .toList());

        List<String> faults = wanted.faults(new Ruleset("t1", false, chains, wanted.jumps()));

        assertThat(faults.isEmpty()).isEqualTo(sound);
    }

    @Test
    void anEndThatChangesRewritesTheChain() {
        Binding host = binding("x", "veth1", Block.parse("10.0.0.4"));
        Binding net = binding("y", "veth2", Block.parse("10.9.0.0/24"));
        Ruleset before = Ruleset.render(BASE, false, new TreeSet<>(), List.of(host));
        Ruleset after = Ruleset.render(BASE, false, new TreeSet<>(), List.of(host, net));

        assertThat(after.from(before, Order.OPENING))
                .contains(":SALLYPORT-t1-PRE-H01 - [0:0]\n")
                .contains(
                        """
                        -A SALLYPORT-t1-PRE-H01 -s 10.0.0.4/32 -i veth1 -g SALLYPORT-t1-Rx
                        -A SALLYPORT-t1-PRE-H01 -g SALLYPORT-t1-PRE-NET
                        """);
        assertThat(before.from(after, Order.CLOSING)).contains(":SALLYPORT-t1-PRE-H01 - [0:0]\n");
    }
}
