package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.address;
import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.firewall.Firewall.Network;
import io.sallyport.iptables.firewall.Firewall.Pins;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.netlink.Netlink.Addition;
import io.sallyport.iptables.netlink.Netlink.Entry;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many bindings at once; prints what each step takes. */
@Needs({"ip6tables", "iptables-nft", "iptables-legacy"})
class TimingTest {

    /** As many as {@code -Dtiming.bindings} says, else a hundred. */
    private static final int BINDINGS = Integer.getInteger("timing.bindings", 100);

    private static final int PINS = 60_000;

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aHundredBindingsStandSideBySide(Flavour flavour) {
        try (Netns netns = Netns.create("sptime")) {
            Tools tools = new Tools(flavour, Optional.of(Path.of("/run/netns", netns.name())));
            long start = System.nanoTime();
            try (Firewall firewall = Firewall.open(World.installation("sb+"), tools)) {
                print(flavour, "open", System.nanoTime() - start);
                List<Long> binds = new ArrayList<>();
                long cpu = cpuMillis();
                long children = cpuMillis(2);
                for (int i = 0; i < BINDINGS; i++) {
                    long before = System.nanoTime();
                    firewall.bind(network(i), World.PINNED);
                    binds.add(System.nanoTime() - before);
                }
                print(flavour, "bind, first", binds.getFirst());
                print(flavour, "bind, last", binds.getLast());
                print(
                        flavour,
                        "bind, CPU, children included",
                        (cpuMillis() - cpu) * 1_000_000 / BINDINGS);
                print(
                        flavour,
                        "bind, CPU of children",
                        (cpuMillis(2) - children) * 1_000_000 / BINDINGS);
                Collections.sort(binds);
                print(flavour, "bind, median of " + BINDINGS, binds.get(BINDINGS / 2));
                start = System.nanoTime();
                assertThat(firewall.faults()).isEmpty();
                print(flavour, "faults", System.nanoTime() - start);
                pins(tools, firewall.bind(network(0), World.PINNED), flavour);
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

    private static void pins(Tools tools, Pins pins, Flavour flavour) {
        byte[][] eight =
                octets(
                        "9.9.0.1", "9.9.0.2", "9.9.0.3", "9.9.0.4", "9.9.0.5", "9.9.0.6", "9.9.0.7",
                        "9.9.0.8");
        assertThat(pins.pin(eight, new int[] {tcp(443)}, 600)).isTrue();
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            entries.add(new Entry(0, 0x09090001 + i, 0, 0));
        }
        try (Netlink netlink = Netlink.open(tools.namespace())) {
            timed(flavour, "netlink, warm-up", () -> added(netlink, entries));
            timed(flavour, "netlink, 1 entry", () -> added(netlink, entries.subList(0, 1)));
            timed(flavour, "netlink, 8 entries", () -> added(netlink, entries));
        }
        timed(
                flavour,
                "pin, 8 entries known to the book",
                () -> pins.pin(eight, new int[] {tcp(443)}, 60));
    }

    private static boolean added(Netlink netlink, List<Entry> entries) {
        return netlink.add(List.of(new Addition("b0-pin4-spt1", false, entries, 60)))[0] == 0;
    }

    private static void timed(Flavour flavour, String what, BooleanSupplier work) {
        long start = System.nanoTime();
        long cpu = cpuMillis();
        for (int i = 0; i < PINS; i++) {
            if (!work.getAsBoolean()) {
                throw new AssertionError(what);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %s %.2f us, CPU %.2f us%n",
                flavour,
                what,
                (System.nanoTime() - start) / 1000.0 / PINS,
                (cpuMillis() - cpu) * 1000.0 / PINS);
    }

    /**
     * Of this process and of the children it has waited for; the clock on a busy machine says
     * little.
     */
    private static long cpuMillis() {
        return cpuMillis(0) + cpuMillis(2);
    }

    private static long cpuMillis(int from) {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            long ticks = 0;
            for (int i = 11 + from; i <= 12 + from; i++) {
                ticks += Long.parseLong(fields[i]);
            }
            return ticks * 10;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void print(Flavour flavour, String what, long nanos) {
        System.out.printf(Locale.ROOT, "%s: %s %.1f ms%n", flavour, what, nanos / 1e6);
    }
}
