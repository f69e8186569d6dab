package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A node that a control server tells what to do: observe mode, orders, and the sandbox's page. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare"})
class ControlledTest {
    private static final String WWW = "93.184.216.35";
    private static final String API = "93.184.216.36";
    private static final int SECURE_SHELL = 22;
    private static final String BANNER = "SSH-2.0-pretend\r\n";
    private static final String LIFTED = "{\"emergency\":{\"version\":9,\"denied\":[]}}";

    private FakeControl control;
    private Gate gate;

    @BeforeEach
    void open() {
        World world = World.start();
        control = new FakeControl(world);
        gate = Gate.in(world, control.options());
    }

    @AfterEach
    void close() {
        gate.close();
        control.close();
    }

    private static void deny(FakeControl control, int version, String pattern) {
        control.order(
                "{\"emergency\":{\"version\":%d,\"denied\":[{\"pattern\":\"%s\",\"org\":null}]}}"
                        .formatted(version, pattern));
    }

    @Test
    void observingSessionReachesANameThatIsNotAllowedAndItIsRecorded() throws Exception {
        Sandbox observing = gate.world().sandbox("sb0");
        Sandbox enforcing = gate.sandbox("sb1", "acme");
        String session = gate.start(observing, "acme", "observe");

        assertThat(dig(observing, "denied.example.org"))
                .contains("status: NOERROR")
                .contains("OBSERVE MODE");
        assertThat(observing.run("curl", "-sS", "-m", "5", "http://denied.example.org/").output())
                .startsWith("internet for ");
        assertThat(dig(enforcing, "denied.example.org")).contains("status: NXDOMAIN");
        assertThat(dig(observing, "dns.google")).contains("status: NXDOMAIN");
        assertThat(connects(observing, World.PUBLIC4)).as("no name leads there").isFalse();
        assertThat(page(observing, "/explain?name=denied.example.org")).contains("OBSERVE MODE");
        JsonNode shown = gate.client().get("/v1/sessions/" + session);
        assertThat(shown.path("mode").asString()).isEqualTo("observe");
        assertThat(shown.path("observed-names").toString()).contains("denied.example.org");
        assertThat(gate.metric("sallyport_sessions_observing")).isEqualTo(1);
        assertThat(gate.log()).anyMatch(line -> line.contains("OBSERVES"));
        Gate.await("the name is reported", () -> reported("observed", "denied.example.org"));
        Gate.await("the denied one too", () -> reported("denied", "dns.google"));
        assertThat(reported("observed", "dns.google")).isFalse();
        assertThat(control.lastReport().path("sessions").toString())
                .contains("\"mode\":\"observe\"")
                .contains("\"mode\":\"enforce\"");
    }

    @Test
    void pageSaysWhyAndIsAllThatIsReachedOfTheHost() {
        Sandbox sandbox = gate.sandbox("sb0", "acme");

        assertThat(page(sandbox, "/explain?name=denied.example.org"))
                .contains("denied.example.org is denied")
                .contains("blocked by design")
                .contains("Do not retry")
                .contains("org acme");
        assertThat(page(sandbox, "/explain?name=www.example.com")).contains("allowed by .example");
        assertThat(
                        sandbox.run(
                                        "curl",
                                        "-sS",
                                        "-H",
                                        "Accept: application/json",
                                        "http://[fd00:53::53]/explain?name=denied.example.org")
                                .output())
                .startsWith("{")
                .contains("\"verdict\":\"deny\"")
                .contains("\"mode\":\"enforce\"");
        assertThat(sandbox.run("dig", "TXT", "denied.example.org.why.sallyport.internal").output())
                .contains("blocked by design: not allowed by org acme");
        for (String closed :
                List.of(
                        "169.254.53.53:8000",
                        "169.254.53.53:1054",
                        "169.254.53.53:9153",
                        "169.254.53.53:7053",
                        "10.201.1.1",
                        "10.201.1.1:8000",
                        "10.201.1.1:1054",
                        "169.254.169.254")) {
            assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://" + closed + "/").exit())
                    .as(closed)
                    .isEqualTo(7);
        }
    }

