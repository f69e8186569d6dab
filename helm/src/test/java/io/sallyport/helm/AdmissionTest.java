package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The expressions of the rendered admission policies, in an engine that others wrote. */
class AdmissionTest {
    private static final String VALUES =
            """
            sandboxes: {runtimeClassNames: [gvisor, kata], orgKeys: [sallyport.io/org, sandbox.users.io/org]}
            admission: {policy: {binders: ["system:serviceaccount:pools:binder"]}}
            """;

    private static final List<JsonNode> OBJECTS = Chart.render(VALUES);
    private static final Policy SANDBOXES =
            new Policy(
                    Chart.find(OBJECTS, "ValidatingAdmissionPolicy", "guard-sallyport-sandboxes"));
    private static final Policy NODES =
            new Policy(
                    Chart.find(
                            OBJECTS, "ValidatingAdmissionPolicy", "guard-sallyport-node-writes"));

    private static final String GOOD =
            """
            metadata: {name: job, labels: {app: job}, annotations: {sallyport.io/org: acme}}
            spec:
              runtimeClassName: gvisor
              containers:
                - {name: main, image: i, securityContext: {capabilities: {drop: [ALL]}}}
            """;

    private static final String BARE = ", securityContext: {capabilities: {drop: [ALL]}}";

    @Test
    void aGoodPodIsTaken() {
        assertThat(SANDBOXES.judge("CREATE", pod(GOOD), null)).isEmpty();
        assertThat(
                        SANDBOXES.judge(
                                "CREATE",
                                pod(
                                        """
                                        metadata: {name: job}
                                        spec:
                                          runtimeClassName: kata
                                          hostNetwork: false
                                          tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute}]
                                          volumes: [{name: t, emptyDir: {}}, {name: c, configMap: {name: c}}]
                                          initContainers: [{name: i, image: i, securityContext: {capabilities: {drop: [NET_RAW], add: [CHOWN]}}}]
                                          containers: [{name: m, image: i, ports: [{containerPort: 80}], securityContext: {privileged: false, capabilities: {drop: [cap_net_raw]}}}]
                                        """),
                                null))
                .isEmpty();
    }

