package io.sallyport.sync.uplink;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** One server, as a node talks to it: a control server, or the API of a cluster. Any thread. */
public final class Uplink implements AutoCloseable {
    /** The longest snapshot has 40,000 patterns; a hostile server must not fill the memory. */
    private static final int MAX_OCTETS = 8 << 20;

    /** That of a service account is a signed document of some 1,500. */
    private static final int MAX_TOKEN_OCTETS = 8192;

    /** What a header can carry (RFC 6750 §2.1 allows less). */
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{1,8000}");

    private static final String JSON = "application/json";
    private static final int OK = 200;

    /** How {@link BodyHandlers#limiting} says so: it has no other way. */
    private static final String LIMITED = "body exceeds capacity";

    /**
     * Where the server is, and how it is proven and convinced.
     *
     * @param url {@code https://HOST[:PORT]}; {@code http} on this host only
     * @param tokenFile read again for each request, so that a token can be replaced
     * @param caFile authorities in PEM that the server's certificate may come from, instead of
     *     those that the JDK trusts
     */
    public record Config(URI url, Path tokenFile, Optional<Path> caFile) {
        public Config {
            require(
                    url.isAbsolute() && url.getHost() != null && url.getUserInfo() == null,
                    url,
                    "should be like https://control.example:7053");
            require(
                    url.getQuery() == null
                            && url.getFragment() == null
                            && (url.getPath().isEmpty() || url.getPath().equals("/")),
                    url,
                    "should end after the host and port");
            boolean http = "http".equalsIgnoreCase(url.getScheme());
            require(
                    http || "https".equalsIgnoreCase(url.getScheme()),
                    url,
                    "should begin with https://");
            require(
                    !http || isThisHost(url.getHost()),
                    url,
                    "would show the token to the network; write https:// (http is for 127.0.0.1"
                            + " and [::1] only)");
        }

        /** Reads the URL from a file or an option. */
        public static Config of(String url, Path tokenFile, Optional<Path> caFile) {
            try {
                return new Config(URI.create(url), tokenFile, caFile);
            } catch (IllegalArgumentException e) {
                throw e.getCause() == null
                        ? e
                        : new IllegalArgumentException(
                                "\"" + url + "\" should be like https://control.example:7053", e);
            }
        }

        private static void require(boolean good, URI url, String otherwise) {
            if (!good) {
                throw new IllegalArgumentException("the server's URL \"" + url + "\" " + otherwise);
            }
        }

