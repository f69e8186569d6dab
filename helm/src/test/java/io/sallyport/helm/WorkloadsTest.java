package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What each container may and may not, written out. */
class WorkloadsTest {
    private static List<String> files() {
        return Chart.ci();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    least-values.yaml   | directories | 0     | CHOWN DAC_OVERRIDE FOWNER  | false
                    least-values.yaml   | node        | 65532 | NET_ADMIN NET_BIND_SERVICE | true
                    least-values.yaml   | cni         | 0     | ''                         | false
                    handler-values.yaml | node        | 0     | NET_ADMIN NET_BIND_SERVICE | false
                    """)
    void nodePodHasTheseCapabilities(
            String file, String container, long user, String capabilities, boolean escalation) {
        JsonNode security =
                Chart.container(Chart.nodePod(Chart.renderCi(file)), container)
                        .path("securityContext");

        assertThat(Chart.texts(security.at("/capabilities/drop"))).containsExactly("ALL");
        assertThat(String.join(" ", Chart.texts(security.at("/capabilities/add"))))
                .isEqualTo(capabilities);
        assertThat(security.path("runAsUser").asLong()).isEqualTo(user);
        assertThat(security.path("runAsNonRoot").asBoolean()).isEqualTo(user != 0);
        assertThat(security.path("allowPrivilegeEscalation").asBoolean()).isEqualTo(escalation);
    }

    @ParameterizedTest
    @MethodSource("files")
    void noContainerIsPrivilegedOrCanWriteItsRoot(String file) {
        for (JsonNode pod : Chart.pods(Chart.renderCi(file))) {
            assertThat(pod.at("/spec/securityContext/seccompProfile/type").asString())
                    .isEqualTo("RuntimeDefault");
            assertThat(pod.at("/spec/hostPID").asBoolean(false)).isFalse();
            assertThat(pod.at("/spec/hostIPC").asBoolean(false)).isFalse();
            for (JsonNode container : Chart.containers(pod)) {
                JsonNode security = container.path("securityContext");
                assertThat(security.path("privileged").asBoolean(false)).isFalse();
                assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
                assertThat(Chart.texts(security.at("/capabilities/drop"))).containsExactly("ALL");
                assertThat(security.has("allowPrivilegeEscalation")).isTrue();
                assertThat(security.path("seccompProfile").isMissingNode()).isTrue();
                assertThat(container.at("/resources/limits/memory").isMissingNode()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void whatIsNotTheNodeHasNoPrivilegeAtAll(String file) {
        for (JsonNode pod : Chart.pods(Chart.renderCi(file))) {
            if (pod.at("/spec/hostNetwork").asBoolean(false)) {
                continue;
            }
            assertThat(pod.at("/spec/securityContext/runAsNonRoot").asBoolean()).isTrue();
            for (JsonNode container : Chart.containers(pod)) {
                JsonNode security = container.path("securityContext");
                assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
                assertThat(security.at("/capabilities/add").isMissingNode()).isTrue();
            }
            assertThat(pod.findValues("hostPath")).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void onlyTheNodeIsOnTheHostsNetwork(String file) {
        List<JsonNode> objects = Chart.renderCi(file);
        for (JsonNode pod : Chart.pods(objects)) {
            boolean node =
                    pod.at("/metadata/labels/app.kubernetes.io~1component")
                            .asString()
                            .equals("node");
            assertThat(pod.at("/spec/hostNetwork").asBoolean(false)).isEqualTo(node);
        }
        assertThat(Chart.nodePod(objects).at("/spec/dnsPolicy").asString())
                .isEqualTo("ClusterFirstWithHostNet");
    }

    @Test
    void nodePodReachesTheseDirectoriesOfTheHostAndNoOthers() {
        JsonNode pod = Chart.nodePod(Chart.render(""));
        Map<String, String> host = new TreeMap<>();
        pod.at("/spec/volumes")
                .forEach(volume -> {
                    if (volume.has("hostPath")) {
                        host.put(
                                volume.path("name").asString(),
                                volume.at("/hostPath/path").asString());
                    }
                });

        assertThat(host)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "data", "/var/lib/sallyport",
                                "run", "/run/sallyport",
                                "cni-bin", "/opt/cni/bin",
                                "cni-conf", "/etc/cni/net.d"));
        assertThat(mounts(Chart.container(pod, "node")))
                .containsExactlyInAnyOrder(
                        "/etc/sallyport/node.yaml config ro",
                        "/var/lib/sallyport data rw",
                        "/run/sallyport run rw",
                        "/tmp tmp rw",
                        "/report cni-report ro",
                        "/var/run/secrets/kubernetes.io/serviceaccount api-token ro",
                        "/etc/sallyport/tokens tokens ro");
        assertThat(mounts(Chart.container(pod, "cni")))
                .containsExactlyInAnyOrder(
                        "/host/bin cni-bin rw",
                        "/host/conf cni-conf rw",
                        "/report cni-report rw",
                        "/tmp cni-tmp rw");
        assertThat(mounts(Chart.container(pod, "directories")))
                .containsExactlyInAnyOrder("/var/lib/sallyport data rw", "/run/sallyport run rw");
    }

    /**
     * Or pods would start without the plugin, and so unguarded, on a node that has no token yet.
     */
    @ParameterizedTest
    @MethodSource("files")
    void nothingThatOthersMakeKeepsTheCniPluginFromItsPlace(String file) {
        Chart.nodePod(Chart.renderCi(file))
                .at("/spec/volumes")
                .forEach(volume -> {
                    String name = volume.path("name").asString();
                    for (String kind : List.of("secret", "configMap")) {
                        if (volume.has(kind)
                                && !name.equals("config")
                                && !name.equals("cni-conflist")) {
                            assertThat(volume.path(kind).path("optional").asBoolean(false))
                                    .as(name)
                                    .isTrue();
                        }
                    }
                });
    }

    @Test
    void onlyTheNodesContainerCanSpeakToTheApiServer() {
        JsonNode pod = Chart.nodePod(Chart.render(""));

        assertThat(pod.at("/spec/automountServiceAccountToken").asBoolean(true)).isFalse();
        assertThat(mounts(Chart.container(pod, "cni")).toString()).doesNotContain("serviceaccount");
    }

    /** A host port keeps the new pod from being placed beside the old one. */
    @ParameterizedTest
    @MethodSource("files")
    void nodePodListsNoPort(String file) {
        Chart.containers(Chart.nodePod(Chart.renderCi(file)))
                .forEach(container -> assertThat(container.has("ports")).isFalse());
    }

    @Test
    void nodeIsReplacedWithoutAGap() {
        JsonNode daemonSet = Chart.find(Chart.render(""), "DaemonSet", "guard-sallyport-node");
        JsonNode update = daemonSet.at("/spec/updateStrategy/rollingUpdate");
        JsonNode node = Chart.container(daemonSet.at("/spec/template"), "node");

        assertThat(update.path("maxSurge").asInt()).isEqualTo(1);
        assertThat(update.path("maxUnavailable").asInt(-1)).isZero();
        assertThat(daemonSet.at("/spec/minReadySeconds").asInt()).isPositive();
        assertThat(Chart.texts(node.path("args"))).contains("--take-over-once=/tmp/answered");
        assertThat(Chart.texts(node.at("/startupProbe/exec/command")).getLast())
                .isEqualTo("test -e /tmp/answered");
    }

    @Test
    void withoutSurgeOneNodeIsAwayAtATime() {
        JsonNode update =
                Chart.find(
                                Chart.renderCi("policy-file-values.yaml"),
                                "DaemonSet",
                                "guard-sallyport-node")
                        .at("/spec/updateStrategy/rollingUpdate");

        assertThat(update.path("maxSurge").asInt(-1)).isZero();
        assertThat(update.path("maxUnavailable").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    least-values.yaml       | [$(HOST_IP)]:9153 | 9153 | ''
                    policy-file-values.yaml | 127.0.0.1:9253    | 9253 | 127.0.0.1
                    """)
    void probesAskWhereTheNodeListens(String file, String listen, int port, String host) {
        JsonNode node = Chart.container(Chart.nodePod(Chart.renderCi(file)), "node");

        assertThat(Chart.texts(node.path("args"))).contains("--node-listen=" + listen);
        for (String probe : List.of("readinessProbe", "livenessProbe")) {
            JsonNode get = node.path(probe).path("httpGet");
            assertThat(get.path("port").asInt()).isEqualTo(port);
            assertThat(get.path("host").asString("")).isEqualTo(host);
        }
    }

