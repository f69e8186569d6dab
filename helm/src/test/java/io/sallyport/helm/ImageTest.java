package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The image, run by a real engine: first as docs/image.md says, then as the chart's pods. */
@Needs({
    "nsd",
    "curl",
    "dig",
    "tcpdump",
    "unshare",
    "dockerd",
    "docker",
    "cc",
    "iptables",
    "ipset",
    "ip",
    "conntrack",
    "setcap",
    "openssl",
    "/usr/lib/cni/ptp"
})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ImageTest {
    /** CAP_NET_BIND_SERVICE and CAP_NET_ADMIN, bits 10 and 12. */
    private static final String TWO = "0000000000001400";

    private static ImageHost host;
    private static Sandbox sandbox;
    private static ChartPods pods;

    @BeforeAll
    static void make(@TempDir Path directory) {
        host = ImageHost.make(directory);
        sandbox = host.world().sandbox("sb0");
        pods = new ChartPods(host, directory.resolve("pods"));
    }

    @AfterAll
    static void close() {
        pods.close();
        host.close();
    }

    /** As docs/image.md has it: the host's network, two capabilities, nothing to write on. */
    private static void run(String name, String... more) {
        List<String> command = new ArrayList<>(List.of("run", "--detach", "--name=" + name));
        command.addAll(List.of("--network=host", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL"));
        command.addAll(List.of(more));
        host.engine().docker(command.toArray(String[]::new)).ok();
    }

    private static Result sallyport(String... command) {
        List<String> words = new ArrayList<>(List.of("sallyport"));
        words.addAll(List.of(command));
        return host.inside("node", words.toArray(String[]::new));
    }

    private static void awaitSaid(String name, int from, String text) {
        host.await(name, () -> host.log(name).substring(from).contains(text));
    }

    @Test
    @Order(1)
    void nodeServesASessionWithTwoCapabilitiesAndNothingToWriteOn() {
        run(
                "node",
                "--cap-add=NET_ADMIN",
                "--cap-add=NET_BIND_SERVICE",
                "--volume=sallyport-data:/var/lib/sallyport",
                ImageHost.IMAGE,
                "node",
                "--upstream",
                World.UPSTREAM4);
        awaitSaid("node", 0, "ready");

        sallyport("org", "create", "acme").ok();
        sallyport("org", "set", "acme", "--level", "none").ok();
        sallyport("org", "allow", "acme", "www.example.com").ok();
        String address = sandbox.address4();
        sallyport("session", "start", "--org", "acme", "--interface", "sb0", "--address", address)
                .ok();

        theSandboxReachesWhatItMayAndNothingElse();
        assertThat(host.status("node", "CapEff")).isEqualTo(TWO);
        assertThat(host.status("node", "CapBnd")).isEqualTo(TWO);
        assertThat(host.status("node", "Uid")).isEqualTo("65532\t65532\t65532\t65532");
        assertThat(host.inside("node", "touch", "/opt/sallyport/x").output())
                .contains("Read-only file system");
    }

    private static void theSandboxReachesWhatItMayAndNothingElse() {
        assertThat(sandbox.run("curl", "-sS", "-m", "5", "http://www.example.com/").output())
                .startsWith("internet for ");
        assertThat(sandbox.run("dig", "denied.example.org", "+tries=1").output())
                .contains("NXDOMAIN", "EDE: 15");
        assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://" + World.PUBLIC4 + "/").exit())
                .isEqualTo(7);
    }

    @Test
    @Order(2)
    void engineKnowsThatItIsHealthy() {
        host.await(
                "node",
                () ->
                        host.engine()
                                .docker("inspect", "--format={{.State.Health.Status}}", "node")
                                .output()
                                .strip()
                                .equals("healthy"));
        assertThat(host.inside("node", "healthy", "9").exit()).isEqualTo(1);
    }

    @Test
    @Order(3)
    void sessionOutlivesItsContainersRestart() {
        int said = host.log("node").length();
        host.engine().docker("restart", "node").ok();
        awaitSaid("node", said, "ready");
        awaitSaid("node", said, "restored 1 networks, 1 sessions");

        theSandboxReachesWhatItMayAndNothingElse();
    }

    @Test
    @Order(4)
    void nodeWithoutItsCapabilitiesSaysWhatItLacks() {
        Result result =
                host.engine()
                        .docker(
                                "run",
                                "--rm",
                                "--network=host",
                                "--cap-drop=ALL",
                                ImageHost.IMAGE,
                                "node");

        assertThat(result.exit()).isNotZero();
        assertThat(result.output()).contains("--cap-add NET_ADMIN");
    }

    @Test
    @Order(5)
    void theChartsControlAnswersWithNoCapability() {
        host.engine().docker("rm", "-f", "node").ok();
        pods.startControl();

        pods.hasExactlyWhatItsManifestSays("control");
        pods.prepare();
    }

    @Test
    @Order(6)
    void theChartsNodeGuardsAPod() {
        pods.startNode("");

        pods.hasExactlyWhatItsManifestSays("node");
        pods.hasExactlyWhatItsManifestSays("cni");
        pods.theInstallerHasPutThePluginIntoTheChain();
        pods.aPodIsBornBehindItsGate();
    }

    /** The other way to be a node: root that can gain nothing, and the directories handed over. */
    @Test
    @Order(7)
    void theChartsNodeAsRootGuardsThePodThatWasThereAndAnother() {
        pods.endNode();
        pods.startNode("{node: {runAs: root}}");

        pods.hasExactlyWhatItsManifestSays("node");
        pods.everyPodStillReachesWhatItMayAndNothingElse();
        pods.aPodIsBornBehindItsGate();
    }
}
