package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.cluster.MockApi;
import io.sallyport.sync.gate.Panels.Panel;
import io.sallyport.sync.gate.Panels.Target;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * A real Prometheus watches a real node and control server at work, by the chart's rules: what
 * dashboards and alerts ask for is there.
 */
@Needs({"nsd", "dig", "curl", "unshare", "prometheus", "promtool", "chromium"})
class PrometheusTest {
    private static final Path DOCS = Path.of("..", "docs");

    /** Kept to be looked at; those in the manual are made of these. */
    private static final Path PICTURES = Path.of("target", "dashboards");

    private static final long WORK_SECONDS = 15;

    /** A name, but of no label. */
    private static final Pattern METRIC =
            Pattern.compile("\\b(?:sallyport|jvm|process)[_:][a-z0-9_:]*[a-z0-9]\\b(?!=)");

    @TempDir private static Path directory;
    private static MockApi api;
    private static Gate gate;
    private static Monitor monitor;
    private static long begun;
    private static long ended;

    @BeforeAll
    static void work() throws IOException, InterruptedException {
        World world = World.start();
        api = world.inside(world.host(), () -> MockApi.start(directory));
        Path config = joined(world);
        List<String> options =
                List.of(
                        "--config",
                        config.toString(),
                        "--cni-socket",
                        socket().toString(),
                        "--upstream",
                        World.UPSTREAM4,
                        "--upstream",
                        World.UPSTREAM6,
                        "--query-log",
                        "dnstap:" + directory.resolve("queries.tap"),
                        "--query-log-mode",
                        "all");
        gate = Gate.running("up", world, options);
        Files.writeString(
                socket().resolveSibling("cni-conf.json"), "{\"present\": true, \"repairs\": 0}");
        Caller.call(gate, "POST", "/v1/orgs", "{\"org\": \"acme\"}");
        Caller.call(
                gate,
                "POST",
                "/v1/orgs/acme/network-access/domains",
                "{\"domains\": \".example.com\"}");
        monitor = new Monitor(gate.world(), directory);
        begun = System.currentTimeMillis() / 1000;
        Sandbox sandbox = gate.sandbox("sb0", "acme");
        Process asking =
                sandbox.entered(
                                "sh",
                                "-c",
                                """
                                end=$(($(date +%%s) + %d)); n=0
                                while [ "$(date +%%s)" -lt "$end" ]; do
                                  n=$((n + 1))
                                  dig @169.254.53.53 +tries=1 +time=2 www.example.com api.example.com \
                                    n$n.example.com AAAA www.example.com TXT denied$n.example.org \
                                    +tcp evil.example.net >/dev/null
                                  curl -s -m 1 -o /dev/null http://www.example.com/
                                  curl -s -m 1 -o /dev/null http://%s/
                                done
                                """
                                        .formatted(WORK_SECONDS, World.PUBLIC4))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        Process administering = administer();
        var _ = gate.sandbox("sb1", "acme");
        Gate.await(
                "an increase can be seen",
                () -> !monitor.now("rate(sallyport_rules_repairs_total[10s])").isEmpty());
        gate.world().host().run("iptables", "-t", "raw", "-F", "PREROUTING").ok();
        assertThat(asking.waitFor(WORK_SECONDS + 30, TimeUnit.SECONDS)).isTrue();
        assertThat(administering.waitFor(30, TimeUnit.SECONDS)).isTrue();
        ended = System.currentTimeMillis() / 1000;
    }

    private static Path socket() {
        return directory.resolve("run/cni.sock");
    }

    /** The cluster knows this node, and the node's configuration names the cluster. */
    private static Path joined(World world) throws IOException {
        Node node =
                new NodeBuilder()
                        .withNewMetadata()
                        .withName(MockApi.NODE)
                        .endMetadata()
                        .withNewSpec()
                        .addNewTaint("NoSchedule", "sallyport.io/not-ready", null, null)
                        .endSpec()
                        .build();
        var _ = world.inside(world.host(), () -> api.client().resource(node).create());
        return Files.writeString(
                directory.resolve("node.yaml"),
                """
                kubernetes:
                  url: %s
                  token-file: %s
                  node-name: %s
                """
                        .formatted(api.url(), api.token(), MockApi.NODE));
    }