    @Test
    void emergencyDenialCutsAFlowAndTheNameIsGoneWhileOthersGoOn() throws Exception {
        Sandbox sandbox = gate.sandbox("sb0", "acme");
        dig(sandbox, "www.example.com");
        dig(sandbox, "api.example.com");
        dig(sandbox, "shared.example.com"); // which has the address of api
        try (Socket www = connect(sandbox, WWW);
                Socket api = connect(sandbox, API)) {
            assertThat(read(www, BANNER.length()) + read(api, BANNER.length()))
                    .isEqualTo(BANNER + BANNER);
            assertThat(echoes(api)).isTrue();
            deny(control, 7, "api.example.com");

            Gate.await(
                    "the name is gone",
                    () -> dig(sandbox, "api.example.com").contains("status: NXDOMAIN"));
            Gate.await("the flow is cut", () -> !echoes(api));
            assertThat(connects(sandbox, API)).as("another name's pin goes too").isFalse();
            assertThat(dig(sandbox, "shared.example.com")).contains("status: NOERROR");
            assertThat(connects(sandbox, API)).as("until that one is asked for again").isTrue();
            assertThat(echoes(www)).as("the other flow").isTrue();
            assertThat(connects(sandbox, WWW)).as("the other pin").isTrue();
            assertThat(dig(sandbox, "www.example.com")).contains("status: NOERROR");
            assertThat(dig(sandbox, "api.example.com")).contains("emergency");
            assertThat(page(sandbox, "/explain?name=api.example.com")).contains("emergency");
            Gate.await(
                    "it is acknowledged",
                    () -> control.lastReport().path("emergency-version").asLong() == 7);
            assertThat(dig(gate.sandbox("sb1", "acme"), "api.example.com"))
                    .as("a session that starts now")
                    .contains("status: NXDOMAIN");
        }
        control.order(LIFTED);
        Gate.await(
                "it is lifted", () -> dig(sandbox, "api.example.com").contains("status: NOERROR"));
        assertThat(connects(sandbox, API)).isTrue();
    }

    @Test
    void sessionBeginsNowhereElseThanWhereItWasAskedForBeforeItsPolicyWasPulled() throws Exception {
        Sandbox gone = gate.world().sandbox("sb0");
        Sandbox pool = gate.world().sandbox("sb1");
        attach(pool, "pool-1");

        control.meanwhile(() -> gate.world().host().run("ip", "link", "delete", "sb0").ok());
        assertThatThrownBy(() -> start(gone)).hasMessageContaining("changed while the policy");
        control.meanwhile(() -> {
            detach("pool-1");
            attach(pool, "pool-2");
        });
        assertThatThrownBy(() -> start(pool)).hasMessageContaining("changed while the policy");

        assertThat(gate.client().get("/v1/sessions").path("sessions")).isEmpty();
        assertThat(gate.client().get("/v1/networks").path("networks"))
                .singleElement()
                .extracting(network -> network.path("state").asString())
                .isEqualTo("pending");
        control.meanwhile(() -> {});
        start(pool);
        assertThat(dig(pool, "www.example.com")).contains("status: NOERROR");
    }

    private void start(Sandbox sandbox) throws IOException, NodeClient.Refused {
        gate.client().post("/v1/sessions", Gate.place(sandbox).put("org", "acme"));
    }

    private void attach(Sandbox sandbox, String id) {
        try {
            gate.client().post("/v1/networks", Gate.place(sandbox).put("id", id));
        } catch (IOException | NodeClient.Refused e) {
            throw new AssertionError(e);
        }
    }

