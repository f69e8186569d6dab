package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.network;
import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.firewall.Firewall.Pins;
import io.sallyport.iptables.firewall.World.Held;
import io.sallyport.iptables.netns.Needs;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What others do to the rules of a host, by accident or not, is seen and put right. */
@Needs({"python3", "ip6tables", "iptables-nft", "iptables-legacy", "sysctl"})
class RepairTest {

    /** A sentence that the faults must have, and what happens, {@code IPT} being the program. */
    private static final List<String[]> DAMAGES =
            List.of(
                    damage(
                            "is missing",
                            """
                            for t in raw nat filter; do
                              for p in iptables-IPT ip6tables-IPT; do $p -t $t -F; $p -t $t -X; done
                            done
                            """),
                    damage(
                            "foreign rules before its jump",
                            """
                            iptables-IPT -N DOCKER-USER
                            iptables-IPT -A DOCKER-USER -j RETURN
                            iptables-IPT -N DOCKER-FORWARD
                            iptables-IPT -A DOCKER-FORWARD -i sb1 -j ACCEPT
                            iptables-IPT -I FORWARD -j DOCKER-FORWARD
                            iptables-IPT -I FORWARD -j DOCKER-USER
                            """),
                    damage(
                            "is missing",
                            """
                            iptables-IPT-save | grep -v SALLYPORT | iptables-IPT-restore
                            ip6tables-IPT-save | grep -v SALLYPORT | ip6tables-IPT-restore
                            """),
                    damage("lacks its jump", "iptables-IPT -t raw -D PREROUTING 1"),
                    damage(
                            "jumps more than once",
                            "iptables-IPT -t nat -I PREROUTING -j SALLYPORT-t1-NAT"),
                    damage("lacks \"", "ip6tables-IPT -D SALLYPORT-t1-Nb1 1"),
                    damage("has a foreign rule", "iptables-IPT -I SALLYPORT-t1-REF -j ACCEPT"),
                    damage(
                            "has a foreign rule",
                            "iptables-IPT -t raw -I SALLYPORT-t1-STAND -i sb1 -j ACCEPT"),
                    damage("lacks \"", "iptables-IPT -R SALLYPORT-t1-Fb1 4 -j ACCEPT"),
                    damage(
                            "in another order",
                            """
                            iptables-IPT -D SALLYPORT-t1-Pb1 -j SALLYPORT-t1-PASS
                            iptables-IPT -I SALLYPORT-t1-Pb1 -j SALLYPORT-t1-PASS
                            """),
                    damage("has 0 entries of 1", "ipset flush b1-pin4-spt1"),
                    damage(
                            "is another set than was made",
                            """
                            ipset create other hash:ip maxelem 7 timeout 120
                            ipset swap other b1-pin4-spt1
                            ipset destroy other
                            """));

    private final World world = new World();

    private static String[] damage(String sentence, String script) {
        return new String[] {sentence, script};
    }

    @AfterEach
    void close() {
        world.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void everyDamageIsSeenAndPutRightAndForeignRulesStay(Flavour flavour) {
        String tool = flavour.name().toLowerCase(Locale.ROOT);
        world.host.run("iptables-" + tool, "-N", "OTHERS").ok();
        world.host.run("iptables-" + tool, "-A", "OTHERS", "-s", "192.0.2.1", "-j", "DROP").ok();
        world.host.run("iptables-" + tool, "-A", "FORWARD", "-j", "OTHERS").ok();
        try (Firewall firewall = world.open(flavour, "sb+")) {
            Pins pins = firewall.bind(network("b1"), World.PINNED);
            firewall.bind(World.neighbour("b2"), World.PINNED);
            assertThat(pins.pin(octets("9.9.1.1", "2a00:9::1"), new int[] {tcp(443)}, 600))
                    .isTrue();
            for (String[] damage : DAMAGES) {
                assertThat(firewall.faults()).isEmpty();
                assertThat(firewall.touched()).isFalse();
                String script = damage[1].replace("IPT", tool);
                world.host.run("sh", "-ec", script).ok();
                String foreign = foreign(tool);

                if (flavour == Flavour.NFT && script.contains("tables-")) {
                    assertThat(firewall.touched()).as(script).isTrue();
                }
                assertThat(firewall.faults())
                        .as(script)
                        .anyMatch(fault -> fault.contains(damage[0]));
                firewall.repair();

                assertThat(firewall.faults()).as(script).isEmpty();
                assertThat(foreign(tool)).as(script).isEqualTo(foreign);
                assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            }
            assertThat(world.probe("tcp", "2a00:9::1", "443").what()).isEqualTo("open");
            assertThat(world.probe("tcp", "9.9.1.2", "443").what()).isEqualTo("refused");
            assertThat(firewall.bindingsInKernel()).containsExactly("b1", "b2");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void flowThatGotOutIsCutWhoeverPutTheRulesRight(Flavour flavour) {
        String flush = "for t in raw mangle filter; do iptables-IPT -t $t -F; done";
        String unhook = "iptables-IPT -D FORWARD -j SALLYPORT-t1-FWD; iptables-IPT -t mangle -F";
        try (Firewall firewall = world.open(flavour, "sb+")) {
            firewall.bind(network("b1"), World.PINNED);

            Held atABegin = getOut(flavour, flush);
            firewall.bind(World.neighbour("b2"), World.PINNED);
            assertCutByRepair(firewall, atABegin);

            Held atAnEnd = getOut(flavour, flush);
            firewall.end("b2");
            assertCutByRepair(firewall, atAnEnd);
        }
        Held withoutUs = getOut(flavour, unhook);
        try (Firewall firewall = world.open(flavour, "sb+")) {
            firewall.bind(network("b1"), World.PINNED);
            assertCutByRepair(firewall, withoutUs);
        }
    }

    /** A connection to an address that nothing opens. */
    private Held getOut(Flavour flavour, String damage) {
        String tool = flavour.name().toLowerCase(Locale.ROOT);
        world.host.run("sh", "-ec", damage.replace("IPT", tool)).ok();
        return world.hold("9.9.1.2", 443);
    }

    private void assertCutByRepair(Firewall firewall, Held held) {
        assertThat(world.probe("tcp", "9.9.1.2", "443").what()).isEqualTo("refused");
        assertThat(held.ask()).startsWith("alive");
        assertThat(firewall.touched()).isTrue();
        assertThat(firewall.faults()).anyMatch(fault -> fault.contains("lacks its jump"));

        firewall.repair();

        assertThat(held.ask()).startsWith("dead");
        assertThat(firewall.faults()).isEmpty();
    }

    /** All that is not ours, whoever made it, in its order. */
    private String foreign(String tool) {
        return world.host
                .run("iptables-" + tool + "-save")
                .ok()
                .output()
                .lines()
                .filter(line -> !line.contains("SALLYPORT-") && !line.startsWith("#"))
                .map(line -> line.replaceAll("\\[\\d+:\\d+]", ""))
                .toList()
                .toString();
    }
}
