package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The chart as a whole: what Helm says of it, its values, their schema and their documentation. */
class ChartTest {
    @TempDir Path directory;

    @Test
    void passesStrictLint() {
        LintResult result = new Helm(Chart.DIRECTORY).lint().strict().call();
        assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
    }

    @Test
    void strictLintFailsOnABrokenTemplate() throws IOException {
        Path broken = directory.resolve("sallyport");
        Files.createDirectories(broken.resolve("templates"));
        Files.copy(Chart.DIRECTORY.resolve("Chart.yaml"), broken.resolve("Chart.yaml"));
        Files.writeString(broken.resolve("templates/broken.yaml"), "{{ include \"nowhere\" . }}");
        assertThat(new Helm(broken).lint().strict().call().isFailed()).isTrue();
    }

    @Test
    void schemaKnowsEveryValueAndNoOther() {
        JsonNode schema =
                Chart.YAML.readTree(Chart.text(Chart.DIRECTORY.resolve("values.schema.json")));
        Set<String> known = new TreeSet<>();
        schemaPaths(schema, schema, "", known);
        // Helm itself adds it for charts that use this one.
        known.remove("/global");
        Set<String> values = new TreeSet<>();
        values().forEach(value -> values.add(value.path().replace('.', '/')));

        assertThat(values).isNotEmpty();
        assertThat(known)
                .allMatch(path ->
                        values.stream()
                                .anyMatch(value ->
                                        ("/" + value).equals(path)
                                                || path.startsWith("/" + value + "/")));
        assertThat(values)
                .allMatch(value ->
                        known.stream()
                                .anyMatch(path ->
                                        ("/" + value).equals(path)
                                                || path.startsWith("/" + value + "/")));
    }

    @Test
    void everyObjectOfTheSchemaIsClosed() {
        JsonNode schema =
                Chart.YAML.readTree(Chart.text(Chart.DIRECTORY.resolve("values.schema.json")));
        schema.findParents("properties")
                .forEach(object -> {
                    if (object.has("type")) {
                        assertThat(object.path("additionalProperties").asBoolean(true))
                                .as(object.toString())
                                .isFalse();
                    }
                });
    }

    @Test
    void readmeListsEveryValueAsTheFileHasIt() throws IOException {
        Path readme = Chart.DIRECTORY.resolve("README.md");
        String text = Files.readString(readme);
        String fresh = Readme.withTable(text, values());
        if (Boolean.getBoolean("chart.readme")) {
            Files.writeString(readme, fresh);
            return;
        }

        assertThat(text)
                .as("write it anew: mvn test -pl helm -Dchart.readme=true")
                .isEqualTo(fresh);
    }

    private static List<Readme.Value> values() {
        return Readme.values(Chart.text(Chart.DIRECTORY.resolve("values.yaml")));
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
        actual.at("/properties")
                .properties()
                .forEach(property ->
                        schemaPaths(
                                root, property.getValue(), path + "/" + property.getKey(), paths));
    }
}