    private void detach(String id) {
        try {
            gate.client().delete("/v1/networks/" + id);
        } catch (IOException | NodeClient.Refused e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void sessionIsEndedByOrder() throws Exception {
        Sandbox sandbox = gate.world().sandbox("sb0");
        String session = gate.start(sandbox, "acme");
        Gate.await("it is reported", () -> control.lastReport().toString().contains(session));

        control.order("{\"end\":[\"" + session + "\",\"s-unknown\"]}");

        Gate.await(
                "it is gone and that is told",
                () -> control.lastReport().path("sessions").isEmpty());
        assertThat(gate.client().get("/v1/sessions").path("sessions")).isEmpty();
        assertThat(dig(sandbox, "www.example.com")).doesNotContain("status: NOERROR");
    }

    @Test
    void restartWithoutTheControlServerForgetsNeitherDenialNorMode() throws Exception {
        Sandbox sandbox = gate.world().sandbox("sb0");
        gate.start(sandbox, "acme", "observe");
        deny(control, 4, "api.example.com");
        Gate.await(
                "the name is gone",
                () -> dig(sandbox, "api.example.com").contains("status: NXDOMAIN"));
        assertThat(
                        isKept("api.example.com")
                                || gate.log().stream()
                                        .anyMatch(line -> line.contains("disk takes longer")))
                .as("it was written before it was in force")
                .isTrue();
        Gate.await("a slow disk has it too", () -> isKept("api.example.com"));
        gate.kill();
        control.stop();

        gate.restart();

        assertThat(dig(sandbox, "api.example.com")).contains("status: NXDOMAIN");
        assertThat(dig(sandbox, "denied.example.org")).contains("OBSERVE MODE");
        Sandbox late = gate.world().sandbox("sb1");
        assertThatThrownBy(() -> gate.start(late, "acme"))
                .hasMessageContaining("http://127.0.0.1:7053 does not answer");
        try (Socket www = connectTo(sandbox, "www.example.com")) {
            assertThat(read(www, BANNER.length())).isEqualTo(BANNER);
            control.restart();
            deny(control, 5, "other.example.com");
            Gate.await(
                    "reports go on",
                    () -> control.lastReport().path("emergency-version").asLong() == 5);
            assertThat(echoes(www))
                    .as("a flow of a session from before the restart, of whatever name")
                    .isFalse();
        }
    }

    private boolean isKept(String pattern) {
        try {
            return Files.readString(gate.data().resolve("emergency.json")).contains(pattern);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean reported(String verdict, String name) {
        return control.reports().stream()
                .flatMap(report -> report.path("decisions").valueStream())
                .anyMatch(decision ->
                        decision.path("verdict").asString().equals(verdict)
                                && decision.path("name").asString().equals(name)
                                && decision.path("count").asLong() > 0);
    }

    private static String page(Sandbox sandbox, String path) {
        return sandbox.run("curl", "-sS", "-m", "5", "http://169.254.53.53" + path).output();
    }

    private static String dig(Sandbox sandbox, String name) {
        return sandbox.run("dig", name, "+tries=1", "+time=2").output();
    }

    private static boolean connects(Sandbox sandbox, String address) {
        return sandbox.run("curl", "-sS", "-m", "3", "http://" + address + "/").exit() == 0;
    }

    private Socket connectTo(Sandbox sandbox, String name) {
        dig(sandbox, name);
        return connect(sandbox, WWW);
    }

    private Socket connect(Sandbox sandbox, String address) {
        return gate.world()
                .inside(
                        sandbox.netns(),
                        () -> {
                            Socket socket = new Socket();
                            socket.connect(new InetSocketAddress(address, SECURE_SHELL), 3000);
                            socket.setSoTimeout(2000);
                            return socket;
                        });
    }

    private static String read(Socket connection, int octets) throws IOException {
        return new String(
                connection.getInputStream().readNBytes(octets), StandardCharsets.US_ASCII);
    }

    private static boolean echoes(Socket connection) {
        try {
            connection.getOutputStream().write("anyone?".getBytes(StandardCharsets.US_ASCII));
            return read(connection, 7).equals("anyone?");
        } catch (IOException e) {
            return false;
        }
    }
}
