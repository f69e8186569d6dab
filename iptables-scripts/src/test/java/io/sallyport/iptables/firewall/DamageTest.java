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

/** What others change in the kernel is put right, and the scripts alone suffice. */
@Needs({"python3", "ip6tables", "iptables-nft", "iptables-legacy", "sysctl"})
class DamageTest {
    private static final int[] HTTPS = {tcp(443)};
    private final World world = new World();

    @AfterEach
    void close() {
        world.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void damageIsSeenAndRepaired(Flavour flavour) {
        try (Firewall firewall = world.open(flavour, "sb+")) {
            Pins pins = firewall.bind(network("b1"), World.PINNED);
            assertThat(pins.pin(octets("9.9.1.1", "2a00:9::1"), HTTPS, 120)).isTrue();
            assertThat(firewall.faults()).isEmpty();
            String tool = "iptables-" + flavour.name().toLowerCase(Locale.ROOT);

            damaged(firewall, "foreign rules before", tool, "-I", "FORWARD", "-j", "ACCEPT");
            damaged(
                    firewall,
                    "lacks its jump",
                    tool,
                    "-t",
                    "raw",
                    "-D",
                    "PREROUTING",
                    "-j",
                    "SALLYPORT-t1-PRE");
            damaged(
                    firewall,
                    "foreign rule \"-j ACCEPT\"",
                    tool,
                    "-I",
                    "SALLYPORT-t1-Nb1",
                    "-j",
                    "ACCEPT");
            damaged(firewall, "lacks \"", tool, "-t", "nat", "-F");
            damaged(firewall, "lacks \"", "ip6" + tool.substring(2), "-F");
            damaged(firewall, "has 0 entries of 1", "ipset", "flush", "b1-pin4-spt1");
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(world.probe("tcp", "2a00:9::1", "443").what()).isEqualTo("open");
        }
    }

    private void damaged(Firewall firewall, String sentence, String... by) {
        world.host.run(by).ok();
        assertThat(firewall.faults())
                .as(String.join(" ", by))
                .anyMatch(fault -> fault.contains(sentence));

        firewall.repair();

        assertThat(firewall.faults()).as(String.join(" ", by)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void aDeletedSetComesBackWithItsPinsAndWhatSlippedOutIsCut(Flavour flavour)
            throws InterruptedException {
        try (Firewall firewall = world.open(flavour)) {
            Pins pins = firewall.bind(network("b1"), World.PINNED);
            assertThat(pins.pin(octets("9.9.1.1"), HTTPS, 120)).isTrue();
            String tool = "iptables-" + flavour.name().toLowerCase(Locale.ROOT);
            world.host.run(tool, "-F").ok();
            world.host.run(tool, "-t", "raw", "-F").ok();
            world.host.run(tool, "-X").ok();
            for (int i = 0;
                    i < 250 && world.host.run("ipset", "destroy", "b1-pin4-spt1").exit() != 0;
                    i++) {
                Thread.sleep(20);
            }
            Held slipped = world.hold("9.9.1.2", 443);
            assertThat(firewall.faults())
                    .contains(
                            "set b1-pin4-spt1 is missing",
                            "IPv4 filter SALLYPORT-t1-Fb1 is missing");
            assertThat(pins.pin(octets("9.9.1.2"), HTTPS, 120)).as("no set, no pin").isFalse();

            firewall.repair();

            assertThat(firewall.faults()).isEmpty();
            assertThat(slipped.ask()).startsWith("dead");
            assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");
            assertThat(world.probe("tcp", "9.9.1.2", "443").what()).isEqualTo("refused");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NFT", "LEGACY"})
    void theScriptsRunByThemselvesPutTheSameInForce(Flavour flavour) {
        List<Firewall.Script> scripts;
        try (Firewall firewall = world.open(flavour)) {
            firewall.bind(network("b1"), World.PINNED);
        }
        try (Firewall firewall = world.open(flavour)) {
            scripts = firewall.scripts("b1");
            firewall.uninstall();
        }
        assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("open");

        for (Firewall.Script script : scripts) {
            run(script);
            run(script);
        }

        assertThat(world.probe("tcp", "9.9.1.1", "443").what()).isEqualTo("refused");
        assertThat(world.probe("udp", "9.9.1.1", "53")).hasToString("open 169.254.53.53:5300");
    }

    private void run(Firewall.Script script) {
        try {
            Process process = world.host.entered(script.program().split(" ", -1)).start();
            process.getOutputStream()
                    .write(script.text().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            process.getOutputStream().close();
            assertThat(process.waitFor()).as(script.program()).isZero();
        } catch (java.io.IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
