package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.gate.Asker.Counts;
import io.sallyport.sync.gate.Asker.Question;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.Site;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The units as they are shipped, every restriction included, under a real systemd. */
@Needs({
    "nsd",
    "curl",
    "tcpdump",
    "unshare",
    "systemctl",
    "systemd-analyze",
    "systemd-nspawn",
    "/lib/systemd/systemd"
})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SystemdTest {
    private static final String NODE = "sallyport-node.service";
    private static final String STANDBY = "sallyport-standby.service";
    private static final String CONTROL = "sallyport-control.service";
    private static final String CNI = "/run/sallyport/cni.sock";

    /** Four of five allowed, so that what is denied is asked for as well. */
    private static final List<Question> QUESTIONS =
            IntStream.rangeClosed(1, 20)
                    .mapToObj(i -> new Question(Site.of(i % 5 == 0 ? "blue" : "red", i), i % 5 > 0))
                    .toList();

    private static World world;
    private static BootedHost host;
    private static Sandbox sandbox;
    private static String session;

    @BeforeAll
    static void open(@TempDir Path directory) throws IOException, NodeClient.Refused {
        world = World.start();
        host = BootedHost.start(world, directory);
        host.up();
        host.write("/etc/sallyport/control.yaml", "control-listen: 127.0.0.1:7053\n");
        host.write(
                "/etc/sallyport/node.yaml",
                """
                upstreams: [%s]
                cni-socket: %s
                control-server:
                  url: http://127.0.0.1:7053
                  token-file: /etc/sallyport/node.token
                  node-name: node-1
                """
                        .formatted(World.UPSTREAM4, CNI));
        enable(CONTROL);
        RealControl.awaitAnswers(world);
        Path control = host.file("/var/lib/private/sallyport-control");
        host.write("/etc/sallyport/node.token", RealControl.setUp(world, control, "red"));
        enable(NODE, STANDBY);
        sandbox = world.sandbox("sb0");
        session =
                NodeClient.of(new DataDirectory(host.file("/var/lib/sallyport")))
                        .post("/v1/sessions", Gate.place(sandbox).put("org", "red"))
                        .path("id")
                        .asString();
    }

    @AfterAll
    static void close() {
        host.close();
        world.close();
    }

    private static void enable(String... units) {
        for (String unit : units) {
            Result started = host.run("systemctl", "enable", "--now", unit);
            assertThat(started.exit()).as("%s%s", started.output(), host.log()).isZero();
        }
    }

    @Test
    @Order(1)
    void systemdFindsNoFaultInThem() {
        Result verified = host.run("systemd-analyze", "verify", "--man=no", NODE, STANDBY, CONTROL);

        assertThat(verified.output()).isEmpty();
        assertThat(verified.exit()).isZero();
    }

    @Test
    @Order(2)
    void reloadLosesNoQuery() {
        reload();
        assertThat(reaches(Site.of("red", 1).address4())).isTrue();
        assertThat(reaches(World.PUBLIC4)).isFalse();
    }

    @Test
    @Order(3)
    void killedNodeIsTakenOverWithItsSessionAndStandsByAgain() {
        try (Asker load = asking(sandbox.address6())) {
            host.run("systemctl", "kill", "--signal=KILL", NODE).ok();

            host.await("the other one answers", () -> running().equals(main(STANDBY)));
            int good = load.counts().good();
            host.await("its answers", () -> load.counts().good() > good);
            host.await("the killed one stands by", () -> standsBy(NODE));
            Counts counts = load.settled();
            System.out.println("systemd: kill -9 of the node, another stands by: " + counts);
            assertThat(counts.closed() + counts.wrong()).as("%s", counts).isZero();
        }
        assertThat(running()).as("who answers").isEqualTo(main(STANDBY));
        assertThat(state(session)).isEqualTo("bound");
        assertThat(reaches(World.PUBLIC4)).isFalse();
    }

    @Test
    @Order(4)
    void reloadAfterThatLeavesOneThatRunsWithItsSocketsAndOneThatStandsBy() {
        String spare = main(NODE);

        reload();

        assertThat(running()).isEqualTo(main(NODE));
        host.await("the spare one ends", () -> hasEnded(spare));
        host.await("the other unit stands by", () -> standsBy(STANDBY));
        assertThat(host.run("curl", "-s", "--unix-socket", CNI, "http://node/").exit())
                .as("the CNI plugin's socket")
                .isZero();
    }

    @Test
    @Order(5)
    void stopLetsThemEndByThemselvesAndIsNoFailure() {
        host.run("systemctl", "stop", NODE, STANDBY, CONTROL).ok();

        for (String unit : List.of(NODE, STANDBY, CONTROL)) {
            assertThat(host.property(unit, "Result")).as(host.log()).isEqualTo("success");
            assertThat(host.property(unit, "ExecMainStatus")).as(host.log()).isEqualTo("143");
        }
    }

    private static void reload() {
        String before = running();
        try (Asker load = asking(sandbox.address4())) {
            host.run("systemctl", "reload", NODE).ok();
            Counts counts = load.settled();
            assertThat(counts.good()).as("%s", counts).isEqualTo(counts.asked());
        }
        assertThat(running()).isNotEqualTo(before);
        host.await("the old one ends", () -> hasEnded(before));
    }

    private static Asker asking(String address) {
        Asker load = new Asker("red", new Ledger(), Asker.socket(world, sandbox.netns(), address));
        load.steadily(100, QUESTIONS);
        host.await("answers", () -> load.counts().good() > QUESTIONS.size());
        return load;
    }

    private static boolean reaches(String address) {
        return sandbox.run("curl", "-sS", "-m", "3", "http://" + address + "/").exit() == 0;
    }

    private static String state(String session) {
        String shown = host.run("sallyport", "session", "show", "--json", session).ok().output();
        return new JsonMapper().readTree(shown).path("state").asString();
    }

    /** The process that has the data directory. */
    private static String running() {
        try {
            return new DataDirectory(host.file("/var/lib/sallyport"))
                    .endpoints()
                    .getOrDefault("pid", "none");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean hasEnded(String pid) {
        return host.run("kill", "-0", pid).exit() != 0;
    }

    private static boolean standsBy(String unit) {
        return host.property(unit, "StatusText").equals("standing by");
    }

    private static String main(String unit) {
        return host.property(unit, "MainPID");
    }
}