    /** What control server and CNI socket are asked meanwhile, well and badly. */
    private static Process administer() throws IOException {
        return gate.world()
                .host()
                .entered(
                        "sh",
                        "-c",
                        """
                        end=$(($(date +%%s) + %d)); n=0
                        call() { curl -s -m 5 -o /dev/null -H "@%s" "$@"; }
                        while [ "$(date +%%s)" -lt "$end" ]; do
                          n=$((n + 1))
                          call %s/v1/orgs/acme/policy
                          call %s/v1/orgs/nobody/policy
                          call -X POST -H 'Content-Type: application/json' \
                            -d "{\\"domains\\": \\"d$n.example.net\\"}" \
                            %s/v1/orgs/acme/network-access/domains
                          curl -s -m 5 -o /dev/null --unix-socket %s http://node/v1/cni \
                            -d '{"command": "STATUS", "config": {"cniVersion": "1.1.0",
                              "name": "pods", "type": "sallyport-cni"}}'
                          sleep 1
                        done
                        """
                                .formatted(
                                        WORK_SECONDS,
                                        gate.data().resolve("header"),
                                        Caller.API,
                                        Caller.API,
                                        Caller.API,
                                        socket()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @AfterAll
    static void stop() {
        if (monitor != null) {
            monitor.close();
        }
        gate.close();
        api.close();
    }

    private static String scrape(String target, String... more) {
        List<String> command = new ArrayList<>(List.of("curl", "-sfi"));
        command.addAll(List.of(more));
        command.add("http://" + target + "/metrics");
        return gate.world().host().run(command.toArray(String[]::new)).ok().output();
    }

    private static Set<String> metrics(String text) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = METRIC.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    private static List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(Monitor.CHART.resolve("dashboards"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Monitor.NODE, Monitor.CONTROL})
    void promtoolHasNoComplaint(String target) {
        Result result =
                gate.world()
                        .host()
                        .run(
                                "sh",
                                "-c",
                                "curl -sf http://" + target + "/metrics | promtool check metrics");
        assertThat(result.output()).isEmpty();
        assertThat(result.exit()).isZero();
    }

    @Test
    void configurationAndRulesAreSound() {
        Result result =
                gate.world().host().run("promtool", "check", "config", monitor.config().toString());
        assertThat(result.output()).contains("SUCCESS").doesNotContain("FAILED");
        assertThat(result.exit()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {Monitor.NODE, Monitor.CONTROL})
    void formatIsWhatIsAskedFor(String target) {
        assertThat(scrape(target).replace("\r", ""))
                .containsIgnoringCase("content-type: text/plain; version=0.0.4; charset=utf-8\n")
                .contains("\n# HELP sallyport_build_info ")
                .doesNotContain("# EOF");
        assertThat(
                        scrape(
                                        target,
                                        "-H",
                                        "Accept: application/openmetrics-text;version=1.0.0,"
                                                + "text/plain;version=0.0.4;q=0.5")
                                .replace("\r", ""))
                .containsIgnoringCase(
                        "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\n")
                .contains("\n# TYPE sallyport_build info\n")
                .doesNotContain(" # {") // no exemplars
                .endsWith("# EOF\n");
    }

    @Test
    void labelsNameNobody() {
        assertThat(scrape(Monitor.NODE) + scrape(Monitor.CONTROL))
                .doesNotContain("acme", "example", "10.201.")
                .doesNotContainPattern("\"[sn]-[a-z0-9]+\"");
    }

    @Test
    void doorOfTheControlServerHasNothingElse() {
        assertThat(
                        gate.world()
                                .host()
                                .run(
                                        "curl",
                                        "-s",
                                        "-o",
                                        "/dev/null",
                                        "-w",
                                        "%{http_code}",
                                        "http://" + Monitor.CONTROL + "/v1/orgs")
                                .output())
                .isEqualTo("404");
    }

    @Test
    void everyMetricOfADashboardOrAlertIsThere() throws IOException {
        StringBuilder asked = new StringBuilder();
        for (Path file : dashboards()) {
            Panels.of(Panels.document(file)).stream()
                    .flatMap(panel -> panel.targets().stream())
                    .forEach(target -> asked.append(target.expression()).append('\n'));
        }
        for (String rules : List.of("recording.yaml", "alerts.yaml")) {
            asked.append(Files.readString(Monitor.CHART.resolve("rules").resolve(rules)));
        }
        Set<String> missing = metrics(asked.toString());
        assertThat(missing).hasSizeGreaterThan(40);
        missing.removeAll(monitor.names());
        assertThat(missing).isEmpty();
    }

    @Test
    void alertFiresWhenSomebodyChangesTheRules() {
        Gate.await(
                "the alert fires",
                () ->
                        !monitor.now(
                                        "ALERTS{alertname=\"SallyportRulesChangedByOthers\",alertstate=\"firing\"}")
                                .isEmpty());
        assertThat(monitor.now("sallyport_rules_faults").path(0).path("value").path(1).asString())
                .isEqualTo("0");
    }

    /** The manual's table is what the processes say of themselves. */
    @Test
    void manualHasEveryMetric() throws IOException {
        TreeMap<String, String> told = new TreeMap<>();
        for (String target : List.of(Monitor.NODE, Monitor.CONTROL)) {
            scrape(target)
                    .lines()
                    .filter(line -> line.startsWith("# HELP "))
                    .map(line -> line.substring(7).strip().split(" ", 2))
                    .filter(parts -> !parts[0].endsWith("_max") || parts[0].startsWith("jvm"))
                    .forEach(parts -> told.put(parts[0], parts[1]));
        }
        String manual = Files.readString(DOCS.resolve("metrics.md"));
        List<String> missing = new ArrayList<>();
        told.forEach((name, meaning) -> {
            if (manual.lines()
                    .noneMatch(line ->
                            line.startsWith("| `" + name + "` | ")
                                    && line.endsWith(" | " + meaning + " |"))) {
                missing.add("| `" + name + "` | ? | " + meaning + " |");
            }
        });
        assertThat(missing).isEmpty();
        Set<String> gone = new TreeSet<>();
        manual.lines()
                .filter(line -> line.startsWith("| `") && METRIC.matcher(line).find())
                .forEach(line -> gone.add(line.substring(3, line.indexOf('`', 3))));
        gone.removeAll(told.keySet());
        assertThat(gone).isEmpty();
    }

    /** Each panel has something to show, and looks like it: {@code target/dashboards}. */
    @Test
    void everyPanelHasData() throws IOException, InterruptedException {
        Files.createDirectories(PICTURES);
        List<String> empty = new ArrayList<>();
        for (Path file : dashboards()) {
            JsonNode dashboard = Panels.document(file);
            Drawing drawing = new Drawing();
            for (Panel panel : Panels.of(dashboard)) {
                List<Drawing.Line> lines = new ArrayList<>();
                for (Target target : panel.targets()) {
                    JsonNode answer =
                            target.instant()
                                    ? monitor.now(target.expression())
                                    : monitor.between(target.expression(), begun, ended);
                    if (answer.isEmpty()) {
                        empty.add(panel.title() + ": " + target.expression());
                    }
                    lines.addAll(Drawing.lines(answer, target.legend()));
                }
                drawing.draw(panel, lines);
            }
            String name = file.getFileName().toString().replace(".json", "");
            Path picture = PICTURES.resolve(name + ".png").toAbsolutePath();
            Files.deleteIfExists(picture);
            drawing.keep(name, picture);
            assertThat(picture).isNotEmptyFile();
        }
        assertThat(empty).isEmpty();
    }
}