    @Test
    void nodePodsAreThereFirstAndLast() {
        JsonNode spec = Chart.nodePod(Chart.renderCi("confirmed-values.yaml")).path("spec");

        assertThat(spec.path("priorityClassName").asString()).isEqualTo("system-node-critical");
        assertThat(spec.path("tolerations").toString())
                .contains("sallyport.io/not-ready")
                .contains("\"key\":\"sandboxes\"");
        assertThat(spec.path("terminationGracePeriodSeconds").asInt()).isGreaterThan(15);
    }

    @Test
    void rolesAllowExactlyThis() {
        assertThat(rules(Chart.render("")))
                .containsExactlyInAnyOrder(
                        "guard-sallyport-node pods list watch",
                        "guard-sallyport-node nodes get patch");
        assertThat(rules(Chart.renderCi("policy-file-values.yaml")))
                .containsExactlyInAnyOrder(
                        "guard-sallyport-node pods list watch",
                        "guard-sallyport-node nodes get patch");
        assertThat(rules(Chart.renderCi("confirmed-values.yaml")))
                .containsExactlyInAnyOrder("gate-node pods list watch");
    }

    @Test
    void controlWithSqliteHasOneVolumeThatOutlivesTheRelease() {
        List<JsonNode> objects = Chart.render("");
        JsonNode deployment = Chart.find(objects, "Deployment", "guard-sallyport-control");
        JsonNode claim = Chart.find(objects, "PersistentVolumeClaim", "guard-sallyport-control");

        assertThat(deployment.at("/spec/strategy/type").asString()).isEqualTo("Recreate");
        assertThat(
                        Chart.named(deployment.at("/spec/template/spec/volumes"), "data")
                                .at("/persistentVolumeClaim/claimName")
                                .asString())
                .isEqualTo("guard-sallyport-control");
        assertThat(claim.at("/metadata/annotations/helm.sh~1resource-policy").asString())
                .isEqualTo("keep");
    }