        private static boolean isThisHost(String host) {
            try {
                String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
                return host.equals("localhost") || InetAddress.ofLiteral(bare).isLoopbackAddress();
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
    }

    /** What the server said. */
    public record Answer(int status, String body, HttpHeaders headers) {
        /** A header as it was sent; empty where there is none, or more than one. */
        public String header(String name) {
            List<String> values = headers.allValues(name);
            return values.size() == 1 ? values.getFirst() : "";
        }
    }

    /** The answer is longer than any that is read. */
    public static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;

        TooLong(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Is told of a line. */
    public interface Line {
        void said(String line) throws IOException;
    }

    private final Config config;
    private final HttpClient client;

    private Uplink(Config config, HttpClient client) {
        this.config = config;
        this.client = client;
    }

    /**
     * @throws IOException if a file cannot be read; nothing is sent yet
     */
    public static Uplink open(Config config) throws IOException {
        HttpClient.Builder client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .proxy(HttpClient.Builder.NO_PROXY);
        if (config.caFile().isPresent()) {
            client.sslContext(Trust.only(config.caFile().get()));
        }
        Uplink uplink = new Uplink(config, client.build());
        var _ = uplink.token();
        return uplink;
    }

    /** The server, for messages. */
    public String name() {
        return config.url().toString();
    }

    /**
     * Asks for something.
     *
     * @param path with its query, from the first slash on
     * @throws IOException if no answer came in time; the message says from whom and why
     */
    public Answer get(String path, Duration within) throws IOException {
        return get(path, JSON, within);
    }

    /**
     * As {@link #get(String, Duration)}.
     *
     * @param accept which form of it
     */
    public Answer get(String path, String accept, Duration within) throws IOException {
        return send(request(path, accept).GET(), within);
    }

    /** Sends JSON. As {@link #get}. */
    public Answer post(String path, String json, Duration within) throws IOException {
        return send(
                request(path, JSON)
                        .header("Content-Type", JSON)
                        .POST(HttpRequest.BodyPublishers.ofString(json, StandardCharsets.UTF_8)),
                within);
    }

    /**
     * Changes something. As {@link #get}.
     *
     * @param type how the change is written
     */
    public Answer patch(String path, String type, String change, Duration within)
            throws IOException {
        return send(
                request(path, JSON)
                        .header("Content-Type", type)
                        .method(
                                "PATCH",
                                HttpRequest.BodyPublishers.ofString(
                                        change, StandardCharsets.UTF_8)),
                within);
    }

    /**
     * Follows an answer that goes on, line by line, until the server ends it.
     *
     * @param within what the whole of it may take; then it is cut off, which is no error
     * @param each is told of each line; what it throws ends this
     * @return 200, or the status of an answer whose lines are not read
     */
    public int lines(String path, String accept, Duration within, Line each) throws IOException {
        HttpRequest request = request(path, accept).GET().timeout(within).build();
        HttpResponse<InputStream> response;
        try {
            response = client.send(request, BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + name() + " was asked", e);
        } catch (IOException e) {
            throw new IOException(name() + " does not answer: " + reason(e), e);
        }
        try (Flow flow = new Flow(response.body(), within)) {
            if (response.statusCode() == OK) {
                flow.each(each);
            }
        }
        return response.statusCode();
    }

    private HttpRequest.Builder request(String path, String accept) throws IOException {
        return HttpRequest.newBuilder(config.url().resolve(path))
                .header("Authorization", "Bearer " + token())
                .header("Accept", accept);
    }

    /** The whole exchange, not only its beginning: a server may send an octet a second. */
    private Answer send(HttpRequest.Builder request, Duration within) throws IOException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(
                        request.build(),
                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_OCTETS));
        try {
            HttpResponse<byte[]> response = answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(response.statusCode(), text(response.body()), response.headers());
        } catch (TimeoutException e) {
            throw new IOException(
                    name() + " did not answer within " + within.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            String reason = reason(e);
            if (reason.startsWith(LIMITED)) {
                throw new TooLong(name() + " answers with more than " + MAX_OCTETS + " octets", e);
            }
            throw new IOException(name() + " does not answer: " + reason, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + name() + " was asked", e);
        } finally {
            answer.cancel(true);
        }
    }

    private String text(byte[] body) throws IOException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(name() + " did not answer in UTF-8", e);
        }
    }

    private static String reason(Exception failure) {
        boolean certificate = false;
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
            certificate |= root instanceof GeneralSecurityException;
        }
        String message = root.getMessage();
        String said =
                message == null || message.isBlank() ? root.getClass().getSimpleName() : message;
        if (!certificate) {
            return said;
        }
        return "its certificate is refused: "
                + (root instanceof CertificateExpiredException ? "it has expired, " : "")
                + said;
    }

    private String token() throws IOException {
        Path file = config.tokenFile();
        try (var in = Files.newInputStream(file)) {
            byte[] octets = in.readNBytes(MAX_TOKEN_OCTETS);
            String token = new String(octets, StandardCharsets.UTF_8).strip();
            if (!TOKEN.matcher(token).matches()) {
                throw new IOException(
                        "token file " + file + " should hold one token and nothing else");
            }
            return token;
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException("there is no token file " + file, e);
        } catch (java.nio.file.AccessDeniedException e) {
            throw new IOException("token file " + file + " cannot be read: permission denied", e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
