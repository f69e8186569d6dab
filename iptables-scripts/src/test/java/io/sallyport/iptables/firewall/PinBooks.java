package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.tcp;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Reach;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Opening;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A book of pins, and the real sets of an empty namespace that it is kept in. */
abstract class PinBooks {
    static final int[] HTTPS = {tcp(443)};

    static final Base BASE =
            new Base(
                    "t",
                    Block.parse("169.254.53.53"),
                    Block.parse("fd00:53::53"),
                    5353,
                    0,
                    List.of());

    final Netns netns = Netns.create("sppin");
    private final Tools tools =
            new Tools(Flavour.NFT, Optional.of(Path.of("/run/netns", netns.name())));
    final Netlink netlink = Netlink.open(tools.namespace());
    private final Together together = new Together(netlink);
    long now = 1000;
    final PinBook book =
            book(World.pinned(List.of(new Subnet(World.address("10.50.0.0"), 16))), true);

    PinBook book(Access access, boolean six) {
        return new PinBook(
                netlink, together, new PinSets("t", binding(access, six)), access, () -> now);
    }

    static Binding binding(Access access, boolean six) {
        return Binding.of(
                BASE,
                "b1",
                "sb1",
                List.of(Block.parse("10.77.1.2"), Block.parse("fd77::2")),
                false,
                new Opening(
                        access.reach() == Reach.NOTHING
                                ? Ruleset.Reach.NOTHING
                                : Ruleset.Reach.PINNED,
                        access.ports(),
                        access.otherPorts(),
                        List.of()),
                six);
    }

    @BeforeEach
    void makeSets() {
        try (KernelSets kernel = new KernelSets(Netlink.open(tools.namespace()))) {
            new Sets("t", kernel).create(binding(World.PINNED, true).sets());
        }
    }

    @AfterEach
    void close() {
        netlink.close();
        netns.close();
    }

    String list(String set) {
        return netns.run("ipset", "list", "b1-" + set + "-spt").ok().output();
    }
}
