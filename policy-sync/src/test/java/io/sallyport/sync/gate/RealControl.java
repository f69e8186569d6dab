package io.sallyport.sync.gate;

import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.store.CrashingServer;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A control server in its own process on the host of a world, over a PostgreSQL server there. */
final class RealControl implements AutoCloseable {
    private static final String URL = "http://127.0.0.1:7053";
    private static final long PATIENCE_SECONDS = 30;

    private final World world;
    private final Path directory;
    private final CrashingServer database;
    private Process process;

    /** With the orgs red and blue, each of which is allowed the names below its own. */
    RealControl(World world) {
        this.world = world;
        try {
            directory = Files.createTempDirectory("sallyport-control");
            database = world.inside(world.host(), () -> new CrashingServer(directory));
            List<String> store = database.store().arguments();
            Files.writeString(
                    directory.resolve("control.yaml"),
                    "store:\n  url: \"%s\"\n  user: postgres\n  password-file: %s\n"
                            .formatted(store.get(1), store.get(2)));
            process = start();
            Files.writeString(
                    directory.resolve("node.token"),
                    setUp(world, directory.resolve("data"), "red", "blue"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The options of a node that is told by this server. */
    List<String> options() {
        return List.of(
                "--upstream",
                World.UPSTREAM4,
                "--control",
                URL,
                "--token-file",
                directory.resolve("node.token").toString(),
                "--node-name",
                "node-1");
    }

    /** {@code kill -9}. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            Assertions.assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    void restart() {
        try {
            process = start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void killDatabase() {
        inside(server -> {
            try {
                return server.kill();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    void restartDatabase() {
        inside(server -> {
            try {
                server.restart();
                return true;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void inside(Function<CrashingServer, Boolean> work) {
        Assertions.assertThat(world.inside(world.host(), () -> work.apply(database))).isTrue();
    }

    private Process start() throws IOException {
        Process started =
                world.host()
                        .entered(
                                World.sallyport(
                                                "control",
                                                "--data",
                                                directory.resolve("data").toString(),
                                                "--config",
                                                directory.resolve("control.yaml").toString())
                                        .toArray(String[]::new))
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("control.log").toFile())
                        .start();
        awaitAnswers(world);
        return started;
    }

    static void awaitAnswers(World world) {
        Gate.await(
                "the control server answers",
                () -> world.host().run("curl", "-s", URL + "/v1/presets").exit() == 0);
    }

    /**
     * Makes orgs, each of which is allowed the names below its own, and a token.
     *
     * @param data of a control server on the host of this world
     * @return the token of a node
     */
    static String setUp(World world, Path data, String... orgs) throws IOException {
        for (String org : orgs) {
            call(world, data, "/v1/orgs", "{\"org\": \"%s\"}".formatted(org));
            call(
                    world,
                    data,
                    "/v1/orgs/" + org + "/network-access/domains",
                    "{\"domains\": \".%s.example.com\"}".formatted(org));
        }
        String token = "{\"name\":\"n\",\"role\":\"node\",\"node\":\"node-1\"}";
        return call(world, data, "/v1/tokens", token).path("secret").asString();
    }

    /** The token is told by a file, as people do it, so that no list of processes shows it. */
    private static JsonNode call(World world, Path data, String path, String body)
            throws IOException {
        Path header = data.resolveSibling("header");
        String token = Files.readString(new DataDirectory(data).adminToken()).strip();
        Files.writeString(header, "Authorization: Bearer " + token + "\n");
        String type = "Content-Type: application/json";
        return new JsonMapper()
                .readTree(
                        world.host()
                                .run(
                                        "curl",
                                        "-sSf",
                                        "-H",
                                        "@" + header,
                                        "-H",
                                        type,
                                        "-d",
                                        body,
                                        URL + path)
                                .ok()
                                .output());
    }

    @Override
    public void close() {
        try {
            kill();
            database.close();
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
