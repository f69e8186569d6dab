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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** A control server on the host of a world: one org, reports that it keeps, orders of a test. */
final class FakeControl implements AutoCloseable {
    private static final int PORT = 7053;
    private static final String TOKEN = "spt_ofThisNode";

    /** Made once, which takes a while: a node waits for a policy for less than a second. */
    private static final Snapshot POLICY =
            Snapshot.of(
                    "acme",
                    null,
                    3,
                    "settings",
                    Settings.of(Level.NONE)
                            .with(new Change.Allow(Settings.patterns(".example.com"))),
                    Presets.shipped());

    private static final String POLICY_JSON = POLICY.json();

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

    /** What happens while the next policy is pulled: once, also if that is asked for again. */
    void meanwhile(Runnable event) {
        AtomicBoolean done = new AtomicBoolean();
        Lock lock = new ReentrantLock();
        meanwhile =
                () -> {
                    lock.lock();
                    try {
                        if (done.compareAndSet(false, true)) {
                            event.run();
                        }
                    } finally {
                        lock.unlock();
                    }
                };
    }

    List<JsonNode> reports() {
        return reports;
    }

    /** Missing before there is one. */
    JsonNode lastReport() {
        return reports.isEmpty() ? MissingNode.getInstance() : reports.getLast();
    }

    void stop() {
        server.stop(0);
    }

    void restart() {
        server = start();
    }

    private void policy(HttpExchange exchange) throws IOException {
        meanwhile.run();
        exchange.getResponseHeaders().set("ETag", "\"" + POLICY.digest() + "\"");
        answer(exchange, POLICY_JSON);
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
