package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.world.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** An orchestrator that tells everything twice, too late, or nothing any more. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare"})
class OnceTest {
    private static Gate gate;
    private static int sandboxes;

    @BeforeAll
    static void open() {
        gate = Gate.up();
        for (String org : List.of("acme", "rival")) {
            gate.admin("org", "create", org);
            gate.admin("org", "set", org, "--level", "none");
            gate.admin("org", "allow", org, ".example.com");
        }
    }

    @AfterAll
    static void close() {
        gate.close();
    }

    private static Sandbox fresh() {
        return gate.world().sandbox("sb" + sandboxes++);
    }

    private static ObjectNode body(Sandbox sandbox, String id) {
        return Gate.place(sandbox).put("org", "acme").put("id", id);
    }

    private static JsonNode start(ObjectNode body) throws IOException, NodeClient.Refused {
        return gate.client().post("/v1/sessions", body);
    }

    private static JsonNode end(String id) throws IOException, NodeClient.Refused {
        return gate.client().delete("/v1/sessions/" + id);
    }

    private static long running(String id) throws IOException, NodeClient.Refused {
        return gate.client()
                .get("/v1/sessions")
                .path("sessions")
                .valueStream()
                .filter(session -> session.path("id").asString().equals(id))
                .count();
    }

    @Test
    void startThatIsToldAgainIsOneSessionWithOneAnswer() throws Exception {
        Sandbox sandbox = fresh();
        ObjectNode body = body(sandbox, "run-1");
        JsonNode first = start(body);
        gate.admin("org", "allow", "acme", "later.example.net");
        ObjectNode turned = body(sandbox, "run-1");
        turned.putArray("addresses").add(sandbox.address6() + "/128").add(sandbox.address4());

        assertThat(start(body)).isEqualTo(first);
        assertThat(start(turned)).isEqualTo(first);
        assertThat(first.path("id").asString()).isEqualTo("run-1");
        assertThat(running("run-1")).isEqualTo(1);
    }

