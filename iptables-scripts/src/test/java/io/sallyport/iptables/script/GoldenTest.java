package io.sallyport.iptables.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Opening;
import io.sallyport.iptables.script.Ruleset.Order;
import io.sallyport.iptables.script.Ruleset.Reach;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts as files to be read; {@code -Dgolden.write=true} writes them anew. */
class GoldenTest {

    private static final Path FILES = Path.of("src/test/resources/io/sallyport/iptables/script");

    private static final int TCP = 6 << 16;
    private static final int UDP = 17 << 16;

    private static final Base BASE =
            new Base(
                    "abc123",
                    Block.parse("169.254.53.53"),
                    Block.parse("fd00:53::53"),
                    5353,
                    8053,
                    List.of("veth-sb+", "tap0"));

    private static Binding binding(Reach reach) {
        return Binding.of(
                BASE,
                "s0000000ff",
                "veth-sb7",
                List.of(
                        Block.parse("10.88.0.6"),
                        Block.parse("fd88::6"),
                        Block.parse("10.89.1.0/24")),
                true,
                new Opening(
                        reach,
                        List.of(TCP | 80, TCP | 443, UDP | 443),
                        true,
                        List.of(Block.parse("10.50.0.0/16"), Block.parse("fd50::/48"))),
                true);
    }

    private static Ruleset base(boolean six) {
        return Ruleset.render(BASE, six, new TreeSet<>(List.of("veth-sb7", "br0")), List.of());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theBaseReadsLikeThis(boolean six) {
        agrees("base", six, base(six).from(Ruleset.none("abc123", six), Order.CLOSING));
    }

    @ParameterizedTest
    @CsvSource({
        "NOTHING,false",
        "PINNED,false",
        "PUBLIC,false",
        "NOTHING,true",
        "PINNED,true",
        "PUBLIC,true"
    })
    void aBindReadsLikeThis(Reach reach, boolean six) {
        Ruleset bound =
                Ruleset.render(BASE, six, new TreeSet<>(List.of("br0")), List.of(binding(reach)));
        agrees(
                "bind-" + reach.name().toLowerCase(java.util.Locale.ROOT),
                six,
                bound.from(base(six), Order.OPENING));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEndReadsLikeThis(boolean six) {
        Ruleset bound =
                Ruleset.render(
                        BASE, six, new TreeSet<>(List.of("br0")), List.of(binding(Reach.PINNED)));
        agrees("end", six, base(six).from(bound, Order.CLOSING));
    }

    @Test
    void nothingToDoIsAnEmptyScript() {
        assertThat(base(false).from(base(false), Order.OPENING)).isEmpty();
        assertThat(base(true).faults(base(true))).isEmpty();
    }

    @Test
    void namesStayWithinTheKernelsLimits() {
        Ruleset bound = Ruleset.render(BASE, true, new TreeSet<>(), List.of(binding(Reach.PINNED)));
        assertThat(bound.chains().keySet()).allMatch(chain -> chain.name().length() <= 28);
        assertThat(Ruleset.pinSet("abc123", "s0000000ff", true)).hasSizeLessThanOrEqualTo(31);
    }

    private static void agrees(String name, boolean six, String script) {
        Path file = FILES.resolve(name + (six ? "-v6.rules" : "-v4.rules"));
        try {
            if (Boolean.getBoolean("golden.write")) {
                Files.writeString(file, script);
            }
            assertThat(script).isEqualTo(Files.readString(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
