package io.sallyport.iptables.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Opening;
import io.sallyport.iptables.script.Ruleset.Order;
import io.sallyport.iptables.script.Ruleset.Reach;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SavedTest {

    private static final Base BASE =
            new Base(
                    "a",
                    Block.parse("169.254.53.53"),
                    Block.parse("fd00:53::53"),
                    5353,
                    8053,
                    List.of("veth+"));

    private static final Binding BINDING =
            Binding.of(
                    BASE,
                    "b1",
                    "veth1",
                    List.of(Block.parse("10.1.0.2"), Block.parse("fd01::2")),
                    true,
                    new Opening(Reach.PINNED, List.of(6 << 16 | 443), false, List.of()),
                    true);

    private static String saved(boolean six) {
        return Ruleset.render(BASE, six, new TreeSet<>(List.of("br0")), List.of(BINDING))
                .from(Ruleset.none("a", six), Order.CLOSING)
                .replace("-I ", "-A ");
    }

    private static Ruleset read(boolean six, String text) {
        return Ruleset.saved("a", six, text);
    }

    @Test
    void whatWasRenderedIsFoundAgain() {
        Ruleset four = read(false, saved(false));
        Ruleset six = read(true, saved(true));

        assertThat(Ruleset.bindings(four, Optional.of(six))).containsExactly(BINDING);
        assertThat(four.standing()).containsExactlyInAnyOrder("veth+", "veth1", "br0");
        assertThat(
                        Ruleset.render(BASE, true, new TreeSet<>(List.of("br0")), List.of(BINDING))
                                .faults(six))
                .isEmpty();
    }

    /** As ip6tables-save prints it where there is an /etc/protocols. */
    @Test
    void headersByTheirNamesInTheListOfProtocolsAreTheSame() {
        String here = saved(true);
        String there = here.replace("--header frag ", "--header ipv6-frag ");

        assertThat(there).isNotEqualTo(here);
        assertThat(read(true, there)).isEqualTo(read(true, here));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    :SALLYPORT-a-Qb1 - [0:0]                                      | a chain is missing
                    -A SALLYPORT-a-FWD-H00 -s 10.1.0.2/32 -i veth1 -g SALLYPORT-a-Fb1 | no decision for its address
                    -A SALLYPORT-a-PRE-H00 -s 10.1.0.2/32 -i veth1 -g SALLYPORT-a-Rb1 | no gate for its address
                    """)
    void aBindingThatIsNotWholeIsNotHeld(String without, String why) {
        String text =
                saved(false)
                        .lines()
                        .filter(line ->
                                !line.startsWith(without)
                                        && !line.startsWith(
                                                "-A " + without.substring(1).split(" ", -1)[0]))
                        .reduce("", (a, b) -> a + b + "\n");
        assertThat(text).isNotEqualTo(saved(false));

        assertThat(Ruleset.bindings(read(false, text), Optional.of(read(true, saved(true)))))
                .as(why)
                .isEmpty();
    }

    @Test
    void otherPeoplesChainsAreNotOurs() {
        String text =
                """
                *filter
                :SALLYPORT-ab-FWD - [0:0]
                :DOCKER - [0:0]
                -A FORWARD -j DOCKER
                -A FORWARD -j SALLYPORT-a-FWD
                -A DOCKER -j ACCEPT
                COMMIT
                """;
        Ruleset rules = read(false, text);

        assertThat(rules.chains()).isEmpty();
        assertThat(Ruleset.none("a", false).from(rules, Order.OPENING))
                .isEqualTo(
                        """
                        *filter
                        -D FORWARD -j SALLYPORT-a-FWD
                        COMMIT
                        """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    -A FORWARD -j SALLYPORT-a-FWD                                  | ''
                    -A FORWARD -j SALLYPORT-z-FWD,-A FORWARD -j SALLYPORT-a-FWD    | ''
                    -A FORWARD -j DOCKER,-A FORWARD -j SALLYPORT-a-FWD             | has foreign rules before
                    -A FORWARD -j SALLYPORT-a-FWD,-A FORWARD -j SALLYPORT-a-FWD    | jumps more than once
                    -A FORWARD -j DOCKER                                           | lacks its jump
                    -A FORWARD -s 10.0.0.0/8 -j SALLYPORT-a-FWD                    | lacks its jump
                    """)
    void theJumpStandsOnceAndFirst(String rules, String fault) {
        String text = "*filter\n" + rules.replace(",", "\n") + "\nCOMMIT\n";
        List<String> faults =
                Ruleset.render(BASE, false, new TreeSet<>(), List.of())
                        .faults(read(false, text))
                        .stream()
                        .filter(each -> each.contains("filter FORWARD"))
                        .toList();
        if (fault.isEmpty()) {
            assertThat(faults).isEmpty();
        } else {
            assertThat(faults).hasSize(1).first().asString().contains(fault);
        }
    }
}
