package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.network;
import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Network;
import io.sallyport.iptables.firewall.Firewall.Pins;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.firewall.World.Held;
import io.sallyport.iptables.netns.Needs;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How bindings and pins begin, end, take over and survive their process. */
@Needs({"python3", "ip6tables", "iptables-nft", "iptables-legacy", "sysctl"})
class LifeTest {
    private static final int[] HTTPS = {tcp(443)};
    private final World world = new World();

    @AfterEach
    void close() {
        world.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aConnectionOutlivesItsPinButNoNewOneOpens(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            Pins pins = firewall.bind(network("b1"), World.PINNED);
            assertThat(pins.pin(octets("9.9.1.1"), HTTPS, 120)).isTrue();
            Held held = world.hold("9.9.1.1", 443);

            // As the kernel does when the time is up; the test has none to wait.
            world.host.run("ipset", "del", "b1-pin4-spt1", "9.9.1.1").ok();

            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("refused");
            assertThat(held.ask()).startsWith("alive");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void thePinEndsAfterItsTime(Flavour flavour) throws InterruptedException {
        try (Firewall firewall = world.open(flavour)) {
            Pins pins = firewall.bind(network("b1"), World.PINNED);
            assertThat(pins.pin(octets("9.9.1.1"), HTTPS, 120)).isTrue();
            String entry = world.host.run("ipset", "list", "b1-pin4-spt1").ok().output();
            int left = Integer.parseInt(entry.replaceAll("(?s).*9.9.1.1 timeout (\\d+).*", "$1"));
            assertThat(left).isBetween(120, 150);

            world.host
                    .run("ipset", "-exist", "add", "b1-pin4-spt1", "9.9.1.1", "timeout", "4")
                    .ok();
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            Thread.sleep(4500);
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("refused");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void anEndedBindingCutsItsFlowsAndTakesNoMorePins(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            Pins pins = firewall.bind(network("b1"), World.PINNED);
            assertThat(pins.pin(octets("9.9.1.1", "2a00:9::1"), HTTPS, 120)).isTrue();
            Held held = world.hold("9.9.1.1", 443);
            Held held6 = world.hold("2a00:9::1", 443);
            assertThat(held.ask()).startsWith("alive");
            assertThat(held6.ask()).startsWith("alive");

            firewall.end("b1");

            assertThat(held.ask()).startsWith("dead");
            assertThat(held6.ask()).startsWith("dead");
            assertThat(world.host.run("cat", "/proc/self/net/nf_conntrack").output())
                    .doesNotContain("dport=443");
            assertThat(pins.pin(octets("9.9.1.1"), HTTPS, 120)).isFalse();
            assertThat(world.host.run("ipset", "list", "-n").output()).doesNotContain("spt1-");
            assertThat(world.probe("tcp", "9.9.1.1", "443").what())
                    .as("the standing drop holds")
                    .isEqualTo("silent");
            assertThat(world.probe("tcp", "10.77.1.1", "22").what()).isEqualTo("silent");
            assertThat(firewall.bindingsInKernel()).isEmpty();
            assertThat(firewall.faults()).isEmpty();

            Pins next = firewall.bind(network("b2"), World.PINNED);
            assertThat(next.pin(octets("9.9.1.2"), HTTPS, 120)).isTrue();
            assertThat(pins.pin(octets("9.9.1.1"), HTTPS, 120)).isFalse();
            assertThat(world.probe("tcp", "9.9.1.2", "443").what()).isEqualTo("open");
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("refused");
            assertThat(held.ask()).as("the next binding inherits no flow").startsWith("dead");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void flowsFromBeforeABindingAreCut(Flavour flavour) {
        Held held = world.hold("9.9.1.1", 443);
        assertThat(held.ask()).startsWith("alive");
        try (Firewall firewall = world.open(flavour)) {
            firewall.bind(network("b1"), Access.NOTHING);

            assertThat(held.ask()).startsWith("dead");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aSecondRunAdoptsBindingsAndPinsAndFlows(Flavour flavour) {
        Firewall first = world.open(flavour);
        Pins pins = first.bind(network("b1"), World.PINNED);
        first.bind(World.neighbour("b2"), Access.NOTHING);
        assertThat(pins.pin(octets("9.9.1.1"), HTTPS, 120)).isTrue();
        Held held = world.hold("9.9.1.1", 443);
        first.close();
        assertThat(world.probe("tcp", "9.9.1.1", "443").what())
                .as("pins outlive the process")
                .isEqualTo("open");
        assertThat(pins.pin(octets("9.9.1.2"), HTTPS, 120)).isFalse();

        try (Firewall second = world.open(flavour)) {
            assertThat(second.bindingsInKernel()).containsExactly("b1", "b2");
            assertThat(second.faults()).isEmpty();
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");

            Pins adopted = second.bind(network("b1"), World.PINNED);

            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(held.ask()).startsWith("alive");
            assertThat(adopted.pin(octets("9.9.1.2"), HTTPS, 120)).isTrue();
            assertThat(world.probe("tcp", "9.9.1.2", "443").what()).isEqualTo("open");
            assertThat(second.scripts("b1")).hasSize(3);

            second.end("b2");
            assertThat(second.bindingsInKernel()).containsExactly("b1");

            second.bind(network("b1"), Access.NOTHING);
            assertThat(world.probe("tcp", "9.9.1.1", "443").what())
                    .as("another access is a new beginning")
                    .isEqualTo("refused");
            assertThat(held.ask()).startsWith("dead");
        }
    }

    /** A pin is promised and acknowledged; then its set turns out to be one that has to go. */
    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aPromisedPinIsInTheSetsThatAreMadeAnewToo(Flavour flavour) {
        Firewall first = world.open(flavour);
        first.bind(network("b1"), World.PINNED);
        first.close();
        for (String table : List.of("raw", "mangle", "nat", "filter")) {
            for (String family : List.of("iptables-", "ip6tables-")) {
                String tool = family + flavour.name().toLowerCase(Locale.ROOT);
                world.host.run(tool, "-t", table, "-F").ok();
                world.host.run(tool, "-t", table, "-X").ok();
            }
        }

        try (Firewall second = Firewall.prepare(World.installation(), world.tools(flavour))) {
            assertThat(second.leftSets()).isTrue();
            Pins promised = second.promise(network("b1"), World.PINNED);
            assertThat(promised.pin(octets("9.9.1.1"), HTTPS, 120)).isTrue();
            second.begin();
            Pins bound = second.bind(network("b1"), World.PINNED);

            assertThat(bound).isSameAs(promised);
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(world.probe("tcp", "9.9.1.2", "443").what()).isEqualTo("refused");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void anotherBindingOfTheSameNetworkTakesItsPlace(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            Pins pending = firewall.bind(network("p1"), Access.NOTHING);
            assertThat(pending.pin(octets("9.9.1.1"), HTTPS, 120)).isFalse();
            Pins pins = firewall.bind(network("b1"), World.PINNED);

            assertThat(pins.pin(octets("9.9.1.1"), HTTPS, 120)).isTrue();
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(firewall.bindingsInKernel()).containsExactly("b1");
            Network elsewhere =
                    new Network(
                            "b2",
                            "sb2",
                            List.of(new Subnet(World.address(World.SANDBOX), 32)),
                            true);
            assertThatThrownBy(() -> firewall.bind(elsewhere, World.PINNED))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("end that one first");
            assertThat(firewall.faults()).isEmpty();
        }
    }
}
