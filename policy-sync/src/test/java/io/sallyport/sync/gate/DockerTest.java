package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.engine.Engine;
import io.sallyport.sync.world.World;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real engine beside a real node: what a container reaches, and what outlives what. */
@Needs({"nsd", "curl", "dig", "tcpdump", "unshare", "dockerd", "docker", "busybox"})
class DockerTest {
    private static final String ALLOWED = "93.184.216.35";

    private static Gate gate;
    private static Engine engine;
    private static Process watch;

    @BeforeAll
    static void open() throws Exception {
        gate =
                Gate.in(
                        World.start(),
                        List.of("--upstream", World.UPSTREAM4, "--sandbox-interface", "spd-+"));
        for (String org : List.of("acme", "beta")) {
            gate.admin("org", "create", org);
            gate.admin("org", "set", org, "--level", "none");
        }
        gate.admin("org", "allow", "acme", "www.example.com");
        gate.admin("org", "allow", "beta", "api.example.com");
        engine = Engine.start(gate.world()::asHost).tools();
        watch = startWatch();
    }

    private static Process startWatch() throws Exception {
        Process started = gate.world().host().start(sallyport("watch"));
        assertThat(started.inputReader().readLine()).contains("Watching");
        Thread.ofVirtual().start(() -> started.inputReader().lines().forEach(System.out::println));
        return started;
    }

    @AfterEach
    void remove() {
        engine.docker("ps", "-aq").output().lines().forEach(id -> engine.docker("rm", "-f", id));
        engine.docker("network", "prune", "-f").ok();
        Gate.await("all is ended", () -> guarded().isEmpty());
    }

    @AfterAll
    static void close() {
        watch.destroy();
        engine.close();
        gate.close();
    }

    @Test
    void labelledNetworkHasItsOrgsAccessAlsoAfterRestarts() throws Exception {
        network("n1", "fd5a:11:71::/64", "--label", "sallyport.org=acme");
        Gate.await("its session has begun", () -> guarded().contains(" of acme"));
        run("c1", "n1");
        run("c2", "n1");
        isGuarded("c1");

        engine.docker("restart", "c1").ok();
        isGuarded("c1");

        engine.restart(false);
        isGuarded("c1");

        engine.restart(true);
        isGuarded("c1");

        watch.destroyForcibly();
        gate.kill();
        gate.restart();
        isGuarded("c1");
        watch = startWatch();
        isGuarded("c1");
        assertThat(guarded().lines()).hasSize(1);

        engine.docker("rm", "-f", "c1", "c2").ok();
        engine.docker("network", "rm", "n1").ok();
        Gate.await("nothing is left", () -> guarded().isEmpty());
        assertThat(
                        gate.world()
                                .host()
                                .run("sh", "-c", "iptables-save; ip6tables-save; ipset list -n")
                                .output())
                .doesNotContain("br-")
                .doesNotContainPattern("SALLYPORT-\\w+-[RQFNPX]-");
    }

    @Test
    void nothingGetsOutOfANewNetworkBeforeItsSessionNorAfter() {
        gate.world().forget();
        for (int i = 0; i < 3; i++) {
            network(
                    "w" + i,
                    "fd5a:11:8" + i + "::/64",
                    "--opt",
                    "com.docker.network.bridge.name=spd-w" + i,
                    "--label",
                    "sallyport.org=acme");
            run(
                    "w" + i,
                    "w" + i,
                    List.of(
                            "sh",
                            "-c",
                            "while :; do curl -sS -m 1 http://"
                                    + World.PUBLIC4
                                    + "/; sleep 0.05; done"));
        }
        Gate.await(
                "sessions have begun",
                () -> guarded().lines().filter(line -> line.contains("of acme")).count() == 3);
        for (int i = 0; i < 3; i++) {
            assertThat(engine.docker("logs", "w" + i).output()).doesNotContain("internet for");
        }
        assertThat(gate.world().escaped()).isEmpty();
    }

