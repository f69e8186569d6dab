package io.sallyport.sync.docker;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The engine's API, as far as it is needed: what there is, and a word when it changes. */
final class Engine {
    /** An engine under load may take seconds; whoever waits for a start waits for it anyway. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Stopping a container takes it that long at most. */
    private static final Duration PATIENCE_FOR_A_STOP = Duration.ofSeconds(60);

    private static final String CHANGES =
            """
            {"type":["network","container"],\
            "event":["create","destroy","connect","disconnect","start","die","rename"]}\
            """;
    private static final int NOT_FOUND = 404;

    /** Stopping what has stopped is 304. */
    private static final int FIRST_ERROR = 400;

    private static final JsonMapper JSON = new JsonMapper();

    private final Path socket;

    Engine(Path socket) {
        this.socket = socket;
    }

    List<Part.Network> networks() throws IOException {
        return Part.networks(list("/networks"));
    }

    /** Containers that run. */
    List<Part.Container> containers() throws IOException {
        return Part.containers(list("/containers/json"));
    }

    /** The name servers that a container was given, empty where it has the engine's own. */
    List<String> nameServers(String container) throws IOException {
        return Part.nameServers(get("/containers/" + container + "/json"));
    }

    /** Ends a container at once. */
    void stop(String container) throws IOException {
        send("POST", "/containers/" + container + "/stop?t=0", PATIENCE_FOR_A_STOP);
    }

    /** Begins with the next change; what there is has to be asked for after this. */
    Exchange changes() throws IOException {
        String filters = URLEncoder.encode(CHANGES, StandardCharsets.UTF_8);
        Exchange exchange = Exchange.begin(socket, "GET", "/events?filters=" + filters, PATIENCE);
        if (exchange.status() >= FIRST_ERROR) {
            try (exchange) {
                throw refused(exchange.status(), exchange.rest(PATIENCE));
            }
        }
        return exchange;
    }

    /** What is no list must not pass for an empty one: what it lacks would be taken for gone. */
    private JsonNode list(String path) throws IOException {
        JsonNode answer = get(path);
        if (!answer.isArray()) {
            throw new IOException("the engine at " + socket + " did not answer with a list");
        }
        return answer;
    }

    private JsonNode get(String path) throws IOException {
        return send("GET", path, PATIENCE)
                .orElseThrow(() -> new IOException("the engine at " + socket + " has no " + path));
    }

    private Optional<JsonNode> send(String method, String path, Duration patience)
            throws IOException {
        try (Exchange exchange = Exchange.begin(socket, method, path, patience)) {
            byte[] body = exchange.rest(patience);
            if (exchange.status() == NOT_FOUND) {
                return Optional.empty();
            }
            if (exchange.status() >= FIRST_ERROR) {
                throw refused(exchange.status(), body);
            }
            return Optional.of(JSON.readTree(body));
        } catch (JacksonException e) {
            throw new IOException("the engine at " + socket + " did not answer in JSON", e);
        }
    }

    private IOException refused(int status, byte[] body) {
        String text = new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8);
        return new IOException("the engine at " + socket + " says " + status + ": " + text);
    }
}