    @Test
    void controlWithPostgresqlKeepsNothing() {
        List<JsonNode> objects = Chart.renderCi("postgresql-values.yaml");
        JsonNode deployment = Chart.find(objects, "Deployment", "guard-sallyport-control");
        JsonNode data = Chart.named(deployment.at("/spec/template/spec/volumes"), "data");

        assertThat(deployment.at("/spec/replicas").asInt()).isEqualTo(3);
        assertThat(deployment.at("/spec/strategy/rollingUpdate/maxUnavailable").asInt(-1)).isZero();
        assertThat(data.has("emptyDir")).isTrue();
        assertThat(objects)
                .noneMatch(
                        object -> object.path("kind").asString().equals("PersistentVolumeClaim"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void noSecretStandsInAnObject(String file) {
        for (JsonNode object : Chart.renderCi(file)) {
            assertThat(object.path("kind").asString()).isNotEqualTo("Secret");
        }
        for (JsonNode pod : Chart.pods(Chart.renderCi(file))) {
            assertThat(pod.findValues("secretKeyRef")).isEmpty();
        }
    }

    @Test
    void theReleasesOwnNamespaceIsNeverASandboxs() {
        List<JsonNode> objects = Chart.renderCi("webhook-values.yaml");
        JsonNode webhook =
                Chart.find(objects, "MutatingWebhookConfiguration", "guard-sallyport-sandboxes");
        JsonNode binding =
                Chart.find(
                        objects, "ValidatingAdmissionPolicyBinding", "guard-sallyport-sandboxes");
        JsonNode selector = webhook.at("/webhooks/0/namespaceSelector");

        assertThat(selector).isEqualTo(binding.at("/spec/matchResources/namespaceSelector"));
        assertThat(selector.at("/matchLabels/sallyport.io~1sandboxes").asString())
                .isEqualTo("enabled");
        assertThat(Chart.texts(selector.at("/matchExpressions/0/values")))
                .contains("gate", "kube-system");
        assertThat(webhook.at("/webhooks/0/failurePolicy").asString()).isEqualTo("Fail");
        assertThat(webhook.at("/metadata/annotations/cert-manager.io~1inject-ca-from").asString())
                .isEqualTo("sallyport-system/sallyport-control");
    }

    @Test
    void aDigestBeatsTheTag() {
        assertThat(
                        Chart.container(
                                        Chart.nodePod(Chart.renderCi("confirmed-values.yaml")),
                                        "node")
                                .path("image")
                                .asString())
                .startsWith("images.example:5000/sallyport@sha256:");
        assertThat(
                        Chart.container(Chart.nodePod(Chart.render("image: {tag: 1.2.3}")), "node")
                                .path("image")
                                .asString())
                .isEqualTo("sallyport/node:1.2.3");
    }

    @Test
    void testPodsTryToGetOutAsASandboxOfAnOrgAndOfNobody() {
        List<JsonNode> objects = Chart.renderCi("monitoring-values.yaml");
        JsonNode probe = Chart.find(objects, "Pod", "guard-sallyport-test-probe");
        JsonNode orgless = Chart.find(objects, "Pod", "guard-sallyport-test-orgless");

        assertThat(Chart.texts(Chart.container(probe, "probe").path("args")))
                .containsExactly(
                        "probe",
                        "--allowed",
                        "www.example.com:443",
                        "--denied",
                        "example.org",
                        "--target-address",
                        "1.1.1.1,9.9.9.9");
        assertThat(Chart.texts(Chart.container(orgless, "probe").path("args")))
                .containsExactly(
                        "probe",
                        "--denied",
                        "www.example.com",
                        "--target-address",
                        "1.1.1.1,9.9.9.9");
        assertThat(probe.at("/metadata/annotations/sallyport.io~1org").asString())
                .isEqualTo("acme");
        assertThat(orgless.at("/metadata/annotations").has("sallyport.io/org")).isFalse();
        for (JsonNode pod : List.of(probe, orgless)) {
            assertThat(pod.at("/metadata/annotations/example.com~1hook").asString())
                    .isEqualTo("test");
            assertThat(
                            new Policy(
                                            Chart.find(
                                                    objects,
                                                    "ValidatingAdmissionPolicy",
                                                    "guard-sallyport-sandboxes"))
                                    .judge("CREATE", pod, null))
                    .isEmpty();
        }
    }

    @Test
    void testPodsGoWhereSandboxesGo() {
        List<JsonNode> objects =
                Chart.renderCi(
                        "monitoring-values.yaml",
                        """
                        sandboxes: {orgKeys: [acme.example/team, sallyport.io/org]}
                        node: {nodeSelector: {pool: sandboxes}}
                        tests: {tolerations: [{key: sandboxes, operator: Exists}]}
                        """);
        JsonNode probe = Chart.find(objects, "Pod", "guard-sallyport-test-probe");
        JsonNode orgless = Chart.find(objects, "Pod", "guard-sallyport-test-orgless");

        assertThat(probe.at("/metadata/annotations/acme.example~1team").asString())
                .isEqualTo("acme");
        assertThat(probe.at("/metadata/annotations").has("sallyport.io/org")).isFalse();
        assertThat(orgless.at("/metadata/annotations").has("acme.example/team")).isFalse();
        for (JsonNode pod : List.of(probe, orgless)) {
            assertThat(pod.at("/spec/nodeSelector/pool").asString()).isEqualTo("sandboxes");
            assertThat(pod.at("/spec/tolerations/0/key").asString()).isEqualTo("sandboxes");
        }
    }

    private static List<String> rules(List<JsonNode> objects) {
        List<String> rules = new ArrayList<>();
        for (JsonNode object : objects) {
            if (object.path("kind").asString().endsWith("Role")) {
                for (JsonNode rule : object.path("rules")) {
                    assertThat(Chart.texts(rule.path("apiGroups"))).containsExactly("");
                    rules.add(
                            object.at("/metadata/name").asString()
                                    + " "
                                    + String.join(" ", Chart.texts(rule.path("resources")))
                                    + " "
                                    + String.join(" ", Chart.texts(rule.path("verbs"))));
                }
            }
        }
        return rules;
    }

    private static List<String> mounts(JsonNode container) {
        return container
                .path("volumeMounts")
                .valueStream()
                .map(mount ->
                        mount.path("mountPath").asString()
                                + " "
                                + mount.path("name").asString()
                                + (mount.path("readOnly").asBoolean(false) ? " ro" : " rw"))
                .toList();
    }
}
