package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Reach;
import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Opening;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PinSetsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    10.77.1.2 fd77::2 | true  | PINNED  | 443 | true  | b-pin4-spt b-pin6-spt b-own4-spt b-own6-spt
                    10.77.1.2 fd77::2 | true  | PINNED  | 443 | false | b-pin4-spt b-pin6-spt
                    10.77.1.2 fd77::2 | true  | PINNED  | 0   | true  | b-own4-spt b-own6-spt
                    10.77.1.2 fd77::2 | true  | PUBLIC  | 443 | true  | b-pin4-spt b-pin6-spt b-own4-spt b-own6-spt
                    10.77.1.2 fd77::2 | true  | NOTHING | 443 | true  | ''
                    10.77.1.2 fd77::2 | false | PINNED  | 443 | false | b-pin4-spt
                    10.77.1.2         | true  | PINNED  | 443 | false | b-pin4-spt
                    fd77::2           | true  | PINNED  | 443 | false | b-pin6-spt
                    fd77::2           | false | PINNED  | 443 | false | ''
                    """)
    void areKnownBeforeTheRulesAreRendered(
            String addresses,
            boolean kernelHasSix,
            Reach reach,
            int port,
            boolean otherPorts,
            String sets) {
        List<Block> blocks = Stream.of(addresses.split(" ", -1)).map(Block::parse).toList();
        Access access =
                new Access(
                        reach, port == 0 ? List.of() : List.of(tcp(port)), otherPorts, List.of());
        Binding rendered =
                Binding.of(
                        PinBooks.BASE,
                        "b",
                        "sb0",
                        blocks,
                        false,
                        new Opening(
                                Ruleset.Reach.valueOf(reach.name()),
                                access.ports(),
                                otherPorts,
                                List.of()),
                        kernelHasSix);
        for (PinSets known :
                List.of(
                        new PinSets("t", "b", blocks, kernelHasSix, access),
                        new PinSets("t", rendered))) {
            assertThat(String.join(" ", known.all())).isEqualTo(sets);
            assertThat(known.hasFamily(false)).isEqualTo(rendered.has(false));
            assertThat(known.hasFamily(true)).isEqualTo(rendered.has(true));
        }
    }
}