    /** Each is the good pod with one thing changed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    spec: {hostNetwork: true}                                                             | hostNetwork
                    spec: {hostPID: true}                                                                 | hostPID
                    spec: {hostIPC: true}                                                                 | hostIPC
                    spec: {containers: [{name: m, ports: [{containerPort: 80, hostPort: 80}] BARE}]}      | hostPort
                    spec: {initContainers: [{name: m, ports: [{containerPort: 80, hostPort: 80}] BARE}]}  | hostPort
                    spec: {containers: [{name: m, securityContext: {privileged: true, capabilities: {drop: [ALL]}}}]} | privileged
                    spec: {initContainers: [{name: m, securityContext: {privileged: true, capabilities: {drop: [ALL]}}}]} | privileged
                    spec: {containers: [{name: m, securityContext: {capabilities: {drop: [ALL], add: [NET_ADMIN]}}}]} | may not add NET_ADMIN
                    spec: {containers: [{name: m, securityContext: {capabilities: {drop: [ALL], add: [NET_RAW]}}}]}   | may not add NET_ADMIN
                    spec: {containers: [{name: m, securityContext: {capabilities: {drop: [ALL], add: [SYS_ADMIN]}}}]} | may not add NET_ADMIN
                    spec: {containers: [{name: m, securityContext: {capabilities: {drop: [ALL], add: [ALL]}}}]}       | may not add NET_ADMIN
                    spec: {containers: [{name: m, securityContext: {capabilities: {drop: [ALL], add: [cap_net_admin]}}}]} | may not add NET_ADMIN
                    spec: {initContainers: [{name: m, securityContext: {capabilities: {drop: [ALL], add: [CHOWN, CAP_NET_RAW]}}}]} | may not add NET_ADMIN
                    spec: {containers: [{name: m}]}                                                       | has to drop NET_RAW
                    spec: {containers: [{name: m, securityContext: {capabilities: {drop: [CHOWN]}}}]}     | has to drop NET_RAW
                    spec: {initContainers: [{name: m}]}                                                   | has to drop NET_RAW
                    spec: {volumes: [{name: v, hostPath: {path: /run/sallyport}}]}                        | hostPath
                    spec: {volumes: [{name: t, emptyDir: {}}, {name: v, hostPath: {path: /opt/cni/bin}}]} | hostPath
                    spec: {volumes: [{name: v, hostPath: {path: /}}]}                                     | hostPath
                    spec: {runtimeClassName: runc}                                                        | has to be one of: gvisor, kata
                    spec: {runtimeClassName: null}                                                        | has to be one of: gvisor, kata
                    spec: {nodeName: node-1}                                                              | may not name its node
                    metadata: {annotations: {k8s.v1.cni.cncf.io/networks: macvlan}}                       | no further network interface
                    metadata: {annotations: {sallyport.io/session: of-another}}                           | may not choose the id
                    metadata: {annotations: {v1.multus-cni.io/default-network: other}}                    | no further network interface
                    metadata: {annotations: {k8s.v1.cni.cncf.io/networks: ''}}                            | no further network interface
                    spec: {tolerations: [{operator: Exists}]}                                             | may not tolerate
                    spec: {tolerations: [{key: '', operator: Exists}]}                                    | may not tolerate
                    spec: {tolerations: [{key: sallyport.io/not-ready, operator: Exists}]}                | may not tolerate
                    """)
    void aBadPodIsRefused(String change, String reason) {
        String values = change.replace(" BARE", BARE);
        assertThat(SANDBOXES.judge("CREATE", pod(GOOD, values), null))
                .singleElement()
                .asString()
                .contains(reason);
    }

    @Test
    void withoutAListEveryRuntimeClassIsTaken() {
        Policy any =
                new Policy(
                        Chart.find(
                                Chart.render("admission: {policy: {requireDropNetRaw: false}}"),
                                "ValidatingAdmissionPolicy",
                                "guard-sallyport-sandboxes"));

        assertThat(
                        any.judge(
                                "CREATE",
                                pod(
                                        GOOD,
                                        "spec: {runtimeClassName: null, containers: [{name: m}]}"),
                                null))
                .isEmpty();
        assertThat(any.judge("CREATE", pod(GOOD, "spec: {hostNetwork: true}"), null)).hasSize(1);
    }

    @Test
    void whereThereIsAWebhookItHasChosenTheIdOfTheSession() {
        Policy webhooked =
                new Policy(
                        Chart.find(
                                Chart.renderCi("webhook-values.yaml"),
                                "ValidatingAdmissionPolicy",
                                "guard-sallyport-sandboxes"));
        JsonNode mutated = pod(GOOD, "metadata: {annotations: {sallyport.io/session: s-1}}");

        assertThat(webhooked.judge("CREATE", mutated, null))
                .noneMatch(message -> message.contains("id of its session"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    privileged: true, capabilities: {drop: [ALL]}            | privileged
                    capabilities: {drop: [ALL], add: [NET_ADMIN]}            | may not add
                    capabilities: {}                                         | has to drop NET_RAW
                    """)
    void aBadDebuggingContainerIsRefused(String security, String reason) {
        JsonNode debugged =
                pod(
                        GOOD,
                        "spec: {ephemeralContainers: [{name: d, securityContext: {"
                                + security
                                + "}}]}");

        assertThat(SANDBOXES.judge("UPDATE ephemeralcontainers", debugged, pod(GOOD)))
                .singleElement()
                .asString()
                .contains(reason);
    }

    @Test
    void aGoodDebuggingContainerIsTaken() {
        JsonNode debugged =
                pod(
                        GOOD,
                        "spec: {ephemeralContainers: [{name: d, securityContext: {capabilities: {drop: [ALL]}}}]}");

        assertThat(SANDBOXES.judge("UPDATE ephemeralcontainers", debugged, pod(GOOD))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    metadata: {annotations: {sallyport.io/org: other}}        | cannot be changed
                    metadata: {annotations: {sallyport.io/org: null}}         | cannot be changed
                    metadata: {annotations: {sallyport.io/agent: a}}          | only a binder
                    metadata: {labels: {sallyport.io/session: s}}             | only a binder
                    metadata: {labels: {sandbox.users.io/org: other}}         | only a binder
                    metadata: {annotations: {k8s.v1.cni.cncf.io/networks: n}} | no further network interface
                    spec: {tolerations: [{operator: Exists}]}                 | may not tolerate
                    """)
    void aChangeOfWhoseItIsIsRefused(String change, String reason) {
        for (String how : List.of("UPDATE", "UPDATE status")) {
            assertThat(SANDBOXES.judge(how, pod(GOOD, change), pod(GOOD)).toString())
                    .as(how)
                    .contains(reason);
        }
    }

    @Test
    void aBinderMayAddAndNotChange() {
        JsonNode pool = pod(GOOD, "metadata: {annotations: null}");
        JsonNode claimed = pod(GOOD);
        JsonNode stolen = pod(GOOD, "metadata: {annotations: {sallyport.io/org: other}}");
        Map<String, Object> binder = Map.of("username", "system:serviceaccount:pools:binder");

        assertThat(SANDBOXES.judge("UPDATE", claimed, pool, binder)).isEmpty();
        assertThat(SANDBOXES.judge("UPDATE", claimed, pool)).hasSize(1);
        assertThat(SANDBOXES.judge("UPDATE", stolen, claimed, binder)).isNotEmpty();
    }

    @Test
    void anotherNetworkOfAPodFromBeforeMayStayAndGoButNotChange() {
        JsonNode old = pod(GOOD, "metadata: {annotations: {k8s.v1.cni.cncf.io/networks: a}}");
        JsonNode other = pod(GOOD, "metadata: {annotations: {k8s.v1.cni.cncf.io/networks: b}}");

        assertThat(SANDBOXES.judge("UPDATE status", old, old)).isEmpty();
        assertThat(SANDBOXES.judge("UPDATE", pod(GOOD), old)).isEmpty();
        assertThat(SANDBOXES.judge("UPDATE", other, old)).hasSize(1);
    }

    /** Or it could never end: its status could not be told. */
    @Test
    void aPodFromBeforeThePolicyCanLiveAndEnd() {
        JsonNode old =
                pod(
                        GOOD,
                        "spec: {hostNetwork: true, nodeName: n, tolerations: [{operator: Exists}], containers: [{name: m, securityContext: {privileged: true}}]}");
        JsonNode running =
                pod(old.toString(), "{status: {phase: Running}, metadata: {labels: {app: other}}}");

        assertThat(SANDBOXES.judge("UPDATE status", running, old)).isEmpty();
        assertThat(SANDBOXES.judge("UPDATE", running, old)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    n1 | {spec: {taints: [{key: other, effect: NoSchedule}]}}                                                  | ''
                    n1 | {spec: {taints: [{key: other, effect: NoSchedule}, {key: sallyport.io/not-ready, effect: NoSchedule}]}} | ''
                    n2 | {spec: {taints: [{key: other, effect: NoSchedule}]}}                                                  | its own node only
                    '' | {spec: {taints: [{key: other, effect: NoSchedule}]}}                                                  | its own node only
                    n1 | {spec: {taints: []}}                                                                                  | nothing else
                    n1 | {spec: {unschedulable: true}}                                                                         | nothing else
                    n1 | {metadata: {labels: {pool: other}}}                                                                   | nothing else
                    n1 | {metadata: {annotations: {a: b}}}                                                                     | nothing else
                    n1 | {metadata: {ownerReferences: [{kind: ConfigMap, name: gone, uid: u}]}}                                | nothing else
                    n1 | {metadata: {finalizers: [example.com/held]}}                                                          | nothing else
                    """)
    void aNodePodMayTaintItsOwnNodeAndNoMore(String where, String change, String reason) {
        JsonNode node =
                Chart.YAML.readTree(
                        "{metadata: {name: n1}, spec: {taints: [{key: other, effect: NoSchedule}]}}");
        Map<String, Object> user =
                where.isEmpty()
                        ? Map.of("username", "system:serviceaccount:gate:guard-sallyport-node")
                        : Map.of(
                                "username",
                                "system:serviceaccount:gate:guard-sallyport-node",
                                "extra",
                                Map.of("authentication.kubernetes.io/node-name", List.of(where)));

        List<String> refused = NODES.judge("UPDATE", pod(node.toString(), change), node, user);

        if (reason.isEmpty()) {
            assertThat(refused).isEmpty();
        } else {
            assertThat(refused).singleElement().asString().contains(reason);
        }
    }

    @Test
    void whatOthersDoToNodesIsNotJudged() {
        JsonNode node = Chart.YAML.readTree("{metadata: {name: n1}, spec: {unschedulable: true}}");

        assertThat(
                        NODES.applies(
                                Map.of(
                                        "username",
                                        "system:serviceaccount:gate:guard-sallyport-node"),
                                node))
                .isTrue();
        assertThat(NODES.applies(Map.of("username", "system:node:n1"), node)).isFalse();
    }

    private static JsonNode pod(String text) {
        return Chart.YAML.readTree(text);
    }

    /** The pod with a change; null takes away. */
    private static JsonNode pod(String text, String change) {
        return Chart.merged(Chart.YAML.readTree(text), Chart.YAML.readTree(change));
    }
}
