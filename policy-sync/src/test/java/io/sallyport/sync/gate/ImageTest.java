package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.engine.Engine;
import io.sallyport.sync.engine.Rootfs;
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

/**
 * The image, made by the launcher and run by a real engine with the user, capabilities and root
 * filesystem of the chart's node; not with its mounts, nor as the chart's other containers.
 */
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
    "setcap"
})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ImageTest {
    private static final String IMAGE = "sallyport-test/node:1";
    private static final String JDK = "sallyport-test/jdk:1";
    private static final String BASE = "sallyport-test/base:1";

    /** CAP_NET_BIND_SERVICE and CAP_NET_ADMIN, bits 10 and 12. */
    private static final String TWO = "0000000000001400";

    private static final String NONE = "0000000000000000";

    private static World world;
    private static Engine engine;
    private static Sandbox sandbox;

    @BeforeAll
    static void make(@TempDir Path directory) {
        world = World.start();
        engine = Engine.start(world::asHost);
        Path java = Path.of(System.getProperty("java.home"));
        Rootfs jdk =
                Rootfs.in(directory.resolve("jdk"))
                        .programs("sh", "mv", "mkdir", "rm", "find", "sed", "cat", "uname")
                        .tree(java, "java");
        engine.image(jdk, JDK, "ENV PATH=/java/bin:/bin");
        Rootfs base =
                Rootfs.in(directory.resolve("base"))
                        .programs(
                                "sh",
                                "cat",
                                "rm",
                                "touch",
                                "grep",
                                "ip",
                                "ipset",
                                "conntrack",
                                "setcap")
                        .programs("iptables", "iptables-restore", "iptables-save", "nsenter")
                        .programs("ip6tables", "ip6tables-restore", "ip6tables-save")
                        .extensions()
                        .libraries(java.resolve("bin/java"))
                        .libraries(java.resolve("lib/server/libjvm.so"));
        engine.image(base, BASE, "ENV PATH=/bin");
        Netns.host(
                        "env",
                        "DOCKER_HOST=" + engine.host(),
                        Path.of("../sallyport").toAbsolutePath().toString(),
                        "image",
                        IMAGE,
                        "--build-arg",
                        "JDK=" + JDK,
                        "--build-arg",
                        "BASE=" + BASE)
                .ok();
        sandbox = world.sandbox("sb0");
    }

    @AfterAll
    static void close() {
        engine.close();
        world.close();
    }

    /** As the chart's node: the host's network, two capabilities, nothing to write on. */
    private static void run(String name, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "run",
                                "--detach",
                                "--name=" + name,
                                "--network=host",
                                "--read-only",
                                "--tmpfs=/tmp",
                                "--cap-drop=ALL"));
        command.addAll(List.of(more));
        engine.docker(command.toArray(String[]::new)).ok();
    }

    private static Result inside(String... command) {
        List<String> whole = new ArrayList<>(List.of("exec", "node", "sallyport"));
        whole.addAll(List.of(command));
        return engine.docker(whole.toArray(String[]::new));
    }

    private static String log(String name) {
        return engine.docker("logs", name).output();
    }

    private static void awaitSaid(String name, int from, String text) {
        Gate.await(
                "it says " + text,
                () -> {
                    String log = log(name).substring(from);
                    assertThat(runs(name) || log.contains(text)).as("%s", log).isTrue();
                    return log.contains(text);
                });
    }

    private static boolean runs(String name) {
        return engine.docker("inspect", "--format={{.State.Running}}", name)
                .output()
                .strip()
                .equals("true");
    }

    private static String status(String name, String field) {
        return engine.docker("exec", name, "cat", "/proc/1/status")
                .ok()
                .output()
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    @Test
    @Order(1)
    void nodeServesASessionWithTwoCapabilitiesAndNothingToWriteOn() {
        run(
                "node",
                "--cap-add=NET_ADMIN",
                "--cap-add=NET_BIND_SERVICE",
                "--volume=sallyport-data:/var/lib/sallyport",
                IMAGE,
                "node",
                "--upstream",
                World.UPSTREAM4);
        awaitSaid("node", 0, "ready");

        inside("org", "create", "acme").ok();
        inside("org", "set", "acme", "--level", "none").ok();
        inside("org", "allow", "acme", "www.example.com").ok();
        inside(
                        "session",
                        "start",
                        "--org",
                        "acme",
                        "--interface",
                        "sb0",
                        "--address",
                        sandbox.address4())
                .ok();

        theSandboxReachesWhatItMayAndNothingElse();
        assertThat(status("node", "CapEff")).isEqualTo(TWO);
        assertThat(status("node", "CapBnd")).isEqualTo(TWO);
        assertThat(status("node", "Uid")).isEqualTo("65532\t65532\t65532\t65532");
        assertThat(engine.docker("exec", "node", "touch", "/opt/sallyport/x").output())
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
        Gate.await(
                "the engine says so",
                () -> {
                    assertThat(runs("node")).isTrue();
                    return engine.docker("inspect", "--format={{.State.Health.Status}}", "node")
                            .output()
                            .strip()
                            .equals("healthy");
                });
        assertThat(engine.docker("exec", "node", "healthy", "9").exit()).isEqualTo(1);
    }

    @Test
    @Order(3)
    void sessionOutlivesItsContainersRestart() {
        int said = log("node").length();
        engine.docker("restart", "node").ok();
        awaitSaid("node", said, "ready");

        assertThat(log("node").substring(said)).contains("restored 1 networks, 1 sessions");
        theSandboxReachesWhatItMayAndNothingElse();
    }

    @Test
    @Order(4)
    void controlNeedsNoCapabilityAtAll() {
        run("control", IMAGE, "control", "--data", "/tmp/control", "--listen", "127.0.0.1:7055");
        awaitSaid("control", 0, "127.0.0.1:7055");
        Gate.await(
                log("control"),
                () -> engine.docker("exec", "control", "healthy", "7055").exit() == 0);

        assertThat(status("control", "CapPrm")).isEqualTo(NONE);
        assertThat(status("control", "CapBnd")).isEqualTo(NONE);
    }

    @Test
    @Order(5)
    void nodeWithoutItsCapabilitiesSaysWhatItLacks() {
        Result result =
                engine.docker("run", "--rm", "--network=host", "--cap-drop=ALL", IMAGE, "node");

        assertThat(result.exit()).isNotZero();
        assertThat(result.output()).contains("--cap-add NET_ADMIN");
    }
}
