package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that cannot start opens nothing, and closes what it knows. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare"})
class FailedStartTest {
    private Gate gate;

    @BeforeEach
    void open() {
        gate = Gate.up();
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", ".example.com");
    }

    @AfterEach
    void close() {
        gate.close();
    }

    /** As after a boot, or when somebody flushed all, on a host that has something else wrong. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "until ipset destroy; do sleep 0.1; done"})
    void nodeThatCannotStartClosesWhatItsJournalKnows(String more) throws IOException {
        Sandbox sandbox = gate.sandbox("sb0", "acme");
        gate.kill();
        gate.loseRules();
        gate.world().host().run("sh", "-c", more).ok();
        assertThat(fetch(sandbox).output()).as("nothing holds any more").startsWith("internet");
        Files.writeString(gate.data().resolve("emergency.json"), "no list of denials");

        assertThat(gate.restartInVain()).contains("emergency.json");

        gate.world().forget();
        assertThat(fetch(sandbox).exit()).isNotZero();
        assertThat(gate.world().arrived()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--upstream=nobody",
                "--forward=nothing",
                "--config=/proc/version",
                "--config=/nowhere"
            })
    void nodeThatIsToldNonsenseClosesWhatItsJournalKnows(String nonsense) {
        Sandbox sandbox = gate.sandbox("sb0", "acme");
        gate.kill();
        gate.loseRules();
        assertThat(fetch(sandbox).output()).as("nothing holds any more").startsWith("internet");

        gate.restartInVain(nonsense);

        gate.world().forget();
        assertThat(fetch(sandbox).exit()).isNotZero();
        assertThat(gate.world().arrived()).isEmpty();
    }

    @Test
    void nonsenseTakesNothingFromWhatTheLastStartClosed() {
        gate.close();
        gate =
                Gate.in(
                        World.start(),
                        List.of("--upstream", World.UPSTREAM4, "--sandbox-interface", "sb+"));
        gate.admin("org", "create", "acme");
        gate.sandbox("sb0", "acme");
        Sandbox unknown = gate.world().sandbox("sb1");
        gate.kill();
        List<String> before = rules();

        gate.restartInVain("--upstream=nobody");
        assertThat(rules()).isEqualTo(before);

        gate.loseRules();
        assertThat(fetch(unknown).output()).as("nothing holds any more").startsWith("internet");
        gate.restartInVain("--upstream=nobody");
        assertThat(fetch(unknown).exit()).isNotZero();
    }

    @Test
    void nonsenseTakesNothingFromWhatAFailedStartClosed() throws IOException {
        gate.kill();
        Files.writeString(gate.data().resolve("emergency.json"), "no list of denials");
        gate.restartInVain("--sandbox-interface=sb+");
        List<String> before = rules();
        assertThat(before).anyMatch(rule -> rule.contains(" sb+ "));

        gate.restartInVain("--upstream=nobody");

        assertThat(rules()).isEqualTo(before);
    }

    @Test
    void anotherNodeThatIsToldNonsenseTouchesNothing() {
        Sandbox sandbox = gate.sandbox("sb0", "acme");
        List<String> before = rules();

        gate.restartInVain("--dns-address=169.254.53.54", "--upstream=nobody");

        assertThat(rules()).isEqualTo(before);
        assertThat(sandbox.run("dig", "www.example.com", "+tries=1", "+time=2").output())
                .contains("status: NOERROR");
    }

    private List<String> rules() {
        return gate.world()
                .host()
                .run("sh", "-c", "iptables-save; ip6tables-save")
                .ok()
                .output()
                .lines()
                .filter(line -> line.startsWith("-A"))
                .toList();
    }

    private static Result fetch(Sandbox sandbox) {
        return sandbox.run("curl", "-sS", "-m", "2", "http://" + World.PUBLIC4 + "/");
    }
}
