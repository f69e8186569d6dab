package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.address;
import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Network;
import io.sallyport.iptables.firewall.Firewall.Pins;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many bindings at once; prints what each step takes. */
@Needs({"ip6tables", "iptables-nft", "iptables-legacy"})
class TimingTest {

    /** As many as {@code -Dtiming.bindings} says, else a hundred. */
    private static final int BINDINGS = Integer.getInteger("timing.bindings", 100);

    private static final int PINS = 15_000;

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aHundredBindingsStandSideBySide(Flavour flavour) {
        try (Netns netns = Netns.create("sptime")) {
            Tools tools = new Tools(flavour, Optional.of(Path.of("/run/netns", netns.name())));
            long start = System.nanoTime();
            try (Firewall firewall = Firewall.open(World.installation("sb+"), tools)) {
                print(flavour, "open", System.nanoTime() - start);
                List<Long> binds = new ArrayList<>();
                for (int i = 0; i < BINDINGS; i++) {
                    long before = System.nanoTime();
                    firewall.bind(network(i), Access.PINNED, List.of());
                    binds.add(System.nanoTime() - before);
                }
                print(flavour, "bind, first", binds.getFirst());
                print(flavour, "bind, last", binds.getLast());
                Collections.sort(binds);
                print(flavour, "bind, median of " + BINDINGS, binds.get(BINDINGS / 2));
                start = System.nanoTime();
                assertThat(firewall.faults()).isEmpty();
                print(flavour, "faults", System.nanoTime() - start);
                pins(firewall.bind(network(0), Access.PINNED, List.of()), flavour);
                start = System.nanoTime();
                firewall.end("b1");
                print(flavour, "end", System.nanoTime() - start);
                assertThat(firewall.bindingsInKernel()).hasSize(BINDINGS - 1);
            }
            start = System.nanoTime();
            try (Firewall firewall = Firewall.open(World.installation("sb+"), tools)) {
                print(flavour, "open again", System.nanoTime() - start);
                firewall.uninstall();
            }
        }
    }

    private static Network network(int i) {
        String tail = (i / 60) + "." + (i % 60 * 4 + 2);
        return new Network(
                "b" + i,
                "sb" + i,
                List.of(
                        new Subnet(address("10.88." + tail), 32),
                        new Subnet(address("fd88::" + tail.replace('.', ':')), 128)),
                true);
    }

    private static void pins(Pins pins, Flavour flavour) {
        byte[][] eight =
                octets(
                        "9.9.0.1", "9.9.0.2", "9.9.0.3", "9.9.0.4", "9.9.0.5", "9.9.0.6", "9.9.0.7",
                        "9.9.0.8");
        int lasting = 1;
        for (int round = 0; round < 2; round++) {
            for (byte[][] addresses : List.of(octets("9.9.9.9"), eight)) {
                // Longer each time, so that the book is no help.
                long start = System.nanoTime();
                for (int i = 0; i < PINS; i++) {
                    lasting = lasting > 2_000_000 ? 1 : lasting + 31;
                    if (!pins.pin(addresses, new int[] {tcp(443)}, lasting)) {
                        throw new AssertionError("pin " + i);
                    }
                }
                if (round == 1) {
                    System.out.printf(
                            Locale.ROOT,
                            "%s: pin of %d entries %.2f us%n",
                            flavour,
                            addresses.length,
                            (System.nanoTime() - start) / 1000.0 / PINS);
                }
            }
        }
        long start = System.nanoTime();
        for (int i = 0; i < PINS; i++) {
            if (!pins.pin(eight, new int[] {tcp(443)}, 60)) {
                throw new AssertionError("pin " + i);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%s: pin of 8 entries known to the book %.2f us%n",
                flavour,
                (System.nanoTime() - start) / 1000.0 / PINS);
    }

    private static void print(Flavour flavour, String what, long nanos) {
        System.out.printf(Locale.ROOT, "%s: %s %.1f ms%n", flavour, what, nanos / 1e6);
    }
}
