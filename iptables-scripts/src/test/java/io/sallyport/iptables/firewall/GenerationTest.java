package io.sallyport.iptables.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The kernel's own count of changes, in an empty namespace. */
@Needs
class GenerationTest {

    @Test
    void onlyAChangeOfRulesMakesTheNextOne() {
        try (Netns netns = Netns.create("spgen")) {
            Optional<Path> namespace = Optional.of(Path.of("/run/netns", netns.name()));
            try (Netlink netlink = Netlink.open(namespace)) {
                Generation generation = new Generation(netlink, new Tools(Flavour.NFT, namespace));
                netns.run("iptables-nft", "-N", "MINE").ok();
                OptionalLong first = generation.now();

                netns.run("iptables-nft-save").ok();
                netns.run("ipset", "create", "some", "hash:ip").ok();
                assertThat(first).isPresent();
                assertThat(generation.now()).isEqualTo(first);

                netns.run("iptables-nft", "-A", "MINE", "-j", "ACCEPT").ok();
                assertThat(generation.now()).isPresent().isNotEqualTo(first);
            }
        }
    }

    @Test
    void rulesOfTheOlderKindHaveNone() {
        try (Netns netns = Netns.create("spgen")) {
            Optional<Path> namespace = Optional.of(Path.of("/run/netns", netns.name()));
            try (Netlink netlink = Netlink.open(namespace)) {
                assertThat(new Generation(netlink, new Tools(Flavour.LEGACY, namespace)).now())
                        .isEmpty();
            }
        }
    }
}
