package io.sallyport.sync.gate;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A control server on the host of a world: one org, reports that it keeps, orders of a test. */
final class FakeControl implements AutoCloseable {
    private static final int PORT = 7053;
    private static final String TOKEN = "spt_ofThisNode";

    private final List<JsonNode> reports = new CopyOnWriteArrayList<>();
    private final World world;
    private final Path tokenFile;
    private volatile String orders = "{\"end\":[]}";
    private volatile Runnable meanwhile = () -> {};
    private HttpServer server;

    FakeControl(World world) {
        this.world = world;
        try {
            tokenFile = Files.createTempFile("sallyport-token", "");
            Files.writeString(tokenFile, TOKEN);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        server = start();
    }

    private HttpServer start() {
        return world.inside(
                world.host(),
                () -> {
                    HttpServer made =
                            HttpServer.create(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT),
                                    0);
                    made.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
                    made.createContext("/v1/orgs/acme/policy", this::policy);
                    made.createContext("/v1/nodes/node-1/report", this::report);
                    made.start();
                    return made;
                });
    }

    /** The options of a node that is told by this server. */
    List<String> options() {
        return List.of(
                "--upstream",
                World.UPSTREAM4,
                "--control",
                "http://127.0.0.1:" + PORT,
                "--token-file",
                tokenFile.toString(),
                "--node-name",
                "node-1");
    }

    void order(String json) {
        orders = json;
    }

    /** What happens each time while a policy is pulled. */
    void meanwhile(Runnable event) {
        meanwhile = event;
    }

    List<JsonNode> reports() {
        return reports;
    }

    JsonNode lastReport() {
        return reports.getLast();
    }

    void stop() {
        server.stop(0);
    }

    void restart() {
        server = start();
    }

    private void policy(HttpExchange exchange) throws IOException {
        meanwhile.run();
        Settings settings =
                Settings.of(Level.NONE).with(new Change.Allow(Settings.patterns(".example.com")));
        Snapshot snapshot = Snapshot.of("acme", null, 3, "settings", settings, Presets.shipped());
        exchange.getResponseHeaders().set("ETag", "\"" + snapshot.digest() + "\"");
        answer(exchange, snapshot.json());
    }

    private void report(HttpExchange exchange) throws IOException {
        reports.add(
                new JsonMapper()
                        .readTree(
                                new String(
                                        exchange.getRequestBody().readAllBytes(),
                                        StandardCharsets.UTF_8)));
        answer(exchange, orders);
    }

    private static void answer(HttpExchange exchange, String json) throws IOException {
        try (exchange) {
            String token = exchange.getRequestHeaders().getFirst("Authorization");
            boolean known = ("Bearer " + TOKEN).equals(token);
            byte[] body = (known ? json : "{}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known ? 200 : 401, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        try {
            Files.deleteIfExists(tokenFile);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
