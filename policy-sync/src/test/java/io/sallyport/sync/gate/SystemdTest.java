package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.gate.Asker.Counts;
import io.sallyport.sync.gate.Asker.Question;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.Site;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The units as they are shipped, every restriction included, under a real systemd. */
@Needs({
    "nsd",
    "dig",
    "curl",
    "tcpdump",
    "unshare",
    "systemctl",
    "systemd-nspawn",
    "/lib/systemd/systemd"
})
class SystemdTest {
    private static final String NODE = "sallyport-node.service";
    private static final String STANDBY = "sallyport-standby.service";
    private static final String CONTROL = "sallyport-control.service";
    private static final String API = "http://127.0.0.1:7053";

    private World world;
    private BootedHost host;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        world = World.start();
        host = BootedHost.boot(world, directory);
        host.write("/etc/sallyport/control.yaml", "control-listen: 127.0.0.1:7053\n");
        host.write(
                "/etc/sallyport/node.yaml",
                """
                upstreams: [%s]
                control-server:
                  url: %s
                  token-file: /etc/sallyport/node.token
                  node-name: node-1
                """
                        .formatted(World.UPSTREAM4, API));
    }

    @AfterEach
    void close() {
        host.close();
        world.close();
    }

    @Test
    void unitsServeASessionAndComeBackFromKillAndReload() throws IOException {
        started(CONTROL);
        Gate.await("the control server answers", () -> host.run("curl", "-s", API).exit() == 0);
        call("/v1/orgs", "{\"org\": \"red\"}");
        call("/v1/orgs/red/network-access/domains", "{\"domains\": \".red.example.com\"}");
        JsonNode token =
                call("/v1/tokens", "{\"name\":\"n\",\"role\":\"node\",\"node\":\"node-1\"}");
        host.write("/etc/sallyport/node.token", token.path("secret").asString());
        started(NODE, STANDBY);
        Sandbox sandbox = world.sandbox("sb0");
        String session = session(sandbox);

        Ledger ledger = new Ledger();
        try (Asker load =
                new Asker(
                        "red", ledger, Asker.socket(world, sandbox.netns(), sandbox.address4()))) {
            load.steadily(
                    100,
                    IntStream.rangeClosed(1, 20)
                            .mapToObj(i ->
                                    new Question(
                                            Site.of(i % 5 == 0 ? "blue" : "red", i), i % 5 != 0))
                            .toList());
            Gate.await("answers", () -> load.counts().good() > 20);
            assertThat(reaches(sandbox, Site.of("red", 1).address4())).isTrue();
            assertThat(reaches(sandbox, World.PUBLIC4)).isFalse();

            String before = running();
            host.run("systemctl", "reload", serving()).ok();
            assertThat(running()).as("who answers").isNotEqualTo(before);
            Counts overlapped = load.settled();
            assertThat(overlapped.good()).as("%s", overlapped).isEqualTo(overlapped.asked());
        }
        String killed = serving();
        try (Asker load =
                new Asker(
                        "red", ledger, Asker.socket(world, sandbox.netns(), sandbox.address6()))) {
            load.steadily(100, List.of(new Question(Site.of("red", 1), true)));
            Gate.await("answers", () -> load.counts().good() > 20);
            host.run("systemctl", "kill", "--signal=KILL", killed).ok();
            Gate.await("the other one answers", () -> !serving().equals(killed));
            int good = load.counts().good();
            Gate.await("answers", () -> load.counts().good() > good);
            System.out.println(
                    "systemd: kill -9 of a unit, the other one stands by: " + load.settled());
        }
        Gate.await("the unit is back", () -> host.property(killed, "NRestarts").equals("1"));
        Gate.await("it stands by", () -> host.property(killed, "ActiveState").equals("active"));
        Gate.await("its session is there", () -> isBound(session));
        assertThat(reaches(sandbox, World.PUBLIC4)).isFalse();
    }

    private boolean isBound(String session) {
        return host.run("sallyport", "session", "show", session).output().contains("bound");
    }

    private void started(String... units) {
        for (String unit : units) {
            var started = host.run("systemctl", "start", unit);
            assertThat(started.exit()).as("%s%s", started.output(), host.log(unit)).isZero();
        }
    }

    private String session(Sandbox sandbox) {
        var started =
                host.run(
                        "sallyport",
                        "session",
                        "start",
                        "--json",
                        "--org",
                        "red",
                        "--interface",
                        sandbox.interfaceName(),
                        "--address",
                        sandbox.address4(),
                        "--address",
                        sandbox.address6());
        assertThat(started.exit()).as("%s%s", started.output(), host.log(NODE)).isZero();
        return new JsonMapper().readTree(started.output()).path("id").asString();
    }

    private static boolean reaches(Sandbox sandbox, String address) {
        return sandbox.run("curl", "-sS", "-m", "3", "http://" + address + "/").exit() == 0;
    }

    /** The process that has the data directory. */
    private String running() {
        try {
            String endpoints = Files.readString(host.file("/var/lib/sallyport/endpoints.json"));
            return new JsonMapper().readTree(endpoints).path("pid").asString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The unit that it is of. */
    private String serving() {
        String pid = running();
        return host.property(NODE, "MainPID").equals(pid) ? NODE : STANDBY;
    }

    private JsonNode call(String path, String body) throws IOException {
        Path admin = host.file("/var/lib/private/sallyport-control/admin.token");
        host.write(
                "/root/header", "Authorization: Bearer " + Files.readString(admin).strip() + "\n");
        String type = "Content-Type: application/json";
        return new JsonMapper()
                .readTree(
                        host.run(
                                        "curl",
                                        "-sSf",
                                        "-H",
                                        "@/root/header",
                                        "-H",
                                        type,
                                        "-d",
                                        body,
                                        API + path)
                                .ok()
                                .output());
    }
}
