package io.sallyport.sync.remote;

import com.google.common.net.InetAddresses;
import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** A control server, as a command sees it. */
public final class Remote {
    /** A verification of a long audit trail takes a while. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** A page of a thousand versions with long lists; larger ones are asked for in parts. */
    private static final int MAX_ANSWER = 64 << 20;

    private static final int MAX_TOKEN = 1_000;
    private static final int FIRST_ERROR = 400;
    private static final int BAD_REQUEST = 400;
    private static final int UNPROCESSABLE = 422;
    private static final int TOO_MANY = 429;

    /** A second gives a person's token 50 requests; a minute of it is enough of patience. */
    private static final Duration WAIT = Duration.ofSeconds(1);

    private static final int MOST_WAITS = 60;

    private static final JsonMapper JSON = new JsonMapper();

    /** The server says no. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;
        private final transient JsonNode problem;

        Refused(int status, JsonNode problem) {
            super(sentence(status, problem));
            this.status = status;
            this.problem = problem;
        }

        private static String sentence(int status, JsonNode problem) {
            StringBuilder text =
                    new StringBuilder(problem.path("detail").asString("the server says " + status));
            for (JsonNode risk : problem.path("risks")) {
                text.append("\n  ").append(risk.path("code").asString());
                text.append(": ").append(risk.path("text").asString());
            }
            return text.toString();
        }

        public int status() {
            return status;
        }

        /** The problem document (RFC 9457). */
        public JsonNode problem() {
            return problem;
        }

