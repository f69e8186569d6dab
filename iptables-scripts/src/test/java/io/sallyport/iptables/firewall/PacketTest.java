package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.network;
import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static io.sallyport.iptables.firewall.World.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Pins;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netns.Needs;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What packets of a sandbox meet, on a real kernel. */
@Needs({"python3", "ip6tables", "iptables-nft", "iptables-legacy", "sysctl"})
class PacketTest {

    private final World world = new World();

    @AfterEach
    void close() {
        world.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void onlyWhatIsPinnedIsReached(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            Pins pins = firewall.bind(network("b1"), World.PINNED);
            for (String way :
                    List.of(
                            "tcp 9.9.1.1 443",
                            "udp 9.9.1.1 443",
                            "ping 9.9.1.1",
                            "tcp 2a00:9::1 443",
                            "udp 2a00:9::1 443",
                            "ping 2a00:9::1")) {
                long least = Long.MAX_VALUE; // the machine may stand still once
                for (int i = 0; i < 3 && least >= 100; i++) {
                    World.Outcome outcome = world.probe(way.split(" ", -1));
                    assertThat(outcome.what()).as(way).isEqualTo("refused");
                    least = Math.min(least, outcome.millis());
                }
                assertThat(least).as(way).isLessThan(100);
            }

            assertThat(
                            pins.pin(
                                    octets("9.9.1.1", "2a00:9::1"),
                                    new int[] {tcp(443), udp(443)},
                                    120))
                    .isTrue();

            assertThat(world.probe("tcp", "9.9.1.1", "443")).hasToString("open 9.9.1.1:443");
            assertThat(world.probe("udp", "9.9.1.1", "443")).hasToString("open 9.9.1.1:443");
            assertThat(world.probe("tcp", "2a00:9::1", "443")).hasToString("open 2a00:9::1:443");
            assertThat(world.probe("udp", "2a00:9::1", "443")).hasToString("open 2a00:9::1:443");
            assertThat(world.probe("tcp", "9.9.1.1", "8443").what()).isEqualTo("refused");
            assertThat(world.probe("tcp", "9.9.1.2", "443").what()).isEqualTo("refused");
            assertThat(world.probe("tcp", "2a00:9::1", "8443").what()).isEqualTo("refused");
            assertThat(world.probe("ping", "9.9.1.1").what()).isEqualTo("refused");
            assertThat(world.probe("raw", "9.9.1.1", "132").what()).isEqualTo("sent");
            assertThat(firewall.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void queriesToAnyServerEndAtTheResolver(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            firewall.bind(network("b1"), Access.NOTHING);

            assertThat(world.probe("udp", World.DNS4, "53")).hasToString("open 169.254.53.53:53");
            assertThat(world.probe("tcp", World.DNS4, "53")).hasToString("open 169.254.53.53:53");
            assertThat(world.probe("udp", World.DNS6, "53")).hasToString("open fd00:53::53:53");
            assertThat(world.probe("tcp", World.DNS6, "53")).hasToString("open fd00:53::53:53");
            assertThat(conntrack()).as("direct queries are not tracked").doesNotContain("port=53 ");

            assertThat(world.probe("udp", "9.9.1.1", "53")).hasToString("open 169.254.53.53:5300");
            assertThat(world.probe("tcp", "9.9.1.1", "53")).hasToString("open 169.254.53.53:5300");
            assertThat(world.probe("udp", "2a00:9::1", "53")).hasToString("open fd00:53::53:5300");
            assertThat(world.probe("tcp", "2a00:9::1", "53")).hasToString("open fd00:53::53:5300");
            assertThat(world.probe("udp", "10.77.1.1", "53"))
                    .hasToString("open 169.254.53.53:5300");

            assertThat(world.probe("udp", World.DNS4, "5300").what()).isEqualTo("refused");
            assertThat(world.probe("tcp", World.DNS6, "5300").what()).isEqualTo("refused");
        }
    }

    /** The world has a web server of the host's own at port 80 of the very same addresses. */
    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void pageIsReachedAtPortEightyOfTheResolverAndNothingElseOfTheHost(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            firewall.bind(network("b1"), Access.NOTHING);

            assertThat(world.probe("tcp", World.DNS4, "80")).hasToString("open 169.254.53.53:5380");
            assertThat(world.probe("tcp", World.DNS6, "80")).hasToString("open fd00:53::53:5380");
            for (String way :
                    List.of(
                            "tcp 169.254.53.53 5380",
                            "tcp fd00:53::53 5380",
                            "tcp 169.254.53.53 81",
                            "udp 169.254.53.53 80",
                            "tcp 10.77.1.1 80",
                            "tcp 10.77.1.1 5380",
                            "tcp fd77:1::1 80",
                            "tcp 9.9.1.1 80")) {
                assertThat(world.probe(way.split(" ", -1)).what()).as(way).isEqualTo("refused");
            }
            assertThat(world.probe(world.host, "tcp", World.DNS4, "80"))
                    .as("the host's own way to its own server")
                    .hasToString("open 169.254.53.53:80");
            assertThat(firewall.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void requestsForThePageAreLimitedInTheKernel(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            firewall.bind(network("b1"), Access.NOTHING);
            long before = firewall.counters().getOrDefault("dns_flood", 0L);

            for (int i = 0; i < 8; i++) {
                world.probe("connects", World.DNS4, "80", "40");
            }

            assertThat(firewall.counters().get("dns_flood")).isGreaterThan(before);
            assertThat(world.probe("udp", World.DNS4, "53").what()).isEqualTo("open");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void whatIsShutLosesItsPinsAndFlowsAndTheRestGoesOn(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            Pins pins = firewall.bind(network("b1"), World.PINNED);
            int[] ports = {tcp(443), tcp(8443)};
            byte[][] denied = octets("9.9.1.1", "2a00:9::1");
            assertThat(pins.pin(denied, ports, 120)).isTrue();
            assertThat(pins.pin(octets("9.9.1.2", "2a00:9::2"), ports, 120)).isTrue();
            World.Held four = world.hold("9.9.1.1", 443);
            World.Held six = world.hold("2a00:9::1", 443);
            World.Held other = world.hold("9.9.1.2", 443);

            firewall.shut(
                    List.of(
                            new Firewall.Shut(
                                    "b1",
                                    List.of(World.address("9.9.1.1"), World.address("2a00:9::1")),
                                    false),
                            new Firewall.Shut("gone", List.of(World.address("9.9.1.2")), false)));

            assertThat(four.ask()).startsWith("dead");
            assertThat(six.ask()).startsWith("dead");
            assertThat(other.ask()).isEqualTo("alive 9.9.1.2:443");
            assertThat(world.probe("tcp", "9.9.1.1", "8443").what()).isEqualTo("refused");
            assertThat(world.probe("tcp", "2a00:9::1", "443").what()).isEqualTo("refused");
            assertThat(world.probe("tcp", "9.9.1.2", "8443").what()).isEqualTo("open");
            assertThat(firewall.faults()).isEmpty();
            assertThat(pins.pin(denied, ports, 120)).as("the same list again").isTrue();
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");

            firewall.shut(List.of(new Firewall.Shut("b1", List.of(), true)));

            assertThat(other.ask()).startsWith("dead");
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("refused");
            assertThat(firewall.faults()).isEmpty();
            assertThat(pins.pin(denied, ports, 120)).isTrue();
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
        }
    }

    /**
     * A neighbour that was sought in vain while the interface was closed is sought again after 3 s.
     */
    private boolean worksWithin(int seconds, String... way) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            if (world.probe(way).what().equals("open")) {
                return true;
            }
        }
        return false;
    }

    private String conntrack() {
        return world.host.run("cat", "/proc/self/net/nf_conntrack").output();
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void levelAllReachesPublicAddressesAndNothingElse(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            firewall.bind(network("b1"), World.PUBLIC);

            assertThat(world.probe("tcp", "9.9.1.2", "8443").what()).isEqualTo("open");
            assertThat(world.probe("ping", "9.9.1.2").what()).isEqualTo("open");
            assertThat(world.probe("udp", "2a00:9::2", "443").what()).isEqualTo("open");
            for (String way :
                    List.of(
                            "tcp 9.9.1.1 853",
                            "udp 9.9.1.1 853",
                            "tcp 2a00:9::1 853",
                            "tcp 10.60.0.1 443",
                            "tcp 169.254.169.254 443",
                            "tcp 10.77.2.2 443",
                            "udp fd77:2::2 443",
                            "tcp 10.77.1.1 22",
                            "udp fd77:1::1 123")) {
                assertThat(world.probe(way.split(" ", -1)).what()).as(way).isEqualTo("refused");
            }
            assertThat(firewall.counters())
                    .extractingByKeys("dot", "host")
                    .allMatch(count -> count > 0);
            assertThat(firewall.counters().get("never")).isGreaterThanOrEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void neverAllowedAddressesCanNeitherBePinnedNorReachedWithAPin(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            List<Subnet> internal =
                    List.of(
                            new Subnet(World.address("10.50.0.0"), 16),
                            new Subnet(World.address("169.254.0.0"), 16));
            Pins pins = firewall.bind(network("b1"), World.pinned(internal));
            int[] https = {tcp(443)};

            assertThat(pins.pin(octets("169.254.169.254"), https, 120)).isFalse();
            assertThat(pins.pin(octets("10.60.0.1"), https, 120)).isFalse();
            assertThat(pins.pin(octets("10.50.0.1"), https, 120)).isTrue();
            world.host.run("ipset", "add", "b1-pin4-spt1", "169.254.169.254").ok();
            world.host.run("ipset", "add", "b1-pin4-spt1", "10.60.0.1").ok();
            world.host.run("ipset", "add", "b1-pin4-spt1", "10.77.2.2").ok();

            assertThat(world.probe("tcp", "10.50.0.1", "443").what()).isEqualTo("open");
            assertThat(world.probe("tcp", "10.50.0.1", "8443").what()).isEqualTo("refused");
            assertThat(world.probe("tcp", "169.254.169.254", "443").what()).isEqualTo("refused");
            assertThat(world.probe("tcp", "10.60.0.1", "443").what()).isEqualTo("refused");
            assertThat(world.probe("tcp", "10.77.2.2", "443").what()).isEqualTo("refused");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void anotherSandboxIsClosedEvenWhereItsAddressIsPinned(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            List<Subnet> internal = List.of(new Subnet(World.address("10.77.0.0"), 16));
            Pins pins = firewall.bind(network("b1"), World.pinned(internal));
            firewall.bind(World.neighbour("b2"), World.PUBLIC);
            assertThat(pins.pin(octets("10.77.2.2"), new int[] {tcp(443)}, 120)).isTrue();

            assertThat(world.probe("tcp", "10.77.2.2", "443").what()).isEqualTo("silent");
            assertThat(firewall.counters().get("inbound")).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void nobodyGetsInExceptTheHostItself(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            assertThat(world.probe(world.internet, "tcp", World.SANDBOX, "7000").what())
                    .isEqualTo("open");

            firewall.bind(network("b1"), World.PUBLIC);

            assertThat(world.probe(world.internet, "tcp", World.SANDBOX, "7000").what())
                    .isEqualTo("silent");
            assertThat(world.probe(world.internet, "tcp", World.SANDBOX6, "7000").what())
                    .isEqualTo("silent");
            assertThat(world.probe(world.host, "tcp", World.SANDBOX, "7000").what())
                    .isEqualTo("open");
            assertThat(world.probe(world.host, "tcp", World.SANDBOX6, "7000").what())
                    .isEqualTo("open");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aForeignSourceAddressGoesNowhere(Flavour flavour) {
        world.sandbox.address("eth0", "10.77.1.66/32").address("eth0", "fd77:1::66/128");
        try (Firewall firewall = world.open(flavour)) {
            Pins pins = firewall.bind(network("b1"), World.PUBLIC);
            assertThat(pins.pin(octets("9.9.1.1"), new int[] {tcp(443)}, 120)).isTrue();

            Long unbound = firewall.counters().get("unbound");

            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(world.probe("tcp", "9.9.1.1", "443", "10.77.1.66").what())
                    .isEqualTo("silent");
            assertThat(world.probe("udp", World.DNS4, "53", "10.77.1.66").what())
                    .isEqualTo("silent");
            assertThat(world.probe("tcp", "2a00:9::1", "443", "fd77:1::66").what())
                    .isEqualTo("silent");
            assertThat(firewall.counters().get("spoofed")).isPositive();
            assertThat(firewall.counters().get("unbound")).isEqualTo(unbound);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void anInterfaceOfThePatternIsClosedWithoutABinding(Flavour flavour) {
        assertThat(world.probe("tcp", "9.9.1.1", "443").what())
                .as("the world works")
                .isEqualTo("open");
        try (Firewall firewall = world.open(flavour, "sb+")) {
            for (String way :
                    List.of(
                            "tcp 9.9.1.1 443",
                            "tcp 2a00:9::1 443",
                            "udp 169.254.53.53 53",
                            "tcp 10.77.1.1 22")) {
                assertThat(world.probe(way.split(" ", -1)).what()).as(way).isEqualTo("silent");
            }
            assertThat(firewall.counters().get("unbound")).isPositive();

            firewall.bind(network("b1"), World.PUBLIC);

            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(worksWithin(5, "tcp", "2a00:9::1", "443"))
                    .as("once the neighbour is found")
                    .isTrue();
            assertThat(firewall.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void twoNetworksOnOneInterfaceKeepTheirOwnPins(Flavour flavour) {
        world.sandbox.address("eth0", "10.77.1.66/32");
        world.host.run("ip", "route", "add", "10.77.1.66/32", "dev", "sb1").ok();
        try (Firewall firewall = world.open(flavour)) {
            Pins pins = firewall.bind(network("b1"), World.PINNED);
            Pins second =
                    firewall.bind(
                            new Firewall.Network(
                                    "b2",
                                    "sb1",
                                    List.of(new Subnet(World.address("10.77.1.66"), 32)),
                                    true),
                            World.PINNED);
            assertThat(pins.pin(octets("9.9.1.1"), new int[] {tcp(443)}, 120)).isTrue();
            assertThat(second.pin(octets("9.9.1.2"), new int[] {tcp(443)}, 120)).isTrue();

            assertThat(world.probe("tcp", "9.9.1.1", "443", World.SANDBOX).what())
                    .isEqualTo("open");
            assertThat(world.probe("tcp", "9.9.1.2", "443", World.SANDBOX).what())
                    .isEqualTo("refused");
            assertThat(world.probe("tcp", "9.9.1.1", "443", "10.77.1.66").what())
                    .isEqualTo("refused");
            assertThat(world.probe("tcp", "9.9.1.2", "443", "10.77.1.66").what()).isEqualTo("open");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aFloodOfQueriesStopsInTheKernel(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            firewall.bind(network("b1"), Access.NOTHING);

            world.probe("flood", World.DNS4, "53", "20000");
            long direct = firewall.counters().getOrDefault("dns_flood", 0L);
            world.probe("flood", "9.9.1.1", "53", "2000");

            assertThat(direct).isGreaterThan(1000);
            assertThat(firewall.counters().get("dns_flood")).isGreaterThan(direct + 1000);
            assertThat(conntrack().lines().filter(line -> line.contains("dport=53 ")).count())
                    .isLessThan(1000);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aFloodOfFlowsStopsInTheKernel(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            firewall.bind(network("b1"), Access.NOTHING);

            world.probe("flood", "9.9.1.1", "443", "20000");

            assertThat(firewall.counters().get("flow_flood")).isGreaterThan(1000);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void fragmentsMeetThePortsRulesAsOnePacket(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            Pins pins = firewall.bind(network("b1"), World.PINNED);
            assertThat(pins.pin(octets("9.9.1.1"), new int[] {udp(443)}, 120)).isTrue();

            world.probe("fragments", "9.9.1.1", "8443", World.SANDBOX);

            assertThat(firewall.refused("b1"))
                    .anyMatch(
                            refused -> refused.port() == 8443 && refused.protocol().equals("udp"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void refusedDestinationsAreCountedInTheKernel(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            firewall.bind(network("b1"), World.PINNED);
            world.probe("tcp", "9.9.1.2", "443");
            for (int i = 0; i < 3; i++) {
                world.probe("tcp", "9.9.1.1", "8443");
            }
            world.probe("tcp", "2a00:9::1", "443");

            List<Firewall.Refused> refused = firewall.refused("b1");

            assertThat(refused)
                    .contains(
                            new Firewall.Refused(World.address("9.9.1.1"), "tcp", 8443, 3),
                            new Firewall.Refused(World.address("9.9.1.2"), "tcp", 443, 1),
                            new Firewall.Refused(World.address("2a00:9::1"), "tcp", 443, 1));
            assertThat(refused.getFirst().packets()).isEqualTo(3);
            assertThat(firewall.counters().get("unpinned")).isGreaterThanOrEqualTo(5);
        }
    }
}
