package io.sallyport.sync.gate;

import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Prometheus on the host of a world, with the chart's rules. */
final class Monitor implements AutoCloseable {
    static final Path CHART = Path.of("..", "helm", "sallyport").toAbsolutePath().normalize();
    static final String NODE = "127.0.0.1:9153";
    static final String CONTROL = "127.0.0.1:9154";

    private static final String API = "http://127.0.0.1:9090/api/v1/";

    private final World world;
    private final Path directory;
    private final Process process;

    Monitor(World world, Path directory) throws IOException {
        this.world = world;
        this.directory = directory;
        Files.writeString(
                config(),
                """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: ["%s/rules/*.yaml"]
                scrape_configs:
                  - job_name: node
                    static_configs: [{targets: ["%s"], labels: {sallyport_component: node}}]
                  - job_name: control
                    static_configs: [{targets: ["%s"]}]
                """
                        .formatted(CHART, NODE, CONTROL));
        process =
                world.host()
                        .entered(
                                "prometheus",
                                "--config.file",
                                config().toString(),
                                "--storage.tsdb.path",
                                directory.resolve("tsdb").toString(),
                                "--web.listen-address",
                                "127.0.0.1:9090",
                                "--log.level",
                                "warn")
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("prometheus.log").toFile())
                        .start();
        Gate.await("Prometheus is ready", () -> get("query?query=1").exit() == 0);
    }

    Path config() {
        return directory.resolve("prometheus.yml");
    }

    private Result get(String path) {
        return world.host().run("curl", "-sf", "-m", "5", API + path);
    }

    private JsonNode asked(String path, String expression, String... more) {
        List<String> command =
                new ArrayList<>(List.of("curl", "-s", "-m", "10", "-G", "--data-urlencode"));
        command.add("query=" + expression);
        for (String each : more) {
            command.addAll(List.of("--data-urlencode", each));
        }
        command.add(API + path);
        Result answer = world.host().run(command.toArray(String[]::new)).ok();
        JsonNode document = new JsonMapper().readTree(answer.output());
        if (!document.path("status").asString().equals("success")) {
            throw new AssertionError(expression + ": " + answer.output());
        }
        return document.path("data").path("result");
    }

    /** What an expression is now. */
    JsonNode now(String expression) {
        return asked("query", expression);
    }

    /** What it was from a second since 1970 to another. */
    JsonNode between(String expression, long start, long end) {
        return asked("query_range", expression, "start=" + start, "end=" + end, "step=1");
    }

    /** The names of all series that were scraped or recorded. */
    Set<String> names() {
        Set<String> names = new TreeSet<>();
        new JsonMapper()
                .readTree(get("label/__name__/values").ok().output())
                .path("data")
                .forEach(name -> names.add(name.asString()));
        return names;
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