    @Test
    void startsAtOnceUnderOneIdAreOneSession() throws Exception {
        ObjectNode body = body(fresh(), "run-at-once");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<JsonNode>> answers =
                    IntStream.range(0, 8).mapToObj(_ -> threads.submit(() -> start(body))).toList();
            for (Future<JsonNode> answer : answers) {
                assertThat(answer.get()).isEqualTo(answers.getFirst().get());
            }
        }
        assertThat(running("run-at-once")).isEqualTo(1);
    }

    @Test
    void anotherBodyUnderAnIdIsAConflictThatNamesEachDifference() throws Exception {
        Sandbox sandbox = fresh();
        start(body(sandbox, "run-2").put("lease", 600));

        assertThatThrownBy(() ->
                        start(
                                body(fresh(), "run-2")
                                        .put("org", "rival")
                                        .put("agent", "coder")
                                        .put("mode", "observe")))
                .isInstanceOf(NodeClient.Refused.class)
                .hasMessageContaining("interface is " + sandbox.interfaceName() + ", not ")
                .hasMessageContaining("addresses is [" + sandbox.address4() + "/32")
                .hasMessageContaining("org is acme, not rival")
                .hasMessageContaining("agent is none, not coder")
                .hasMessageContaining("mode is enforce, not observe")
                .hasMessageContaining("lease is 600, not 0");
        assertThat(running("run-2")).isEqualTo(1);
    }

    @Test
    void endThatIsToldAgainIsDoneAndAStartThatComesAfterItBeginsNothing() throws Exception {
        Sandbox sandbox = fresh();
        start(body(sandbox, "run-3"));
        assertThat(end("run-3").path("state").asString()).isEqualTo("ended");

        assertThat(end("run-3")).isEmpty();
        assertThat(end("never-was")).isEmpty();
        for (String id : List.of("run-3", "never-was")) {
            assertThatThrownBy(() -> start(body(sandbox, id)))
                    .as("a start that was on its way when it was ended")
                    .hasMessageContaining(id + " was told to end");
        }
        assertThatThrownBy(() -> end("a%20b")).hasMessageContaining("cannot be a session's id");
        assertThatThrownBy(() -> start(body(sandbox, "a b"))).hasMessageContaining("session's id");
    }

    @Test
    void networkIsAttachedAndDetachedOnceUnderItsId() throws Exception {
        Sandbox sandbox = fresh();
        ObjectNode body = Gate.place(sandbox).put("id", "pool-1");
        JsonNode first = gate.client().post("/v1/networks", body);

        assertThat(gate.client().post("/v1/networks", body)).isEqualTo(first);
        assertThatThrownBy(() ->
                        gate.client().post("/v1/networks", Gate.place(fresh()).put("id", "pool-1")))
                .hasMessageContaining("interface is " + sandbox.interfaceName());
        String session = gate.start(sandbox, "acme");
        assertThat(gate.client().post("/v1/networks", body).path("session").asString())
                .isEqualTo(session);
        gate.end(session);
        gate.client().delete("/v1/networks/pool-1");
        assertThat(gate.client().delete("/v1/networks/pool-1")).isEmpty();
    }

    @Test
    void sessionWhoseOrchestratorIsGoneEndsAndOneThatIsHeardOfGoesOn() throws Exception {
        Sandbox silent = fresh();
        Sandbox heard = fresh();
        start(body(silent, "silent").put("lease", 10));
        start(body(heard, "heard").put("lease", 60));
        assertThat(dig(silent)).contains("status: NOERROR");

        Gate.await("the silent one has ended", () -> shown("silent") == 0);

        assertThat(shown("heard")).isEqualTo(1);
        assertThat(dig(silent)).doesNotContain("status: NOERROR");
        assertThat(dig(heard)).contains("status: NOERROR");
        Gate.await("an event tells", () -> has("lease-expired"));
        assertThat(gate.metric("sallyport_leases_expired_total")).isPositive();
        ObjectNode ids = JsonNodeFactory.instance.objectNode();
        ids.putArray("ids").add("silent").add("heard");
        assertThat(gate.client().post("/v1/heartbeats", ids).toString())
                .isEqualTo("{\"renewed\":[\"heard\"],\"unknown\":[\"silent\"]}");
        Gate.await("some of its lease is gone", () -> left("heard") <= 56);
        assertThat(heartbeat("heard")).isGreaterThan(56);
        Result told = gate.program("session", "heartbeat", "heard", "silent");
        assertThat(told.exit()).as("one is gone").isEqualTo(1);
        assertThat(told.output()).contains("heard goes on", "silent has ended");
        end("heard");
    }

    @Test
    void whatTheKernelRefusesIsShownClosedAndTriedAgainUntilItIsDone() throws Exception {
        Sandbox ending = fresh();
        Sandbox pool = fresh();
        start(body(ending, "run-4"));
        gate.client().post("/v1/networks", Gate.place(pool).put("id", "pool-4"));
        gate.sabotage().breakTools();

        assertThatThrownBy(() -> end("run-4")).isInstanceOf(NodeClient.Refused.class);
        assertThatThrownBy(() -> start(body(pool, "run-5"))).isInstanceOf(NodeClient.Refused.class);
        assertThat(gate.client().get("/v1/sessions/run-4").path("state").asString())
                .isEqualTo("closed");
        assertThat(network("pool-4").path("state").asString()).isEqualTo("closed");
        assertThat(network("pool-4").path("fault").asString()).isNotEmpty();
        assertThatThrownBy(() -> start(body(ending, "run-4"))).hasMessageContaining("told to end");
        assertThat(dig(ending)).doesNotContain("status: NOERROR");
        assertThat(dig(pool)).doesNotContain("status: NOERROR");

        gate.sabotage().mendTools();
        Gate.await("its end is done", () -> shown("run-4") == 0);
        Gate.await(
                "the network waits again",
                () -> network("pool-4").path("state").asString().equals("pending"));
        assertThat(dig(pool)).contains("EDE: 14 (Not Ready)");
        Gate.await("the rules are as they should be", gate::ready);
        start(body(pool, "run-5"));
        assertThat(dig(pool)).contains("status: NOERROR");
    }

    @Test
    void endThatTheDiskRefusesCutsAllTheSameAndIsTriedAgainUntilItIsDone() throws Exception {
        Sandbox single = fresh();
        Sandbox pool = fresh();
        gate.client().post("/v1/networks", Gate.place(pool).put("id", "pool-6"));
        start(body(single, "run-6"));
        start(body(pool, "run-7"));
        for (Sandbox sandbox : List.of(single, pool)) {
            assertThat(dig(sandbox)).contains("status: NOERROR");
            assertThat(fetch(sandbox).output()).startsWith("internet for ");
        }
        gate.sabotage().freezeDisk();

        for (String id : List.of("run-6", "run-7")) {
            assertThatThrownBy(() -> end(id)).hasMessageContaining("ead-only file system");
            assertThat(gate.client().get("/v1/sessions/" + id).path("state").asString())
                    .isEqualTo("closed");
        }
        for (Sandbox sandbox : List.of(single, pool)) {
            assertThat(dig(sandbox)).doesNotContain("status: NOERROR");
            assertThat(fetch(sandbox).exit()).isNotZero();
        }

        gate.sabotage().thawDisk();
        Gate.await("their ends are done", () -> shown("run-6") + shown("run-7") == 0);
        Gate.await(
                "the network waits again",
                () -> network("pool-6").path("state").asString().equals("pending"));
        assertThat(dig(pool)).contains("EDE: 14 (Not Ready)");
    }

    /** By address: what was pinned. */
    private static Result fetch(Sandbox sandbox) {
        return sandbox.run("curl", "-sS", "-m", "2", "http://93.184.216.35/");
    }

    private static JsonNode network(String id) {
        try {
            return gate.client()
                    .get("/v1/networks")
                    .path("networks")
                    .valueStream()
                    .filter(network -> network.path("id").asString().equals(id))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException | NodeClient.Refused e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void sessionsWithOlderAccessAreListed() throws Exception {
        String old = gate.start(fresh(), "rival");
        assertThat(stale()).doesNotContain(old);
        gate.admin("org", "allow", "rival", "newer.example.net");
        String fresh = gate.start(fresh(), "rival");

        assertThat(stale()).contains(old).doesNotContain(fresh);
        Result listed = gate.program("session", "list", "--stale");
        assertThat(listed.ok().output()).contains(old).doesNotContain(fresh);
        assertThatThrownBy(() -> gate.client().get("/v1/sessions", Map.of("stale", "perhaps")))
                .hasMessageContaining("true or false");
    }

    private static List<String> stale() throws IOException, NodeClient.Refused {
        return gate.client()
                .get("/v1/sessions", Map.of("stale", "true"))
                .path("sessions")
                .valueStream()
                .map(session -> session.path("id").asString())
                .toList();
    }

    private static int left(String id) {
        try {
            return gate.client().get("/v1/sessions/" + id).path("lease-left").asInt();
        } catch (IOException | NodeClient.Refused e) {
            throw new AssertionError(e);
        }
    }

    private static int heartbeat(String id) {
        try {
            return gate.client()
                    .post(
                            "/v1/sessions/" + id + "/heartbeat",
                            JsonNodeFactory.instance.objectNode())
                    .path("lease-left")
                    .asInt();
        } catch (IOException | NodeClient.Refused e) {
            throw new AssertionError(e);
        }
    }

    private static long shown(String id) {
        try {
            return running(id);
        } catch (IOException | NodeClient.Refused e) {
            throw new AssertionError(e);
        }
    }

    private static boolean has(String event) {
        try {
            return Files.readString(gate.data().resolve("events.jsonl")).contains(event);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String dig(Sandbox sandbox) {
        return sandbox.run("dig", "www.example.com", "+tries=1", "+time=2").output();
    }
}
