package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node whose host has no list of protocols, and whose rules are changed by others. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare", "ip6tables"})
class RepairTest {

    /** Everything goes, as when a firewall is reloaded that takes the host for its own. */
    private static final String RELOAD =
            """
            for p in iptables ip6tables; do for t in raw mangle nat filter; do $p -t $t -F; $p -t $t -X; done; done
            """;

    private static final String DOCKER =
            """
            iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN
            iptables -I FORWARD -j DOCKER-USER
            iptables -P FORWARD DROP
            """;

    private Gate gate;
    private Sandbox sandbox;

    @BeforeEach
    void open() {
        gate =
                Gate.in(
                        World.start().without("/etc/protocols"),
                        List.of("--upstream", World.UPSTREAM4));
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", ".example.com");
        sandbox = gate.sandbox("sb0", "acme");
        assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://www.example.com/").output())
                .startsWith("internet for ");
    }

    @AfterEach
    void close() {
        gate.close();
    }

    @Test
    void whatOthersDoToTheRulesIsPutRightAndTold() {
        for (String damage : new String[] {RELOAD, DOCKER}) {
            double before = gate.metric("sallyport_rules_repairs_total");
            long rules = gate.ownRules();
            long begin = System.nanoTime();
            // The node may put things back while they are still being taken away.
            gate.world().host().run("sh", "-c", damage);
            Gate.await(
                    "the rules are repaired",
                    () ->
                            gate.metric("sallyport_rules_repairs_total") > before
                                    && gate.ready()
                                    && gate.ownRules() == rules);
            System.out.printf(
                    Locale.ROOT,
                    "repaired after %d ms%n",
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));

            assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://93.184.216.35/").output())
                    .as("pinned before, and still")
                    .startsWith("internet for ");
            assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://93.184.216.36/").exit())
                    .isEqualTo(7);
            assertThat(sandbox.run("dig", "denied.example.org").output()).contains("NXDOMAIN");
        }
        assertThat(gate.world().host().run("iptables", "-S").output())
                .contains("-P FORWARD DROP", "-A DOCKER-USER -j RETURN");
        Gate.await("one is told of", () -> events().contains("lacks its jump"));
        Gate.await("and the other", () -> events().contains("foreign rules before its jump"));
    }

    @Test
    void theNodeIsNotReadyWhileItsRulesAreNotAsTheyShouldBe() throws Exception {
        Process again =
                gate.world()
                        .host()
                        .start("sh", "-c", "while :; do iptables -w 5 -t raw -F; sleep 0.05; done");
        try {
            Gate.await("not ready", () -> !gate.ready());
            assertThat(
                            gate.world()
                                    .host()
                                    .run("curl", "-s", "http://127.0.0.1:9153/readyz")
                                    .output())
                    .isNotEmpty();
        } finally {
            again.destroyForcibly();
            again.waitFor();
        }
        Gate.await("ready again", gate::ready);
        assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://93.184.216.35/").output())
                .startsWith("internet for ");
    }

    private String events() {
        try {
            return Files.readString(gate.data().resolve("events.jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
