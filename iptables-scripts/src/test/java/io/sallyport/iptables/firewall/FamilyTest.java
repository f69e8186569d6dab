package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.firewall.Firewall.Network;
import io.sallyport.iptables.firewall.Firewall.Pins;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netns.Needs;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A binding with addresses of one family, though its sandbox has both. */
@Needs({"ip6tables", "iptables-nft", "iptables-legacy", "python3"})
class FamilyTest {

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void addressOfTheOtherFamilyIsClosedThoughItNeededNoPin(Flavour flavour) {
        try (World world = new World();
                Firewall firewall = world.open(flavour)) {
            Network fourOnly =
                    new Network(
                            "b1",
                            "sb1",
                            List.of(new Subnet(World.address(World.SANDBOX), 32)),
                            true);
            Pins pins = firewall.bind(fourOnly, World.PINNED);

            assertThat(pins.pin(octets("9.9.1.1", "2a00:9::1"), new int[] {tcp(443)}, 120))
                    .isTrue();

            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(world.probe("tcp", "2a00:9::1", "443").what()).isNotEqualTo("open");
            assertThat(firewall.faults()).isEmpty();
        }
    }
}