        /** Whether what was typed is wrong, not what it met. */
        public boolean badInput() {
            return status == BAD_REQUEST || status == UNPROCESSABLE;
        }
    }

    private final URI url;
    private final String token;
    private final WebClient client;

    private Remote(URI url, String token, Optional<Tls> tls) {
        this.url = url;
        this.token = token;
        var builder =
                WebClient.builder()
                        .baseUri(url)
                        .followRedirects(false)
                        .readTimeout(TIMEOUT)
                        .connectTimeout(CONNECT_TIMEOUT);
        tls.ifPresent(builder::tls);
        this.client = builder.build();
    }

    /**
     * @param ca PEM certificates of the authorities to trust; empty for those of the JDK
     * @throws IllegalArgumentException if the token would travel in the clear
     * @throws IOException if a file cannot be read
     */
    public static Remote of(String url, Path tokenFile, Optional<Path> ca) throws IOException {
        URI server = server(url);
        String token = Files.readString(tokenFile).strip();
        if (token.isEmpty()
                || token.length() > MAX_TOKEN
                || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(tokenFile + " does not hold one token");
        }
        return new Remote(
                server, token, ca.isPresent() ? Optional.of(tls(ca.get())) : Optional.empty());
    }

    private static URI server(String url) {
        String text = url.strip();
        URI server;
        try {
            server = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        } catch (URISyntaxException e) {
            throw noServer(e);
        }
        String scheme = String.valueOf(server.getScheme());
        String host = server.getHost();
        if (host == null
                || !List.of("http", "https").contains(scheme)
                || server.getRawQuery() != null) {
            throw noServer(null);
        }
        if (scheme.equals("http") && !isLoopback(host)) {
            throw new IllegalArgumentException(
                    "--control: http:// to another host would show the token to the network; use"
                            + " https://");
        }
        return server;
    }

    private static IllegalArgumentException noServer(@Nullable Exception cause) {
        return new IllegalArgumentException(
                "--control: write the address of a control server, such as"
                        + " https://sallyport.example.com:7053",
                cause);
    }

    private static boolean isLoopback(String host) {
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return host.equals("localhost")
                || (InetAddresses.isInetAddress(bare)
                        && InetAddress.ofLiteral(bare).isLoopbackAddress());
    }

    private static Tls tls(Path ca) throws IOException {
        byte[] pem = Files.readAllBytes(ca);
        try {
            return Tls.builder()
                    .trust(
                            Keys.builder()
                                    .pem(keys ->
                                            keys.certificates(
                                                    Resource.create(
                                                            "authorities",
                                                            new ByteArrayInputStream(pem))))
                                    .build())
                    .build();
        } catch (RuntimeException e) {
            throw new IOException(ca + " does not hold PEM certificates", e);
        }
    }

    public JsonNode get(String path) throws Refused, IOException {
        return send(Method.GET, path, Optional.empty(), null);
    }

    public JsonNode post(String path, JsonNode body) throws Refused, IOException {
        return send(Method.POST, path, Optional.empty(), body);
    }

    /** As {@link #put}. */
    public JsonNode post(String path, Optional<Long> version, JsonNode body)
            throws Refused, IOException {
        return send(Method.POST, path, version, body);
    }

    /**
     * @param version that the change is for, as If-Match has it; empty where none is needed
     */
    public JsonNode put(String path, Optional<Long> version, JsonNode body)
            throws Refused, IOException {
        return send(Method.PUT, path, version, body);
    }

    public JsonNode delete(String path) throws Refused, IOException {
        return send(Method.DELETE, path, Optional.empty(), null);
    }

    /** Copies an answer of any length. */
    public void copy(String path, String type, OutputStream out) throws Refused, IOException {
        HttpClientRequest request = request(Method.GET, path).header(HeaderNames.ACCEPT, type);
        try (HttpClientResponse response = request.request()) {
            if (response.status().code() >= FIRST_ERROR) {
                throw refused(response);
            }
            response.inputStream().transferTo(out);
        } catch (UncheckedIOException | IllegalStateException | IllegalArgumentException e) {
            throw unreachable(e);
        }
    }

    /** A list of many orgs is many requests: a server that has enough of them is waited for. */
    private JsonNode send(
            Method method, String path, Optional<Long> version, @Nullable JsonNode body)
            throws Refused, IOException {
        for (int waited = 0; ; waited++) {
            try {
                return sendOnce(method, path, version, body);
            } catch (Refused refused) {
                if (refused.status() != TOO_MANY || waited == MOST_WAITS) {
                    throw refused;
                }
                rest();
            }
        }
    }

    private static void rest() throws IOException {
        try {
            Thread.sleep(WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the control server was busy", e);
        }
    }

    private JsonNode sendOnce(
            Method method, String path, Optional<Long> version, @Nullable JsonNode body)
            throws Refused, IOException {
        HttpClientRequest request = request(method, path);
        version.ifPresent(number -> request.header(HeaderNames.IF_MATCH, "\"" + number + "\""));
        try (HttpClientResponse response =
                body == null
                        ? request.request()
                        : request.header(HeaderNames.CONTENT_TYPE, "application/json")
                                .submit(body.toString().getBytes(StandardCharsets.UTF_8))) {
            if (response.status().code() >= FIRST_ERROR) {
                throw refused(response);
            }
            return read(response);
        } catch (JacksonException e) {
            throw new IOException("the control server at " + url + " did not answer in JSON", e);
        } catch (RuntimeException e) {
            throw unreachable(e);
        }
    }

    private HttpClientRequest request(Method method, String path) {
        return client.method(method)
                .skipUriEncoding(true) // what is in the path is encoded where it is put together
                .uri(URI.create(url + path))
                .header(HeaderNames.AUTHORIZATION, "Bearer " + token);
    }

    private static Refused refused(HttpClientResponse response) throws IOException {
        JsonNode problem;
        try {
            problem = read(response);
        } catch (JacksonException e) {
            problem = JsonNodeFactory.instance.objectNode(); // a proxy's page
        }
        return new Refused(response.status().code(), problem);
    }

    private static JsonNode read(HttpClientResponse response) throws IOException {
        if (!response.entity().hasEntity()) {
            return JsonNodeFactory.instance.objectNode();
        }
        try (InputStream in = response.inputStream()) {
            byte[] octets = in.readNBytes(MAX_ANSWER + 1);
            if (octets.length > MAX_ANSWER) {
                throw new IOException("the answer is too long");
            }
            return octets.length == 0
                    ? JsonNodeFactory.instance.objectNode()
                    : JSON.readTree(octets);
        }
    }

    private IOException unreachable(RuntimeException cause) {
        return new IOException(
                "the control server at " + url + " does not answer: " + cause.getMessage(), cause);
    }
}
