package io.sallyport.iptables.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.firewall.Firewall.Finding;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.iptables.firewall.Firewall.Network;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Needs({"ip6tables", "iptables-nft", "iptables-legacy"})
class CheckTest {

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void thisKernelHasAllThatIsNeededAndTheCheckLeavesNothing(Flavour flavour) {
        try (Netns netns = Netns.create("spcheck")) {
            List<Finding> findings =
                    Firewall.check(
                            new Tools(flavour, Optional.of(Path.of("/run/netns", netns.name()))));

            assertThat(findings).hasSizeGreaterThan(20).allMatch(Finding::ok);
            assertThat(netns.run("ipset", "list", "-n").ok().output()).isBlank();
            for (String save :
                    List.of("iptables-nft-save", "iptables-legacy-save", "ip6tables-nft-save")) {
                assertThat(netns.run(save).output()).doesNotContain("SALLYPORT");
            }
        }
    }

    @Test
    void whatIsMissingIsNamedWithItsFix() {
        Tools nowhere =
                new Tools(Flavour.HOST, Optional.of(Path.of("/run/netns/sp-there-is-none")));

        assertThat(Firewall.check(nowhere))
                .noneMatch(finding -> finding.ok() && finding.what().contains("set"))
                .anyMatch(finding -> finding.fix().contains("xt_set"));
        assertThatThrownBy(() -> Firewall.open(World.installation(), nowhere))
                .isInstanceOf(FirewallException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+", "a b", "-i", "a/b", "sixteen-letters-x", "veth\n-A", "veth+"})
    void namesThatWouldBreakARuleAreRefused(String name) {
        List<Subnet> addresses = List.of(new Subnet(World.address("10.0.0.2"), 32));
        assertThatThrownBy(() -> new Network("b1", name, addresses, true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Network("b1", "lo", addresses, true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Network(name, "veth1", addresses, true))
                .isInstanceOf(IllegalArgumentException.class);
        if (!name.equals("veth+")) {
            assertThatThrownBy(() -> World.installation(name))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
