package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.cluster.MockApi;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pods of a node, by an API of a cluster that others wrote, the runtime's calls, and a real node
 * with its control server.
 */
@Needs({"nsd", "curl", "dig", "tcpdump", "unshare"})
class PodsTest {
    private static final String ALLOWED = "www.example.com";
    private static final String ORG = "sallyport.io/org";
    private static final String SESSION = "sallyport.io/session";
    private static final String TAINT = "sallyport.io/not-ready";
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir static Path directory;

    private static World world;
    private static Gate gate;
    private static MockApi api;
    private static int made;

    @BeforeAll
    static void open() throws Exception {
        world = World.start();
        api = inCluster(() -> MockApi.start(directory));
        Node node =
                new NodeBuilder()
                        .withNewMetadata()
                        .withName(MockApi.NODE)
                        .endMetadata()
                        .withNewSpec()
                        .addNewTaint("NoSchedule", "dedicated", null, null)
                        .addNewTaint("NoSchedule", TAINT, null, null)
                        .endSpec()
                        .build();
        var _ = inCluster(() -> api.client().resource(node).create());
        Path config =
                Files.writeString(
                        directory.resolve("node.yaml"),
                        """
                        cni-socket: %s
                        kubernetes:
                          url: %s
                          token-file: %s
                          node-name: %s
                          org-keys: [sallyport.io/org, sandbox.users.io/org]
                        """
                                .formatted(socket(), api.url(), api.token(), MockApi.NODE));
        gate =
                Gate.running(
                        "up",
                        world,
                        List.of(
                                "--upstream",
                                World.UPSTREAM4,
                                "--sandbox-interface",
                                "pod+",
                                "--config",
                                config.toString()));
        for (String org : List.of("acme", "beta")) {
            gate.admin("org", "create", org);
            gate.admin("org", "set", org, "--level", "none");
            gate.admin("org", "allow", org, ALLOWED);
            gate.admin("namespace", "map", "team-a", org);
        }
        Gate.await("the node is ready for sandboxes", () -> taints().equals(List.of("dedicated")));
    }

    @AfterAll
    static void close() {
        gate.close();
        api.close();
    }

    private static <T> T inCluster(Callable<T> task) {
        return world.inside(world.host(), task);
    }

    private static Pod pod(String namespace, Map<String, String> annotations) {
        String name = "agent-" + made++;
        return inCluster(() -> api.pod(namespace, name, annotations));
    }

    private static void label(Pod pod, String key, String value) {
        var _ =
                inCluster(() -> {
                    api.label(pod, key, value);
                    return true;
                });
    }

    private static void delete(Pod pod) {
        var _ =
                inCluster(() -> {
                    api.delete(pod);
                    return true;
                });
    }

    private static Path socket() {
        return directory.resolve("run/cni.sock");
    }

    private static Sandbox sandbox() {
        return world.sandbox("pod" + made++);
    }

    private static String call(String command, Sandbox sandbox, Pod pod) throws Exception {
        return new PodRuntime(socket()).call(command, sandbox, pod);
    }

    private static void add(Sandbox sandbox, Pod pod) throws Exception {
        assertThat(call("ADD", sandbox, pod)).isEmpty();
    }

    private static String ask(Sandbox sandbox, String name, String... more) {
        return sandbox.run(
                        Stream.concat(
                                        Stream.of("dig", "+tries=1", "+time=5", name),
                                        Stream.of(more))
                                .toArray(String[]::new))
                .output();
    }

    private static boolean isBound(Sandbox sandbox) {
        return ask(sandbox, ALLOWED).contains("status: NOERROR");
    }

    private static boolean isPending(Sandbox sandbox) {
        return ask(sandbox, ALLOWED).contains("Not Ready");
    }

