package io.sallyport.sync.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the API of others lacks that an API server has: a watch as a stream of lines that goes on
 * from a version, a field selector by node, and versions that are forgotten. All else goes there.
 */
final class Front implements AutoCloseable {
    private static final int OK = 200;
    private static final JsonMapper JSON = new JsonMapper();
    private static final int SEEN_WITHIN_MILLIS = 100;

    private final KubernetesClient client;
    private final String behind;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Watch watch;
    private final List<String> events = new ArrayList<>();
    private final int port;
    private int forgotten;
    private boolean closed;

    Front(KubernetesClient client, String behind, int port, Optional<SSLContext> tls)
            throws IOException {
        this.client = client;
        this.behind = behind;
        InetSocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        if (tls.isPresent()) {
            HttpsServer https = HttpsServer.create(listen, 0);
            https.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
            this.server = https;
        } else {
            this.server = HttpServer.create(listen, 0);
        }
        this.port = server.getAddress().getPort();
        this.watch = client.pods().inAnyNamespace().watch(new Events());
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    int port() {
        return port;
    }

    /** Whoever watches is told that it is behind, once. */
    synchronized void forget() {
        forgotten = events.size() + 1;
        events.add("");
        notifyAll();
    }

    private final class Events implements Watcher<Pod> {
        @Override
        public void eventReceived(Action action, Pod pod) {
            synchronized (Front.this) {
                pod.getMetadata().setResourceVersion(Integer.toString(events.size() + 1));
                events.add(
                        "{\"type\":\""
                                + action
                                + "\",\"object\":"
                                + Serialization.asJson(pod).replace("\n", "")
                                + "}\n");
                Front.this.notifyAll();
            }
        }

        @Override
        public void onClose(WatcherException cause) {}
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> query = query(exchange.getRequestURI());
            boolean pods = exchange.getRequestURI().getPath().equals("/api/v1/pods");
            if (!exchange.getRequestHeaders().getFirst("Authorization").equals("Bearer a-token")) {
                send(exchange, 401, "{}");
            } else if (pods && query.containsKey("watch")) {
                follow(exchange, query);
            } else if (pods) {
                send(exchange, OK, list(query));
            } else {
                forward(exchange);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, String> query(URI uri) {
        String raw = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        return Stream.of(raw.split("&", -1))
                .filter(pair -> pair.contains("="))
                .collect(
                        Collectors.toMap(
                                pair -> pair.substring(0, pair.indexOf('=')),
                                pair ->
                                        URLDecoder.decode(
                                                pair.substring(pair.indexOf('=') + 1),
                                                StandardCharsets.UTF_8)));
    }

    private String list(Map<String, String> query) {
        int version;
        synchronized (this) {
            version = events.size(); // what changes from here on is told twice, not never
        }
        List<String> fields = List.of(query.getOrDefault("fieldSelector", "").split(",", -1));
        List<Pod> pods =
                client.pods().inAnyNamespace().list().getItems().stream()
                        .filter(pod ->
                                fields.contains("spec.nodeName=" + pod.getSpec().getNodeName()))
                        .filter(pod -> !fields.contains("status.phase!=" + phase(pod)))
                        .toList();
        return Serialization.asJson(
                new PodListBuilder()
                        .withNewMetadata()
                        .withResourceVersion(Integer.toString(version))
                        .endMetadata()
                        .withItems(pods)
                        .build());
    }

    private static String phase(Pod pod) {
        return pod.getStatus() == null ? "Pending" : pod.getStatus().getPhase();
    }

    /** As an API server, ends the stream after an error. */
    private void follow(HttpExchange exchange, Map<String, String> query)
            throws IOException, InterruptedException {
        int from = Integer.parseInt(query.getOrDefault("resourceVersion", "0"));
        long end =
                System.nanoTime()
                        + 1_000_000_000L
                                * Integer.parseInt(query.getOrDefault("timeoutSeconds", "60"));
        exchange.sendResponseHeaders(OK, 0);
        OutputStream out = exchange.getResponseBody();
        boolean behindIt = false;
        while (!behindIt && System.nanoTime() < end) {
            String line;
            synchronized (this) {
                while (events.size() <= from && !closed && System.nanoTime() < end) {
                    wait(SEEN_WITHIN_MILLIS);
                }
                if (closed || events.size() <= from) {
                    return;
                }
                behindIt = from < forgotten;
                line =
                        behindIt
                                ? "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410}}\n"
                                : events.get(from);
                from++;
            }
            out.write(line.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    private void forward(HttpExchange exchange) throws IOException, InterruptedException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        URI there = URI.create(behind + exchange.getRequestURI());
        if (exchange.getRequestMethod().equals("PATCH") && !isOfTheVersion(there, body)) {
            send(exchange, 422, "{\"kind\":\"Status\",\"code\":422}");
            return;
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(there)
                        .method(exchange.getRequestMethod(), BodyPublishers.ofByteArray(body));
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (type != null) {
            request.header("Content-Type", type);
        }
        HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
        send(exchange, answer.statusCode(), answer.body());
    }

    /** The API behind never answers a patch whose test fails. */
    private boolean isOfTheVersion(URI there, byte[] patch)
            throws IOException, InterruptedException {
        JsonNode test = JSON.readTree(patch).path(0);
        String now =
                http.send(HttpRequest.newBuilder(there).build(), BodyHandlers.ofString()).body();
        return test.path("op").asString("").equals("test")
                && test.path("path").asString("").equals("/metadata/resourceVersion")
                && test.path("value")
                        .asString("")
                        .equals(
                                JSON.readTree(now)
                                        .path("metadata")
                                        .path("resourceVersion")
                                        .asString("none"));
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] octets = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, octets.length == 0 ? -1 : octets.length);
        exchange.getResponseBody().write(octets);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        server.stop(0);
        watch.close();
        threads.shutdownNow();
        http.shutdownNow();
    }
}
