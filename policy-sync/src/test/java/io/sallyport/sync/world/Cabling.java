package io.sallyport.sync.world;

import io.sallyport.iptables.netns.Netns;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Cables, addresses, routes and the translation that makes every address of the internet answer.
 */
final class Cabling {
    private static final String INTERNET4 = "185.199.0.1";
    private static final String INTERNET6 = "2600:1f18:ff::1";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration STEP = Duration.ofMillis(5);

    private static final String TRANSLATION =
            """
            *raw
            -A PREROUTING -p udp --dport 9 -j DROP
            COMMIT
            *nat
            -A PREROUTING -d %1$s -p udp --dport 53 -j RETURN
            -A PREROUTING -d %1$s -p tcp --dport 53 -j RETURN
            -A PREROUTING -d %2$s -p udp --dport 53 -j REDIRECT --to-ports 5301
            -A PREROUTING -d %2$s -p tcp --dport 53 -j REDIRECT --to-ports 5301
            -A PREROUTING -p udp --dport 53 -j REDIRECT --to-ports 5300
            -A PREROUTING -p tcp --dport 53 -j REDIRECT --to-ports 5300
            -A PREROUTING -p udp -j REDIRECT --to-ports 7
            -A PREROUTING -p tcp -m multiport --dports 7,853 -j REDIRECT --to-ports 7
            -A PREROUTING -p tcp --dport 22 -j REDIRECT --to-ports 22
            -A PREROUTING -p tcp -j REDIRECT --to-ports 80
            COMMIT
            """;

    private Cabling() {}

    static void lay(Netns host, Netns internet) {
        quick(host);
        quick(internet);
        Netns.join(host, "uplink", internet, "net0");
        host.ip(
                """
                address add %s/24 dev uplink
                address add %s/64 dev uplink nodad
                address add %s/32 dev lo
                address add %s/128 dev lo
                route add default via %s
                route add ::/0 via %s
                """
                        .formatted(
                                World.HOST4,
                                World.HOST6,
                                World.METADATA4,
                                World.METADATA6,
                                INTERNET4,
                                INTERNET6));
        internet.ip(
                """
                address add %s/24 dev net0
                address add %s/64 dev net0 nodad
                address add %s/32 dev lo
                address add %s/128 dev lo
                address add %s/128 dev lo
                route add %s via %s
                route add %s via %s
                route add local default dev lo table main
                route add local ::/0 dev lo table main
                """
                        .formatted(
                                INTERNET4,
                                INTERNET6,
                                World.UPSTREAM4,
                                World.UPSTREAM6,
                                World.PUBLIC6,
                                Sandbox.ALL4,
                                World.HOST4,
                                Sandbox.ALL6,
                                World.HOST6));
        host.sysctl("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
        internet.feed(TRANSLATION.formatted(World.UPSTREAM4, World.CROOKED4), "iptables-restore");
        internet.feed(TRANSLATION.formatted(World.UPSTREAM6, World.CROOKED6), "ip6tables-restore");
    }

    /**
     * No waiting for duplicate addresses, no filtering of sources: the firewall under test has to
     * do that.
     */
    static void quick(Netns netns) {
        netns.sysctl(
                "net.ipv6.conf.all.accept_dad=0",
                "net.ipv6.conf.default.accept_dad=0",
                "net.ipv4.conf.all.rp_filter=0",
                "net.ipv4.conf.default.rp_filter=0");
    }

    /** Ends what still runs in the namespace, and the namespace. */
    static void remove(Netns netns) {
        for (String pid :
                Netns.host("ip", "netns", "pids", netns.name()).output().lines().toList()) {
            ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(ProcessHandle::destroyForcibly);
        }
        netns.close();
    }

    static void await(
            String what, BooleanSupplier condition, Supplier<@Nullable String> otherwise) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "not so after " + PATIENCE + ": " + what + "\n" + otherwise.get());
            }
            try {
                Thread.sleep(STEP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }
}