    @Test
    void containersOfANetworkReachEachOtherAndNobodyElses() {
        network("n1", "fd5a:11:71::/64", "--label", "sallyport.org=acme");
        network("n2", "fd5a:11:72::/64", "--label", "sallyport.org=beta");
        for (String each : List.of("n1", "n2")) {
            run(each + "a", each);
            run(each + "b", each, List.of("busybox", "httpd", "-f", "-p", "80", "-h", "/etc"));
        }
        Gate.await(
                "sessions have begun",
                () -> guarded().contains("of acme") && guarded().contains("of beta"));
        assertThat(exec("n1a", "curl", "-sS", "-m", "5", "http://n1b/hostname").output())
                .isEqualTo(exec("n1b", "cat", "/etc/hostname").output());
        String own6 =
                engine.docker(
                                "inspect",
                                "-f",
                                "{{.NetworkSettings.Networks.n1.GlobalIPv6Address}}",
                                "n1b")
                        .output()
                        .strip();
        assertThat(exec("n1a", "curl", "-sS", "-m", "5", "http://[" + own6 + "]/hostname").output())
                .isEqualTo(exec("n1b", "cat", "/etc/hostname").output());
        for (String family : List.of("IPAddress", "GlobalIPv6Address")) {
            String other =
                    engine.docker(
                                    "inspect",
                                    "-f",
                                    "{{.NetworkSettings.Networks.n2." + family + "}}",
                                    "n2b")
                            .output()
                            .strip();
            assertThat(
                            exec(
                                            "n1a",
                                            "curl",
                                            "-sS",
                                            "-m",
                                            "3",
                                            "http://"
                                                    + (other.contains(":")
                                                            ? "[" + other + "]"
                                                            : other)
                                                    + "/hostname")
                                    .exit())
                    .as(other)
                    .isNotZero();
        }
        Gate.await(
                "both are answered",
                () ->
                        dig("n1a", "www.example.com").contains("NOERROR")
                                && dig("n2a", "api.example.com").contains("NOERROR"));
        assertThat(dig("n1a", "api.example.com")).contains("NXDOMAIN");
        assertThat(dig("n2a", "www.example.com")).contains("NXDOMAIN");
        assertThat(exec("n1a", "curl", "-sS", "-m", "3", "http://93.184.216.36/").exit())
                .as("what the other's names lead to")
                .isEqualTo(7);
    }

    @Test
    void containerAttachedByHandIsGuardedUntilItStops() {
        network("plain", "fd5a:11:73::/64");
        run("h1", "plain");
        assertThat(open("h1")).as("without a session").isTrue();

        assertThat(command("attach", "--org", "acme", "h1").output()).contains("started");
        assertThat(open("h1")).isFalse();
        Gate.await("it is answered", () -> dig("h1", "www.example.com").contains("NOERROR"));
        assertThat(dig("h1", "denied.example.org")).contains("NXDOMAIN");
        assertThat(command("attach", "--org", "acme", "h1").exit()).as("twice").isEqualTo(1);
        assertThat(command("attach", "--org", "acme", "nobody").exit()).isEqualTo(2);

        engine.docker("stop", "h1").ok();
        Gate.await("its session has ended", () -> guarded().isEmpty());
    }

    @Test
    void networkAttachedByHandIsOpenAgainWhenDetached() {
        network("plain", "fd5a:11:74::/64");
        run("h2", "plain");
        assertThat(command("attach", "--org", "nobody", "plain").output()).contains("nobody");
        assertThat(guarded()).as("a refused session leaves nothing").isEmpty();
        assertThat(command("attach", "--org", "acme", "plain").exit()).isZero();
        assertThat(open("h2")).isFalse();
        assertThat(command("detach", "plain").output()).contains("detached");
        assertThat(open("h2")).isTrue();
    }

    @Test
    void labelledContainerHasItsOwnSessionAtEachStart() {
        network("plain", "fd5a:11:75::/64");
        run("l1", "plain", "--label", "sallyport.org=beta");
        for (int i = 0; i < 2; i++) {
            Gate.await(
                    "its session has begun",
                    () ->
                            guarded().contains(" of beta")
                                    && dig("l1", "api.example.com").contains("NOERROR"));
            assertThat(open("l1")).isFalse();
            assertThat(dig("l1", "www.example.com")).contains("NXDOMAIN");
            engine.docker("restart", "l1").ok();
        }
    }

    @Test
    void containerThatWouldAskByWayOfTheHostIsRefusedAndStopped(@TempDir Path directory)
            throws Exception {
        Path loopback =
                Files.writeString(directory.resolve("resolv.conf"), "nameserver 127.0.0.1\n");
        network("plain", "fd5a:11:76::/64");
        run("d1", "plain");
        run("d2", "plain", "--dns", "169.254.53.53");
        List<String> attach = new ArrayList<>(bound(loopback));
        attach.addAll(List.of(sallyport("attach", "--org", "acme", "d1")));
        Result refused = gate.world().host().run(attach.toArray(String[]::new));
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.output()).contains("127.0.0.1").contains("--dns 169.254.53.53");
        assertThat(guarded()).isEmpty();