    private static JsonNode network(Sandbox sandbox) {
        try {
            for (JsonNode each : gate.client().get("/v1/networks").path("networks")) {
                if (each.path("interface").asString("").equals(sandbox.interfaceName())) {
                    return each;
                }
            }
            return JSON.missingNode();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String events() {
        try {
            return Files.readString(gate.data().resolve("events.jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void podThatNamesItsOrgIsBornBehindItsGate() throws Exception {
        Pod pod = pod("team-a", Map.of(ORG, "acme", SESSION, "run-of-acme"));
        Sandbox sandbox = sandbox();
        add(sandbox, pod);

        assertThat(ask(sandbox, ALLOWED)).contains("status: NOERROR");
        assertThat(ask(sandbox, ALLOWED, "AAAA", "@fd00:53::53")).contains("status: NOERROR");
        assertThat(ask(sandbox, "evil.example.net")).contains("status: NXDOMAIN", "acme");
        assertThat(gate.sessions()).contains("run-of-acme");
        add(sandbox, pod);
        assertThat(call("DEL", sandbox, pod)).isEmpty();
        assertThat(gate.sessions()).doesNotContain("run-of-acme");
    }

    @Test
    void podWhoseSandboxIsMadeAgainHasAnotherSession() throws Exception {
        Pod pod = pod("team-a", Map.of(ORG, "acme", SESSION, "run-twice"));
        Sandbox sandbox = sandbox();
        add(sandbox, pod);
        assertThat(call("DEL", sandbox, pod)).isEmpty();
        add(sandbox, pod);

        assertThat(isBound(sandbox)).isTrue();
        assertThat(gate.sessions()).contains("run-twice.2").doesNotContain("run-twice");
    }

    @Test
    void podWhoseSessionIsEndedStaysClosedUntilItGoesAlsoOverARestartAndInAnotherSandbox()
            throws Exception {
        Pod pod = pod("team-a", Map.of(ORG, "acme", SESSION, "stopped"));
        Sandbox sandbox = sandbox();
        add(sandbox, pod);
        assertThat(isBound(sandbox)).isTrue();

        gate.end("stopped");
        Pod without = pod("team-a", Map.of(ORG, "acme", SESSION, "stopped-too"));
        Sandbox later = sandbox();
        add(later, without);
        gate.end("stopped-too");
        assertThat(call("DEL", later, without)).isEmpty();
        label(pod, "touched", "so-that-it-is-looked-at");
        awaitSettling();
        assertThat(isPending(sandbox)).isTrue();
        assertThat(call("CHECK", sandbox, pod)).isEmpty();
        gate.stop();
        gate.restart();
        Gate.await("the list has come", () -> gate.metric("sallyport_kubernetes_following") == 1);
        awaitSettling();
        assertThat(isPending(sandbox)).isTrue();
        assertThat(gate.sessions()).noneMatch(id -> id.startsWith("stopped"));
        assertThat(call("DEL", sandbox, pod)).isEmpty();
        assertThat(network(sandbox).isMissingNode()).isTrue();
        for (Map.Entry<Sandbox, Pod> each : Map.of(sandbox, pod, later, without).entrySet()) {
            assertThat(call("ADD", each.getKey(), each.getValue()))
                    .contains("was ended, and it gets no other");
            assertThat(isBound(each.getKey())).isFalse();
        }
    }

    /** Whoever waited before has been looked at too. */
    private static void awaitSettling() throws Exception {
        Pod witness = pod("team-a", Map.of());
        Sandbox sandbox = sandbox();
        add(sandbox, witness);
        label(witness, ORG, "acme");
        Gate.await("pods are settled", () -> isBound(sandbox));
    }

    @Test
    void podOfAPoolWaitsUntilItIsClaimedAndKeepsItsOrgFromThen() throws Exception {
        Pod pod = pod("team-a", Map.of());
        Sandbox sandbox = sandbox();
        add(sandbox, pod);
        assertThat(isPending(sandbox)).isTrue();

        label(pod, "agents.x-k8s.io/claim-uid", "9b1c");
        assertThat(isPending(sandbox)).isTrue();
        label(pod, "sandbox.users.io/org", "acme");
        Gate.await("the claimed pod has its session", () -> isBound(sandbox));
        double before = gate.metric("sallyport_kubernetes_org_changes_refused_total");
        label(pod, "sandbox.users.io/org", "beta");
        Gate.await(
                "the change is told",
                () -> gate.metric("sallyport_kubernetes_org_changes_refused_total") > before);
        assertThat(ask(sandbox, "evil.example.net")).contains("acme").doesNotContain("beta");
        Gate.await("the event is there", () -> events().contains("pod-org-changed"));
    }

    @Test
    void podThatNamesAnOrgThatItsNamespaceMayNotDoesNotStart() throws Exception {
        Pod liar = pod("team-b", Map.of(ORG, "acme"));
        Sandbox sandbox = sandbox();
        assertThat(call("ADD", sandbox, liar))
                .contains("pods of namespace team-b may not name org acme");
        assertThat(network(sandbox).isMissingNode()).isTrue();
        Pod two = pod("team-a", Map.of(ORG, "acme", "sandbox.users.io/org", "beta"));
        assertThat(call("ADD", sandbox, two)).contains("more than one org");
        assertThat(gate.metric("sallyport_kubernetes_pods_refused_total")).isGreaterThan(0);
    }

    @Test
    void podThatIsClaimedByALieWaitsUntilItIsNone() throws Exception {
        Pod pod = pod("team-c", Map.of());
        Sandbox sandbox = sandbox();
        add(sandbox, pod);
        label(pod, ORG, "acme");
        Gate.await(
                "the refusal is told",
                () -> events().lines().anyMatch(line -> line.contains("team-c/")));
        assertThat(isPending(sandbox)).isTrue();

        gate.admin("namespace", "map", "team-c", "acme");
        Gate.await("it is mapped now", () -> isBound(sandbox));
    }

    @Test
    void podThatIsGoneHasNothingAnyMoreAndTheNextOfItsNameAndAddressHasNothingOfIt()
            throws Exception {
        String name = "stateful-0";
        Pod first = inCluster(() -> api.pod("team-a", name, Map.of(ORG, "acme", SESSION, "first")));
        Sandbox sandbox = sandbox();
        add(sandbox, first);
        assertThat(isBound(sandbox)).isTrue();

        delete(first);
        Gate.await("its session ends", () -> !gate.sessions().contains("first"));
        Gate.await("its network goes", () -> network(sandbox).isMissingNode());
        assertThat(ask(sandbox, ALLOWED)).doesNotContain("status: NOERROR");
        Pod next = inCluster(() -> api.pod("team-a", name, Map.of()));
        assertThat(next.getMetadata().getUid()).isNotEqualTo(first.getMetadata().getUid());
        add(sandbox, next);
        assertThat(isPending(sandbox)).isTrue();
        assertThat(call("DEL", sandbox, first)).as("late").isEmpty();
        assertThat(isPending(sandbox)).as("and concerns nobody").isTrue();
        label(next, ORG, "beta");
        Gate.await("its own session", () -> isBound(sandbox));
        assertThat(ask(sandbox, "evil.example.net")).contains("beta").doesNotContain("acme");
    }

    @Test
    void whileTheClusterIsSilentNothingBeginsAndNothingEndsAndThenAllIsLookedAtAgain()
            throws Exception {
        Pod stays = pod("team-a", Map.of(ORG, "acme", SESSION, "stays"));
        Pod goes = pod("team-a", Map.of(ORG, "acme", SESSION, "goes"));
        Sandbox stayer = sandbox();
        Sandbox goer = sandbox();
        add(stayer, stays);
        add(goer, goes);
        Sandbox newcomer = sandbox();
        double lists = gate.metric("sallyport_kubernetes_lists_total");
        api.silence();
        Gate.await("told", () -> gate.metric("sallyport_kubernetes_following") == 0);
        delete(goes);
        Pod unseen = pod("team-a", Map.of(ORG, "acme", SESSION, "unseen"));
        add(newcomer, unseen);
        assertThat(isPending(newcomer)).isTrue();
        assertThat(isBound(stayer)).isTrue();
        assertThat(isBound(goer)).isTrue();

        var _ =
                inCluster(() -> {
                    api.speak();
                    return true;
                });
        Gate.await("listed again", () -> gate.metric("sallyport_kubernetes_lists_total") > lists);
        Gate.await("who came meanwhile is bound", () -> isBound(newcomer));
        Gate.await("who went meanwhile has ended", () -> !gate.sessions().contains("goes"));
        assertThat(gate.sessions()).contains("stays", "unseen");
        assertThat(gate.metric("sallyport_kubernetes_following")).isEqualTo(1);
    }

    @Test
    void watchThatIsBehindListsAgainAndMissesNothing() throws Exception {
        Pod pod = pod("team-a", Map.of());
        Sandbox sandbox = sandbox();
        add(sandbox, pod);
        double lists = gate.metric("sallyport_kubernetes_lists_total");
        api.forget();
        label(pod, ORG, "acme");

        Gate.await("listed again", () -> gate.metric("sallyport_kubernetes_lists_total") > lists);
        Gate.await("bound", () -> isBound(sandbox));
    }

    @Test
    void nodeThatIsStoppedTakesNoSandboxesUntilItIsGuardedAgain() {
        assertThat(taints()).containsExactly("dedicated");
        gate.stop();
        assertThat(taints()).containsExactly("dedicated", TAINT);
        gate.restart();
        Gate.await("the taint goes", () -> taints().equals(List.of("dedicated")));
    }

    @Test
    void nodeWhoseRuntimeDoesNotCallThePluginTakesNoSandboxes() throws Exception {
        assertThat(taints()).containsExactly("dedicated");
        Path report = directory.resolve("run/cni-conf.json");
        Files.writeString(report, "{\"format\":1,\"present\":false,\"repairs\":0}");
        Gate.await("the taint comes", () -> taints().equals(List.of("dedicated", TAINT)));
        Files.delete(report);
        Gate.await("and goes", () -> taints().equals(List.of("dedicated")));
    }

    private static List<String> taints() {
        return inCluster(() ->
                api.client().nodes().list().getItems().stream()
                        .flatMap(node -> node.getSpec().getTaints().stream())
                        .map(taint -> taint.getKey())
                        .toList());
    }
}
