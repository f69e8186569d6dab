package io.sallyport.sync.client;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import io.sallyport.sync.data.DataDirectory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** Talks to the node of one installation through its socket. */
public final class NodeClient {
    /** A start pulls a policy and writes rules; a host under load may take seconds for it. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final int FIRST_ERROR = 400;

    /** Statuses that blame what was typed. */
    private static final int BAD_REQUEST = 400;

    private static final int UNPROCESSABLE = 422;

    private static final JsonMapper JSON = new JsonMapper();

    /** The node says no. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final boolean badInput;

        Refused(String message, boolean badInput) {
            super(message);
            this.badInput = badInput;
        }

        /** Whether what was typed is wrong, not what it met. */
        public boolean badInput() {
            return badInput;
        }
    }

    private final Path socket;
    private final WebClient client;

    private NodeClient(Path socket) {
        this.socket = socket;
        this.client =
                WebClient.builder()
                        .baseUri("http://node")
                        // A connection of another client may be to a node that is gone.
                        .shareConnectionCache(false)
                        .readTimeout(TIMEOUT)
                        .connectTimeout(TIMEOUT)
                        .build();
    }

    /**
     * @throws IOException if no node runs there, or this user may not talk to it
     */
    public static NodeClient of(DataDirectory data) throws IOException {
        if (Files.isDirectory(data.path()) && !Files.isExecutable(data.path())) {
            throw onlyRoot(data);
        }
        if (!Files.exists(data.socket())) {
            throw new IOException(
                    "no node runs with the data directory "
                            + data.path()
                            + "; start one with sallyport up, or name its directory with --data");
        }
        if (!Files.isWritable(data.socket())) {
            throw onlyRoot(data);
        }
        if (!data.nodeRuns()) {
            throw new IOException(
                    "the node at "
                            + data.socket()
                            + " does not run any more; start it again with sallyport up");
        }
        return new NodeClient(data.socket());
    }

    private static IOException onlyRoot(DataDirectory data) {
        return new IOException("only root may talk to the node at " + data.socket() + "; use sudo");
    }

    public JsonNode get(String path) throws Refused, IOException {
        return send(Method.GET, path, Map.of(), null);
    }

    public JsonNode get(String path, Map<String, String> parameters) throws Refused, IOException {
        return send(Method.GET, path, parameters, null);
    }

    public JsonNode post(String path, JsonNode body) throws Refused, IOException {
        return send(Method.POST, path, Map.of(), body);
    }

    public JsonNode delete(String path) throws Refused, IOException {
        return send(Method.DELETE, path, Map.of(), null);
    }

    private JsonNode send(
            Method method, String path, Map<String, String> parameters, @Nullable JsonNode body)
            throws Refused, IOException {
        var request = client.method(method).path(path).address(UnixDomainSocketAddress.of(socket));
        parameters.forEach((name, value) -> request.queryParam(name, value));
        byte[] octets =
                body == null ? new byte[0] : body.toString().getBytes(StandardCharsets.UTF_8);
        try (HttpClientResponse response =
                body == null
                        ? request.request()
                        : request.header(HeaderNames.CONTENT_TYPE, "application/json")
                                .submit(octets)) {
            String text = response.entity().hasEntity() ? response.as(String.class) : "";
            JsonNode answer =
                    text.isEmpty() ? JsonNodeFactory.instance.objectNode() : JSON.readTree(text);
            int status = response.status().code();
            if (status >= FIRST_ERROR) {
                throw new Refused(
                        answer.path("detail").asString(text),
                        status == BAD_REQUEST || status == UNPROCESSABLE);
            }
            return answer;
        } catch (JacksonException e) {
            throw new IOException("the node at " + socket + " did not answer in JSON", e);
        } catch (RuntimeException e) {
            throw new IOException(
                    "the node at " + socket + " does not answer: " + e.getMessage(), e);
        }
    }
}
