package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Every object of every values file, as Kubernetes reads it. */
class ManifestsTest {
    private static final Set<String> CLUSTER_WIDE =
            Set.of(
                    "ClusterRole",
                    "ClusterRoleBinding",
                    "MutatingWebhookConfiguration",
                    "ValidatingAdmissionPolicy",
                    "ValidatingAdmissionPolicyBinding");

    private static List<String> files() {
        return Chart.ci();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyObjectIsWhatKubernetesKnows(String file) {
        List<HasMetadata> objects = Models.read(Chart.renderCi(file));

        Set<String> names = new HashSet<>();
        for (HasMetadata object : objects) {
            String namespace = object.getMetadata().getNamespace();
            assertThat(names.add(object.getKind() + " " + object.getMetadata().getName()))
                    .as("%s %s once", object.getKind(), object.getMetadata().getName())
                    .isTrue();
            if (CLUSTER_WIDE.contains(object.getKind())) {
                assertThat(namespace).as(object.getKind()).isNull();
            } else {
                assertThat(namespace).isEqualTo(object.getKind().equals("Pod") ? "agents" : "gate");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyObjectAndPodHasTheStandardLabels(String file) {
        List<JsonNode> objects = Chart.renderCi(file);
        Stream.concat(objects.stream(), Chart.pods(objects).stream())
                .forEach(object ->
                        assertThat(object.at("/metadata/labels").propertyNames())
                                .as(object.at("/metadata/name").asString())
                                .contains(
                                        "app.kubernetes.io/name",
                                        "app.kubernetes.io/instance",
                                        "app.kubernetes.io/component",
                                        "app.kubernetes.io/part-of",
                                        "app.kubernetes.io/version",
                                        "app.kubernetes.io/managed-by",
                                        "helm.sh/chart"));
    }

    /** A selector that matches nothing, or another's pods, is silent in a cluster. */
    @ParameterizedTest
    @MethodSource("files")
    void everySelectorFindsItsOwnPodsAndNoOthers(String file) {
        List<JsonNode> objects = Chart.renderCi(file);
        int selectors = 0;
        for (JsonNode object : objects) {
            String kind = object.path("kind").asString();
            if (kind.equals("ServiceMonitor")) {
                List<JsonNode> services =
                        objects.stream()
                                .filter(each -> each.path("kind").asString().equals("Service"))
                                .toList();
                assertThat(
                                found(services, object.at("/spec/selector/matchLabels")).stream()
                                        .flatMap(service -> service.at("/spec/ports").valueStream())
                                        .map(port -> port.path("name"))
                                        .filter(object.at("/spec/endpoints/0/port")::equals))
                        .hasSize(1);
                continue;
            }
            for (String path :
                    List.of(
                            "/spec/selector/matchLabels",
                            "/spec/podSelector/matchLabels",
                            "/spec/selector")) {
                JsonNode selector = object.at(path);
                if (!selector.has("app.kubernetes.io/name")) {
                    continue;
                }
                selectors++;
                List<JsonNode> pods = found(Chart.pods(objects), selector);
                assertThat(pods).as("%s %s", kind, selector).hasSize(1);
                assertThat(pods.getFirst().at("/metadata/labels/app.kubernetes.io~1component"))
                        .isEqualTo(object.at("/metadata/labels/app.kubernetes.io~1component"));
            }
        }
        assertThat(selectors).isPositive();
    }

    private static List<JsonNode> found(List<JsonNode> objects, JsonNode selector) {
        return objects.stream()
                .filter(object ->
                        selector.propertyStream()
                                .allMatch(label ->
                                        label.getValue()
                                                .equals(
                                                        object.at("/metadata/labels")
                                                                .get(label.getKey()))))
                .toList();
    }

    /** What a pod mounts, and whose account it has, is there; ports are found by their names. */
    @ParameterizedTest
    @MethodSource("files")
    void everyNameThatAnObjectUsesIsThere(String file) {
        List<JsonNode> objects = Chart.renderCi(file);
        for (JsonNode pod : Chart.pods(objects)) {
            List<String> volumes = pod.at("/spec/volumes").findValuesAsString("name");
            List<String> mounted = new ArrayList<>();
            for (String containers : List.of("initContainers", "containers")) {
                pod.at("/spec")
                        .path(containers)
                        .forEach(container ->
                                container
                                        .path("volumeMounts")
                                        .forEach(mount ->
                                                mounted.add(mount.path("name").asString())));
            }
            assertThat(volumes).containsAll(mounted);
            assertThat(mounted)
                    .containsAll(
                            pod.at("/spec/volumes")
                                    .valueStream()
                                    .map(volume -> volume.path("name").asString())
                                    .toList());
            pod.at("/spec/volumes")
                    .forEach(volume -> {
                        String own = volume.at("/configMap/name").asString("");
                        if (own.startsWith("guard-") || own.startsWith("gate-")) {
                            var _ = Chart.find(objects, "ConfigMap", own);
                        }
                    });
        }
        objects.stream()
                .filter(object -> object.path("kind").asString().equals("ClusterRoleBinding"))
                .forEach(binding -> {
                    var _ =
                            Chart.find(
                                    objects, "ClusterRole", binding.at("/roleRef/name").asString());
                });
        objects.stream()
                .filter(object ->
                        object.path("kind").asString().equals("ValidatingAdmissionPolicyBinding"))
                .forEach(binding -> {
                    var _ =
                            Chart.find(
                                    objects,
                                    "ValidatingAdmissionPolicy",
                                    binding.at("/spec/policyName").asString());
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/spec/template/spec/containers/0/securityContext readOnlyRootFileSystem",
                "/spec/template/spec hostnetwork",
                "/spec updateStategy",
                "/metadata label"
            })
    void theModelsKnowAMisspeltField(String place) {
        String[] parts = place.split(" ", 2);
        JsonNode object = Chart.find(Chart.render(""), "DaemonSet", "guard-sallyport-node");
        ((ObjectNode) object.at(parts[0])).put(parts[1], true);

        assertThatThrownBy(() -> Models.read(object)).hasMessageContaining(parts[1]);
    }

    @Test
    void theModelsKnowAWrongType() {
        JsonNode object = Chart.find(Chart.render(""), "DaemonSet", "guard-sallyport-node");
        ((ObjectNode) object.at("/spec/template/spec")).put("hostNetwork", "yes");

        assertThatThrownBy(() -> Models.read(object)).hasMessageContaining("hostNetwork");
    }

    @Test
    void commonLabelsAndOverridesReachEveryObject() {
        for (JsonNode object : Chart.renderCi("confirmed-values.yaml")) {
            assertThat(object.at("/metadata/labels/team").asString()).isEqualTo("platform");
            assertThat(object.at("/metadata/name").asString()).startsWith("gate-");
        }
    }

    @Test
    void aLongReleaseNameStillGivesLegalNames() {
        String name = "a".repeat(63);
        Chart.render("fullnameOverride: " + name)
                .forEach(object ->
                        assertThat(object.at("/metadata/name").asString())
                                .hasSizeLessThanOrEqualTo(68));
    }

    /** As the rules and dashboards of this chart are made into objects. */
    @Test
    void rulesAndDashboardsComeFromTheirFiles(@TempDir Path directory) throws IOException {
        Path chart = directory.resolve("sallyport");
        Chart.copy(Chart.DIRECTORY, chart);
        Files.createDirectories(chart.resolve("rules"));
        Files.createDirectories(chart.resolve("dashboards"));
        Files.writeString(
                chart.resolve("rules/extra.yaml"),
                """
                groups:
                  - name: extra
                    rules:
                      - alert: Extra
                        expr: up == 0
                        annotations: {summary: "{{ $labels.node }} is down"}
                """);
        Files.writeString(
                chart.resolve("dashboards/extra.json"), "{\n  \"title\": \"{{extra}}\"\n}\n");

        List<JsonNode> objects = Chart.render(chart, "monitoring-values.yaml", "");

        JsonNode rule = Chart.find(objects, "PrometheusRule", "guard-sallyport-extra");
        assertThat(rule.at("/spec/groups/0/rules/0/annotations/summary").asString())
                .isEqualTo("{{ $labels.node }} is down");
        assertThat(rule.at("/metadata/labels/release").asString()).isEqualTo("prometheus");
        var _ = Models.read(rule);
        JsonNode dashboard = Chart.find(objects, "ConfigMap", "guard-sallyport-dashboard-extra");
        assertThat(dashboard.at("/data/extra.json").asString()).contains("{{extra}}");
        assertThat(dashboard.at("/metadata/labels/grafana_dashboard").asString()).isEqualTo("1");
        assertThat(dashboard.at("/metadata/annotations").propertyStream().map(Map.Entry::getKey))
                .containsExactly("grafana_folder");
    }

    /** Helm's own dry run, without a cluster. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    confirmed-values.yaml   | confirmed: no-standing-drop | WEAKER THAN IT COULD BE
                    policy-file-values.yaml | maxSurge is 0               | WEAKER THAN IT COULD BE
                    handler-values.yaml     | runs as user 0              | WEAKER THAN IT COULD BE
                    least-values.yaml       | any runtime class           | kubectl label namespace
                    """)
    void notesSayWhatIsWeaker(String file, String weaker, String also) {
        assertThat(notes(file)).contains(weaker).contains(also);
    }

    private static String notes(String file) {
        return new Helm(Chart.DIRECTORY)
                .install()
                .clientOnly()
                .dryRun()
                .withName("guard")
                .withNamespace("gate")
                .withKubeVersion("1.30.0")
                .withValuesFile(Chart.DIRECTORY.resolve("ci").resolve(file))
                .call()
                .getOutput();
    }

    @Test
    void notesSayWhosePodsAreClosed() {
        assertThat(notes("least-values.yaml"))
                .contains("ALL namespaces but kube-system, kube-public, kube-node-lease, gate")
                .contains("annotation sallyport.io/org.");
        assertThat(notes("handler-values.yaml")).doesNotContain("ALL namespaces");
    }

    @Test
    void alertsLinkToTheRunbooksOfThisCluster() {
        String url = "https://wiki.example/x?page=runbooks";
        List<JsonNode> objects =
                Chart.renderCi(
                        "monitoring-values.yaml",
                        "monitoring: {prometheusRule: {runbookUrl: '" + url + "'}}");

        List<String> links =
                Chart.find(objects, "PrometheusRule", "guard-sallyport-alerts")
                        .findValuesAsString("runbook_url");
        assertThat(links)
                .contains(url + "#sallyportnodedown")
                .allMatch(each -> each.startsWith(url));
    }

    /** By which alerts and dashboards find them, whatever jobs and addresses are called. */
    @Test
    void targetsAreLabelledByComponentAndNode() {
        List<JsonNode> objects = Chart.renderCi("monitoring-values.yaml");
        JsonNode nodes =
                Chart.find(objects, "PodMonitor", "guard-sallyport-node")
                        .at("/spec/podMetricsEndpoints/0/relabelings");
        JsonNode control =
                Chart.find(objects, "ServiceMonitor", "guard-sallyport-control")
                        .at("/spec/endpoints/0/relabelings");

        assertThat(relabeling(nodes, "sallyport_component").path("replacement").asString())
                .isEqualTo("node");
        assertThat(Chart.texts(relabeling(nodes, "instance").path("sourceLabels")))
                .containsExactly("__meta_kubernetes_pod_node_name");
        assertThat(relabeling(control, "sallyport_component").path("replacement").asString())
                .isEqualTo("control");
    }

    private static JsonNode relabeling(JsonNode all, String label) {
        return all.valueStream()
                .filter(each -> each.path("targetLabel").asString("").equals(label))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing sets " + label));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rules,yaml,PrometheusRule,", "dashboards,json,ConfigMap,dashboard-"})
    void everyRuleAndDashboardFileOfTheChartIsInstalled(String place) throws IOException {
        String[] parts = place.split(",", 4);
        List<JsonNode> objects = Chart.renderCi("monitoring-values.yaml");
        Path folder = Chart.DIRECTORY.resolve(parts[0]);
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(parts[1])).toList()) {
                    String name = file.getFileName().toString().replaceFirst("\\.[a-z]+$", "");
                    var _ = Chart.find(objects, parts[2], "guard-sallyport-" + parts[3] + name);
                }
            }
        }
        assertThat(objects).isNotEmpty();
    }
}
