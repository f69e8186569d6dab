package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

class ChartTest {
    private static final Path CHART = Path.of("sallyport").toAbsolutePath();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML = new YAMLMapper();

    private static final Pattern SEPARATOR = Pattern.compile("(?m)^---$");

    @TempDir Path directory;

    @Test
    void passesStrictLint() {
        LintResult result = new Helm(CHART).lint().strict().call();
        assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
    }

    @Test
    void strictLintFailsOnABrokenTemplate() throws IOException {
        Path broken = directory.resolve("sallyport");
        Files.createDirectories(broken.resolve("templates"));
        Files.copy(CHART.resolve("Chart.yaml"), broken.resolve("Chart.yaml"));
        Files.writeString(broken.resolve("templates/broken.yaml"), "{{ include \"nowhere\" . }}");
        assertThat(new Helm(broken).lint().strict().call().isFailed()).isTrue();
    }

    @Test
    void rendersObjectsWithTheStandardLabels() throws IOException {
        List<JsonNode> objects = render("nameOverride: \"\"");
        assertThat(objects)
                .extracting(object -> object.at("/metadata/name").asString())
                .containsExactlyInAnyOrder("guard-sallyport-control", "guard-sallyport-node");
        for (JsonNode object : objects) {
            assertThat(object.at("/metadata/namespace").asString()).isEqualTo("sandboxes");
            assertThat(object.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
            assertThat(object.at("/metadata/labels").propertyNames())
                    .containsExactlyInAnyOrder(
                            "app.kubernetes.io/name",
                            "app.kubernetes.io/instance",
                            "app.kubernetes.io/component",
                            "app.kubernetes.io/part-of",
                            "app.kubernetes.io/version",
                            "app.kubernetes.io/managed-by",
                            "helm.sh/chart");
        }
    }

    @Test
    void rendersCommonLabelsAndAnnotations() throws IOException {
        List<JsonNode> objects =
                render(
                        """
                        fullnameOverride: gate
                        commonLabels: {team: platform}
                        control: {serviceAccount: {create: false}}
                        node: {serviceAccount: {annotations: {example.com/role: guard}}}
                        """);
        assertThat(objects)
                .singleElement()
                .satisfies(object -> {
                    assertThat(object.at("/metadata/name").asString()).isEqualTo("gate-node");
                    assertThat(object.at("/metadata/labels/team").asString()).isEqualTo("platform");
                    assertThat(object.at("/metadata/annotations/example.com~1role").asString())
                            .isEqualTo("guard");
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nodes: {}",
                "node: {serviceAcount: {create: false}}",
                "node: {serviceAccount: {creat: false}}",
                "node: {serviceAccount: {create: \"false\"}}",
                "commonLabels: {team: 7}"
            })
    void schemaRefusesAnUnknownKeyOrAWrongType(String values) {
        assertThatThrownBy(() -> render(values))
                .hasMessageContaining("values don't meet the specifications of the schema");
    }

    @Test
    void schemaKnowsEveryValueAndNoOther() throws IOException {
        JsonNode schema = JSON.readTree(Files.readString(CHART.resolve("values.schema.json")));
        Set<String> known = new TreeSet<>();
        schemaPaths(schema, schema, "", known);
        // Helm itself adds it for charts that use this one.
        known.remove("/global");
        Set<String> values = new TreeSet<>();
        valuePaths(YAML.readTree(Files.readString(CHART.resolve("values.yaml"))), "", values);
        assertThat(values).isEqualTo(known);
    }

    @Test
    void everyValueHasItsLineOfDocumentation() throws IOException {
        List<String> lines = Files.readAllLines(CHART.resolve("values.yaml"));
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            boolean leaf = !line.startsWith("#") && line.contains(": ");
            if (leaf) {
                assertThat(lines.get(i - 1).strip()).as(line).startsWith("# -- ");
            }
        }
    }

    private List<JsonNode> render(String values) throws IOException {
        Path file = Files.writeString(directory.resolve("values.yaml"), values);
        String rendered =
                new Helm(CHART)
                        .template()
                        .withName("guard")
                        .withNamespace("sandboxes")
                        .withKubeVersion("1.30.0")
                        .withValuesFile(file)
                        .call();
        List<JsonNode> objects = new ArrayList<>();
        for (String document : SEPARATOR.splitAsStream(rendered).toList()) {
            if (!document.isBlank()) {
                objects.add(YAML.readTree(document));
            }
        }
        return objects;
    }

    private static void schemaPaths(
            JsonNode root, JsonNode schema, String path, Set<String> paths) {
        JsonNode reference = schema.at("/$ref");
        JsonNode actual =
                reference.isMissingNode() ? schema : root.at(reference.asString().substring(1));
        if (!actual.has("properties")) {
            paths.add(path);
            return;
        }
        assertThat(actual.at("/additionalProperties").asBoolean(true)).as(path).isFalse();
        actual.at("/properties")
                .properties()
                .forEach(property ->
                        schemaPaths(
                                root, property.getValue(), path + "/" + property.getKey(), paths));
    }

    private static void valuePaths(JsonNode value, String path, Set<String> paths) {
        if (value.isEmpty()) {
            paths.add(path);
            return;
        }
        value.properties()
                .forEach(property ->
                        valuePaths(property.getValue(), path + "/" + property.getKey(), paths));
    }
}
