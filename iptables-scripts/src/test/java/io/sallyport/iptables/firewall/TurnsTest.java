package io.sallyport.iptables.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.iptables.firewall.Firewall.Network;
import io.sallyport.iptables.firewall.Firewall.Pins;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bindings that begin and end from many threads. */
@Needs({"ip6tables", "iptables-nft", "iptables-legacy"})
class TurnsTest {
    private static final int BINDINGS = 40;
    private static final int HTTPS = World.tcp(443);

    private final Netns netns = Netns.create("spturns");

    @AfterEach
    void close() {
        netns.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void manyThatComeAtOnceAllGoInAndOut(Flavour flavour) throws Exception {
        try (Firewall firewall = open(flavour);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            assertThat(firewall.faults()).isEmpty();
            List<Future<Pins>> begun = new ArrayList<>();
            for (int i = 0; i < BINDINGS; i++) {
                Network network = network("b" + i, i);
                begun.add(threads.submit(() -> firewall.bind(network, World.PINNED)));
            }
            for (Future<Pins> each : begun) {
                assertThat(each.get().pin(World.octets("9.9.9.9"), new int[] {HTTPS}, 60)).isTrue();
            }
            assertThat(firewall.touched()).as("nobody but us").isFalse();
            netns.run("iptables-" + flavour.name().toLowerCase(Locale.ROOT), "-N", "OTHERS").ok();
            assertThat(firewall.touched()).isEqualTo(flavour == Flavour.NFT);
            assertThat(firewall.faults()).isEmpty();
            assertThat(firewall.bindingsInKernel()).hasSize(BINDINGS);
            assertThat(firewall.faults()).isEmpty();

            List<Future<?>> ended = new ArrayList<>();
            for (int i = 0; i < BINDINGS; i++) {
                String binding = "b" + i;
                ended.add(threads.submit(() -> firewall.end(binding)));
            }
            for (Future<?> each : ended) {
                each.get();
            }
            assertThat(firewall.bindingsInKernel()).isEmpty();
            assertThat(firewall.faults()).isEmpty();
            assertThat(begun.getFirst().get().pin(World.octets("9.9.9.9"), new int[] {HTTPS}, 60))
                    .isFalse();
            firewall.uninstall();
            assertThat(netns.run("ipset", "list", "-n").ok().output()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void oneThatTheKernelRefusesDoesNotHarmTheOthers(Flavour flavour) throws Exception {
        // A set of the same name and another kind is in the way of one of them.
        netns.run("ipset", "create", "b3-pin6-spt1", "hash:ip").ok();
        netns.run("ipset", "create", "others", "list:set").ok();
        netns.run("ipset", "add", "others", "b3-pin6-spt1").ok();
        try (Firewall firewall = open(flavour);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Pins>> begun = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Network network = network("b" + i, i);
                begun.add(threads.submit(() -> firewall.bind(network, World.PINNED)));
            }
            for (int i = 0; i < 8; i++) {
                if (i == 3) {
                    assertThatThrownBy(begun.get(i)::get)
                            .isInstanceOf(ExecutionException.class)
                            .cause()
                            .isInstanceOf(FirewallException.class)
                            .hasMessageContaining("b3-pin6-spt1");
                } else {
                    assertThat(
                                    begun.get(i)
                                            .get()
                                            .pin(World.octets("9.9.9.9"), new int[] {HTTPS}, 60))
                            .isTrue();
                }
            }
            netns.run("ipset", "destroy", "others").ok();
            assertThat(firewall.faults()).isEmpty();
            assertThat(firewall.bindingsInKernel()).hasSize(7).doesNotContain("b3");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void ofTwoThatWantOneAddressOneGetsIt(Flavour flavour) throws Exception {
        try (Firewall firewall = open(flavour);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Network one = network("b1", 1);
            Network other = new Network("b2", "sb2", one.addresses(), false);
            Future<Pins> first = threads.submit(() -> firewall.bind(one, World.PINNED));
            Future<Pins> second = threads.submit(() -> firewall.bind(other, World.PINNED));
            int refused = 0;
            for (Future<Pins> each : List.of(first, second)) {
                try {
                    each.get();
                } catch (ExecutionException e) {
                    assertThat(e).cause().isInstanceOf(IllegalArgumentException.class);
                    refused++;
                }
            }
            assertThat(refused).isOne();
            assertThat(firewall.bindingsInKernel()).hasSize(1);
            assertThat(firewall.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void setsAreThoseThatTheScriptMakes(Flavour flavour) {
        try (Firewall firewall = open(flavour)) {
            firewall.bind(network("b1", 1), World.PINNED);
            String made = netns.run("ipset", "list", "-t").ok().output();
            String script = firewall.scripts("b1").getFirst().text();
            firewall.uninstall();

            for (String line : script.split("\n", -1)) {
                netns.run(("ipset " + line).strip().split(" ", -1));
            }

            assertThat(headers(netns.run("ipset", "list", "-t").ok().output()))
                    .isNotEmpty()
                    .containsExactlyInAnyOrderElementsOf(headers(made));
        }
    }

    /** Names, types and headers; a hash mixes with a number of its own. */
    private static List<String> headers(String list) {
        return list.lines()
                .filter(line ->
                        line.startsWith("Name: ")
                                || line.startsWith("Type: ")
                                || line.startsWith("Header: "))
                .map(line -> line.replaceAll(" initval 0x[0-9a-f]+", ""))
                .toList();
    }

    private Firewall open(Flavour flavour) {
        return Firewall.open(
                World.installation("sb+"),
                new Tools(flavour, Optional.of(Path.of("/run/netns", netns.name()))));
    }

    private static Network network(String binding, int i) {
        return new Network(
                binding,
                "sb" + i,
                List.of(
                        new Subnet(World.address("10.88.0." + (i * 4 + 2)), 32),
                        new Subnet(World.address("fd88::" + (i * 4 + 2)), 128)),
                false);
    }
}