        List<String> command = new ArrayList<>(bound(loopback));
        command.addAll(List.of(sallyport("watch")));
        assertThat(command("attach", "--org", "acme", "plain").exit()).isZero();
        Process second = gate.world().host().start(command.toArray(String[]::new));
        try {
            Gate.await(
                    "it is stopped",
                    () ->
                            engine.docker("inspect", "-f", "{{.State.Running}}", "d1")
                                    .output()
                                    .contains("false"));
            assertThat(engine.docker("inspect", "-f", "{{.State.Running}}", "d2").output())
                    .contains("true");
        } finally {
            second.destroyForcibly();
        }
    }

    @Test
    void internalNetworkHasNoWayOutAndAsksNobody() {
        network("inner", "fd5a:11:77::/64", "--internal", "--label", "sallyport.org=acme");
        run("i1", "inner");
        run("i2", "inner");
        Gate.await("it is closed", () -> guarded().contains("closed"));
        gate.world().forget();
        assertThat(exec("i1", "dig", "+short", "i2").output()).isNotBlank();
        assertThat(dig("i1", "www.example.com")).doesNotContain("NOERROR");
        assertThat(open("i1")).isFalse();
        assertThat(command("attach", "--org", "acme", "inner").exit()).isEqualTo(2);
        assertThat(gate.world().escaped()).isEmpty();
        assertThat(gate.world().upstreamSaw("www.example.com")).isFalse();
    }

    private static List<String> bound(Path resolvConf) {
        return List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
                resolvConf.toString());
    }

    private static boolean open(String container) {
        return exec(container, "curl", "-sS", "-m", "3", "http://" + World.PUBLIC4 + "/").exit()
                == 0;
    }

    /** Everything that a container of acme may do, and may not. */
    private static void isGuarded(String container) {
        Gate.await(
                "it runs",
                () -> exec(container, "busybox", "echo", "here").output().contains("here"));
        Gate.await(
                "the rules are in force",
                () -> gate.ready() && dig(container, "www.example.com").contains("NOERROR"));
        gate.world().forget();
        assertThat(exec(container, "curl", "-sS", "-m", "5", "http://www.example.com/").output())
                .startsWith("internet for ");
        assertThat(dig(container, "denied.example.org")).contains("NXDOMAIN");
        for (String closed :
                List.of(
                        World.PUBLIC4,
                        "[" + World.PUBLIC6 + "]",
                        ALLOWED + ":8080",
                        "185.199.0.2:" + World.HOST_SERVICE,
                        "169.254.169.254")) {
            assertThat(exec(container, "curl", "-sS", "-m", "3", "http://" + closed + "/").exit())
                    .as(closed)
                    .isEqualTo(7);
        }
        assertThat(
                        exec(
                                        container,
                                        "sh",
                                        "-c",
                                        "echo hello | busybox nc -u -w 1 " + World.PUBLIC4 + " 7")
                                .output())
                .doesNotContain("hello");
        assertThat(dig(container, "@8.8.8.8", "denied.example.org")).contains("NXDOMAIN");
        assertThat(dig(container, "@8.8.8.8", "+tcp", "denied.example.org")).contains("NXDOMAIN");
        assertThat(exec(container, "dig", "+short", "c2").output())
                .as("names of the network")
                .isNotBlank();
        assertThat(gate.world().escaped())
                .allMatch(packet -> packet.destination().getHostAddress().equals(ALLOWED));
        assertThat(gate.world().upstreamSaw("denied.example.org")).isFalse();
        assertThat(gate.world().upstreamSaw("c2")).isFalse();
    }

    private static String dig(String container, String... arguments) {
        List<String> command = new ArrayList<>(List.of("dig", "+tries=1", "+time=3"));
        command.addAll(List.of(arguments));
        return exec(container, command.toArray(String[]::new)).output();
    }

    private static Result exec(String container, String... command) {
        List<String> whole = new ArrayList<>(List.of("exec", container));
        whole.addAll(List.of(command));
        return engine.docker(whole.toArray(String[]::new));
    }

    private static void network(String name, String subnet6, String... options) {
        List<String> command = new ArrayList<>(List.of("network", "create"));
        command.addAll(List.of(options));
        command.addAll(List.of("--ipv6", "--subnet", subnet6, name));
        engine.docker(command.toArray(String[]::new)).ok();
    }

    private static void run(String name, String network, String... options) {
        run(name, network, List.of(), options);
    }

    private static void run(String name, String network, List<String> program, String... options) {
        List<String> command =
                new ArrayList<>(List.of("run", "-d", "--restart=always", "--stop-timeout=0"));
        command.addAll(List.of(options));
        command.addAll(List.of("--name", name, "--network", network, Engine.TOOLS));
        command.addAll(program);
        engine.docker(command.toArray(String[]::new)).ok();
    }

    private static String guarded() {
        return command("list").ok().output();
    }

    private static Result command(String... words) {
        return gate.world().host().run(sallyport(words));
    }

    private static String[] sallyport(String... words) {
        List<String> whole = new ArrayList<>(List.of("docker"));
        whole.addAll(List.of(words));
        whole.addAll(List.of("--docker-socket", engine.socket().toString()));
        whole.addAll(List.of("--data", gate.data().toString()));
        return World.sallyport(whole.toArray(String[]::new)).toArray(String[]::new);
    }
}
