package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The alert rules and dashboards by themselves; a real Prometheus has them in PrometheusTest. */
class RulesTest {
    private static final Path RULES = Path.of("sallyport", "rules");
    private static final Path DASHBOARDS = Path.of("sallyport", "dashboards");
    private static final Path RUNBOOKS = Path.of("..", "docs", "runbooks.md");
    private static final String LINK = "docs/runbooks.md#";
    private static final Set<String> SEVERITIES = Set.of("critical", "warning", "info");

    /** Runs it where it is; without it that is no test on a laptop, and a failure in CI. */
    private static String promtool(String... arguments) throws IOException, InterruptedException {
        Path program = Path.of("/usr/bin/promtool");
        if (!"true".equals(System.getenv("CI"))) {
            Assumptions.assumeTrue(Files.isExecutable(program), "needs promtool");
        }
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("promtool", ".log");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            process.destroyForcibly();
            assertThat(ended).as("promtool ended").isTrue();
            String printed = Files.readString(output, StandardCharsets.UTF_8);
            assertThat(process.exitValue()).as(printed).isZero();
            return printed;
        } finally {
            Files.delete(output);
        }
    }

    private static List<Path> files(Path directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }

    private static List<JsonNode> alerts() throws IOException {
        List<JsonNode> alerts = new ArrayList<>();
        for (Path file : files(RULES, ".yaml")) {
            new YAMLMapper()
                    .readTree(Files.readString(file))
                    .path("groups")
                    .forEach(group ->
                            group.path("rules")
                                    .forEach(rule -> {
                                        if (rule.has("alert")) {
                                            alerts.add(rule);
                                        }
                                    }));
        }
        return alerts;
    }

    @ParameterizedTest
    @ValueSource(strings = {"recording.yaml", "alerts.yaml"})
    void rulesAreSound(String file) throws IOException, InterruptedException {
        assertThat(promtool("check", "rules", "--lint=all", RULES.resolve(file).toString()))
                .contains("SUCCESS");
    }

    @Test
    void alertsFireWhenTheyShouldAndOnlyThen() throws IOException, InterruptedException {
        for (Path file : files(Path.of("src", "test", "resources", "rules"), ".yaml")) {
            assertThat(promtool("test", "rules", file.toString())).contains("SUCCESS");
        }
    }

    @Test
    void everyAlertSaysHowBadItIsAndWhatToDo() throws IOException {
        String runbooks = Files.readString(RUNBOOKS);
        Set<String> names = new HashSet<>();
        for (JsonNode alert : alerts()) {
            String name = alert.path("alert").asString();
            assertThat(names.add(name)).as(name + " is there once").isTrue();
            assertThat(SEVERITIES).contains(alert.at("/labels/severity").asString());
            JsonNode annotations = alert.path("annotations");
            assertThat(annotations.path("summary").asString()).as(name).isNotBlank();
            assertThat(annotations.path("description").asString()).as(name).isNotBlank();
            assertThat(annotations.path("runbook_url").asString())
                    .isEqualTo(LINK + name.toLowerCase(java.util.Locale.ROOT));
            assertThat(runbooks).contains("\n## " + name + "\n");
            String book = runbooks.split("\n## " + name + "\n", -1)[1].split("\n## ", -1)[0];
            assertThat(book)
                    .as(name)
                    .contains("**Means**", "**Users notice**", "**Check**", "**Fix**", "**Wake**");
        }
        assertThat(Pattern.compile("(?m)^## ").matcher(runbooks).results())
                .as("no runbook without its alert")
                .hasSize(names.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"overview", "node", "control"})
    void dashboardFitsAnyGrafana(String name) throws IOException {
        String text = Files.readString(DASHBOARDS.resolve(name + ".json"));
        JsonNode dashboard = new YAMLMapper().readTree(text);
        assertThat(dashboard.path("uid").asString()).isEqualTo("sallyport-" + name);
        assertThat(dashboard.path("schemaVersion").isInt()).isTrue();
        assertThat(dashboard.has("id")).as("an exported id").isFalse();
        assertThat(text).doesNotContain("__inputs", "pluginVersion", "gnetId");
        assertThat(dashboard.at("/templating/list/0/type").asString()).isEqualTo("datasource");
        boolean[][] taken = new boolean[500][24];
        Set<Integer> ids = new HashSet<>();
        dashboard
                .path("panels")
                .forEach(panel -> {
                    assertThat(ids.add(panel.path("id").asInt())).isTrue();
                    occupy(taken, panel);
                    if (!panel.path("type").asString().equals("row")) {
                        check(panel);
                    }
                });
    }

    /** Panels that overlap are moved by Grafana, and then nobody finds them. */
    private static void occupy(boolean[][] taken, JsonNode panel) {
        JsonNode place = panel.path("gridPos");
        for (int y = 0; y < place.path("h").asInt(); y++) {
            for (int x = 0; x < place.path("w").asInt(); x++) {
                int row = place.path("y").asInt() + y;
                int column = place.path("x").asInt() + x;
                assertThat(taken[row][column]).as(panel.path("title").asString()).isFalse();
                taken[row][column] = true;
            }
        }
    }

    private static void check(JsonNode panel) {
        String title = panel.path("title").asString();
        assertThat(title).endsWith("?");
        assertThat(panel.path("description").asString()).as(title).isNotBlank();
        assertThat(panel.at("/datasource/uid").asString()).isEqualTo("${datasource}");
        assertThat(panel.at("/fieldConfig/defaults/unit").asString()).as(title).isNotBlank();
        assertThat(panel.path("targets")).as(title).isNotEmpty();
    }
}
