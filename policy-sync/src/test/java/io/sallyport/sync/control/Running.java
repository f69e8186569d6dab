package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.doorman.Doorman;
import io.sallyport.sync.limit.RateLimit.Rate;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A control server on loopback over a real store with the orgs acme and beta, and somebody of each
 * role. Every answer is held against {@code openapi.yaml}.
 */
final class Running implements AutoCloseable {
    static final Control.Rates UNLIMITED =
            new Control.Rates(
                    new Rate(1_000_000, 1_000_000, Duration.ofSeconds(1)),
                    new Rate(1_000_000, 1_000_000, Duration.ofSeconds(1)),
                    new Rate(1_000_000, 1_000_000, Duration.ofSeconds(1)));

    private static final Author TEST = new Author("test", "");
    private static final JsonMapper JSON = new JsonMapper();

    /** Who asks. */
    enum Who {
        PLATFORM,
        ADMIN,
        VIEWER,
        NODE,
        /** The admin of another org, beta. */
        OTHER,
        NOBODY
    }

    record Answer(int status, HttpHeaders headers, String body) {
        JsonNode json() {
            return JSON.readTree(body);
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    final Database database;
    final AuditTrail audit;
    final OrgStore orgs;
    final Tokens tokens;
    private final Control control;
    private final Contract contract = new Contract();
    private final Map<Who, String> secrets = new EnumMap<>(Who.class);
    private final HttpClient client = HttpClient.newHttpClient();

    static Running start(Path directory) throws Exception {
        return start(directory, UNLIMITED, InstantSource.system());
    }

    static Running start(Path directory, Control.Rates rates, InstantSource clock)
            throws Exception {
        Control.Limits limits = new Control.Limits(rates, Control.Sizes.DEFAULT);
        return new Running(Database.open(directory), limits, clock, Doorman.Patience.DEFAULT);
    }

    static Running start(Path directory, Doorman.Patience patience) throws Exception {
        Control.Limits limits = new Control.Limits(UNLIMITED, Control.Sizes.DEFAULT);
        return new Running(Database.open(directory), limits, InstantSource.system(), patience);
    }

    static Running start(Path directory, Control.Sizes sizes) throws Exception {
        Control.Limits limits = new Control.Limits(UNLIMITED, sizes);
        return new Running(
                Database.open(directory), limits, InstantSource.system(), Doorman.Patience.DEFAULT);
    }

    private Running(
            Database database,
            Control.Limits limits,
            InstantSource clock,
            Doorman.Patience patience)
            throws Exception {
        this.database = database;
        audit = new AuditTrail(database);
        orgs = OrgStore.of(database, clock);
        tokens = new Tokens(database, clock);
        control =
                Control.start(
                        new Control.Config(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                Optional.empty(),
                                SignIn.Config.DEFAULT,
                                limits),
                        database,
                        clock,
                        patience);
        orgs.create("acme", Settings.forNewOrg(), TEST);
        orgs.create("beta", Settings.forNewOrg(), TEST);
        token(Who.PLATFORM, Role.PLATFORM_ADMIN, Optional.empty());
        token(Who.ADMIN, Role.ORG_ADMIN, Optional.of("acme"));
        token(Who.VIEWER, Role.ORG_VIEWER, Optional.of("acme"));
        secrets.put(
                Who.NODE,
                tokens.create(
                                "node",
                                Role.NODE,
                                Optional.empty(),
                                Optional.of("n1"),
                                Optional.empty(),
                                TEST)
                        .secret());
        token(Who.OTHER, Role.ORG_ADMIN, Optional.of("beta"));
    }

    private void token(Who who, Role role, Optional<String> org) throws Exception {
        secrets.put(who, tokens.create(who.name(), role, org, Optional.empty(), TEST).secret());
    }

    String url() {
        return control.url();
    }

    String secret(Who who) {
        return secrets.getOrDefault(who, "");
    }

    Answer get(Who who, String path, String... headers) {
        return send(who, "GET", path, BodyPublishers.noBody(), headers);
    }

    Answer post(Who who, String path, String body, String... headers) {
        return send(who, "POST", path, text(body), json(headers));
    }

    Answer put(Who who, String path, String body, String... headers) {
        return send(who, "PUT", path, text(body), json(headers));
    }

    Answer delete(Who who, String path) {
        return send(who, "DELETE", path, BodyPublishers.noBody());
    }

    private static BodyPublisher text(String body) {
        return BodyPublishers.ofString(body, StandardCharsets.UTF_8);
    }

    private static String[] json(String... headers) {
        String[] more = java.util.Arrays.copyOf(headers, headers.length + 2);
        more[headers.length] = "Content-Type";
        more[headers.length + 1] = "application/json";
        return more;
    }

    Answer send(Who who, String method, String path, BodyPublisher body, String... headers) {
        return with(secret(who), method, path, body, headers);
    }

    /**
     * @param token empty for none
     */
    Answer with(String token, String method, String path, BodyPublisher body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url() + path))
                        .method(method, body)
                        .timeout(Duration.ofSeconds(60));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            Answer answer = new Answer(response.statusCode(), response.headers(), response.body());
            check(method, path, answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void check(String method, String path, Answer answer) {
        try {
            String bare = URI.create(path).getRawPath();
            contract.check(Target.of(method, bare).endpoint(), answer);
        } catch (Problem notOurs) {
            if (answer.status() > 399) {
                assertThat(answer.header("content-type")).isEqualTo(Problem.TYPE);
            }
        }
    }

    /** A browser of somebody, which signs in with their token; gives its cookie. */
    String signIn(Who who) {
        Answer answer =
                with(
                        "",
                        "POST",
                        "/signin",
                        text("{\"token\": \"" + secret(who) + "\"}"),
                        json("Sec-Fetch-Site", "same-origin"));
        assertThat(answer.status()).isEqualTo(204);
        String cookie = answer.header("set-cookie");
        return cookie.substring(0, cookie.indexOf(';'));
    }

    /** The rows of the audit trail: nothing changes without one. */
    long changes() {
        try {
            return audit.newest(Optional.empty(), Long.MAX_VALUE, 1).getFirst().number();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The ETag of acme's settings. */
    String version() {
        return get(Who.PLATFORM, "/v1/orgs/acme/network-access").header("etag");
    }

    @Override
    public void close() {
        client.close();
        control.close();
        database.close();
    }
}
