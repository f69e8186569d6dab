package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.network;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netns.Needs;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What stays closed without a binding, and what is left behind. */
@Needs({"python3", "ip6tables", "iptables-nft", "iptables-legacy", "sysctl"})
class StandingTest {
    private final World world = new World();

    @AfterEach
    void close() {
        world.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void anInterfaceThatIsKeptClosedHasNoWayOutUntilItIsBound(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");

            firewall.keepClosed(List.of("sb1", "gone"));

            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("silent");
            assertThat(world.probe("tcp", "10.77.1.1", "22").what()).isEqualTo("silent");
            assertThat(world.probe(world.other, "tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(firewall.faults()).isEmpty();
            firewall.bind(network("b1"), World.PUBLIC);
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void uninstallLeavesTheHostAsItWas(Flavour flavour) {
        String tool = flavour.name().toLowerCase(Locale.ROOT);
        world.host
                .run("iptables-" + tool, "-A", "FORWARD", "-s", "10.99.0.0/16", "-j", "ACCEPT")
                .ok();
        world.host.run("iptables-" + tool, "-t", "nat", "-N", "OTHERS").ok();
        world.host.run("ipset", "create", "others", "hash:ip").ok();
        // A table that was used once stays, empty.
        for (String table : List.of("raw", "mangle", "nat", "filter")) {
            for (String family : List.of("iptables-", "ip6tables-")) {
                world.host.run(family + tool, "-t", table, "-N", "GONE").ok();
                world.host.run(family + tool, "-t", table, "-X", "GONE").ok();
            }
        }
        String before = everything(tool);
        Firewall firewall = world.open(flavour, "sb+");
        firewall.bind(
                network("b1"), World.pinned(List.of(new Subnet(World.address("10.50.0.0"), 16))));
        assertThat(everything(tool)).isNotEqualTo(before);
        firewall.close();

        world.open(flavour, "sb+").uninstall();

        assertThat(everything(tool)).isEqualTo(before);
        assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
    }

    private String everything(String tool) {
        return (world.host.run("iptables-" + tool + "-save").ok().output()
                        + world.host.run("ip6tables-" + tool + "-save").ok().output()
                        + world.host.run("ipset", "save").ok().output())
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceAll("\\[\\d+:\\d+]", ""))
                .sorted()
                .toList()
                .toString();
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aStandingDropStaysUntilItsInterfaceIsReleasedOrGone(Flavour flavour) {
        Firewall first = world.open(flavour);
        first.bind(network("b1"), World.PUBLIC);
        first.bind(World.neighbour("b2"), World.PUBLIC);
        first.end("b1");
        first.close();
        assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("silent");

        try (Firewall second = world.open(flavour)) {
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("silent");
            assertThat(world.probe(world.other, "tcp", "9.9.1.1", "443").what()).isEqualTo("open");

            second.release("sb1");
            second.release("sb2");

            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(second.bindingsInKernel()).isEmpty();
            second.bind(network("b3"), World.PUBLIC);
            second.end("b3");
        }
        world.host.run("ip", "link", "delete", "sb1").ok();
        try (Firewall third = world.open(flavour)) {
            assertThat(
                            world.host
                                    .run(
                                            "iptables-"
                                                    + flavour.name().toLowerCase(Locale.ROOT)
                                                    + "-save")
                                    .output())
                    .doesNotContain("sb1");
            assertThat(third.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void anInterfaceThatIsGoneLeavesNoRuleBehind(Flavour flavour) {
        String save = "iptables-" + flavour.name().toLowerCase(Locale.ROOT) + "-save";
        try (Firewall firewall = world.open(flavour)) {
            firewall.bind(network("b1"), World.PUBLIC);
            firewall.end("b1");
            assertThat(world.host.run(save).output()).contains("sb1");
            world.host.run("ip", "link", "delete", "sb1").ok();

            firewall.bind(World.neighbour("b2"), World.PUBLIC);

            assertThat(world.host.run(save).output()).doesNotContain("sb1");
            assertThat(firewall.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aBindThatFailsLeavesTheInterfaceClosed(Flavour flavour) {
        try (Firewall firewall = world.open(flavour)) {
            // A set of the same name and another kind is in the way.
            world.host.run("ipset", "create", "b1-pin6-spt1", "hash:ip").ok();

            assertThatThrownBy(() -> firewall.bind(network("b1"), World.PUBLIC))
                    .isInstanceOf(FirewallException.class)
                    .hasMessageContaining("b1-pin6-spt1");

            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("silent");
            assertThat(firewall.faults()).isEmpty();
            assertThat(firewall.bindingsInKernel()).isEmpty();
        }
    }

    /** The process is killed before it can put right what somebody flushed. */
    @ParameterizedTest
    @CsvSource({"NFT,raw", "NFT,filter", "LEGACY,raw", "LEGACY,filter"})
    void whatWasBoundStaysClosedWhenATableIsGoneAtTheNextStart(Flavour flavour, String table) {
        Firewall first = world.open(flavour);
        first.bind(network("b1"), World.PUBLIC);
        first.close();
        for (String family : List.of("iptables-", "ip6tables-")) {
            String tool = family + flavour.name().toLowerCase(Locale.ROOT);
            world.host.run(tool, "-t", table, "-F").ok();
        }

        try (Firewall second = world.open(flavour)) {
            assertThat(second.bindingsInKernel()).isEmpty();
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("silent");
            assertThat(second.faults()).isEmpty();
            second.bind(network("b1"), World.PUBLIC);
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
        }
    }

    /** All tables are flushed, so that only its owner's own records know what was bound. */
    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void whatItsOwnerKnowsIsClosedFromTheFirstRuleOn(Flavour flavour) {
        try (Firewall firewall = Firewall.prepare(World.installation(), world.tools(flavour))) {
            firewall.begin(List.of("sb1", "gone", "no interface", "lo"));

            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("silent");
            assertThat(world.probe(world.other, "tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(firewall.faults()).isEmpty();
            firewall.bind(network("b1"), World.PUBLIC);
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
        }
    }
}
