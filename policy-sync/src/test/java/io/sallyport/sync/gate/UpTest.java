package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** One process for everything: what an admin changes in the API is what the next sandbox gets. */
@Needs({"nsd", "curl", "unshare"})
class UpTest {
    private static final String NAME = "denied.example.org";

    @Test
    void aChangeInTheApiIsWhatTheNextSessionGetsAndAnOrderReachesTheOneThatRuns() throws Exception {
        List<String> upstreams =
                List.of("--upstream", World.UPSTREAM4, "--upstream", World.UPSTREAM6);
        try (Gate gate = Gate.running("up", World.start(), upstreams)) {
            Path token = new DataDirectory(gate.data()).adminToken();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
                    .isEqualTo("rw-------");
            assertThat(new DataDirectory(gate.data()).endpoints())
                    .containsEntry("control", Caller.API)
                    .containsKeys("node-socket", "node-http", "pid", "control-pid");
            Caller.call(gate, "POST", "/v1/orgs", "{\"org\": \"acme\"}");

            Sandbox older = gate.world().sandbox("sb0");
            String session = gate.start(older, "acme");
            assertThat(curl(older)).isNotZero();
            Caller.call(
                    gate,
                    "POST",
                    "/v1/orgs/acme/network-access/domains",
                    "{\"domains\": \"" + NAME + "\"}");
            Sandbox newer = gate.sandbox("sb1", "acme");
            assertThat(curl(newer)).isZero();
            assertThat(curl(older)).as("a session keeps what it started with").isNotZero();

            Gate.await("both sessions are told", () -> sessions(gate).size() == 2);
            assertThat(sessions(gate))
                    .filteredOn(one -> one.path("stale").booleanValue())
                    .singleElement()
                    .satisfies(one -> assertThat(one.path("id").asString()).isEqualTo(session));
            assertThat(
                            Caller.call(gate, "GET", "/v1/orgs/acme/sessions?stale=true", "")
                                    .path("items"))
                    .singleElement()
                    .satisfies(one -> assertThat(one.path("id").asString()).isEqualTo(session));
            Gate.await(
                    "what was denied is told",
                    () ->
                            Caller.call(gate, "GET", "/v1/orgs/acme/denied", "")
                                    .toString()
                                    .contains(NAME));

            Caller.call(gate, "DELETE", "/v1/orgs/acme/sessions/" + session, "");
            Gate.await("the order is carried out", () -> sessions(gate).size() == 1);
            assertThatThrownBy(() -> gate.client().get("/v1/sessions/" + session))
                    .isInstanceOf(NodeClient.Refused.class);

            gate.takeOver();
            assertThat(sessions(gate)).as("the control server is there again").hasSize(1);
            gate.end(sessions(gate).getFirst().path("id").asString());
            Gate.await("the next process reports", () -> sessions(gate).isEmpty());
        }
    }

    private static int curl(Sandbox sandbox) {
        return sandbox.run("curl", "-sSf", "-m", "5", "http://" + NAME + "/").exit();
    }

    private static List<JsonNode> sessions(Gate gate) {
        List<JsonNode> sessions = new ArrayList<>();
        Caller.call(gate, "GET", "/v1/orgs/acme/sessions", "").path("items").forEach(sessions::add);
        return sessions;
    }
}
