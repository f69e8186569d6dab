package io.sallyport.sync.signin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sallyport.sync.document.Document;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An OpenID provider with real keys, made of the JDK alone: it shares no code with the client it
 * tests. It asks for all that RFC 9700 has a client do, signs everybody in as {@link #person}, and
 * misbehaves as it is told.
 */
final class TestProvider implements AutoCloseable {
    static final String CLIENT = "sallyport console";
    static final String SECRET = "s3cret/of+the:client%";

    /** What it does wrong. */
    enum Twist {
        NONE,
        OTHER_NONCE,
        NO_NONCE,
        OTHER_ISSUER,
        OTHER_AUDIENCE,
        NO_AUDIENCE,
        MORE_AUDIENCES_WITHOUT_PARTY,
        OTHER_PARTY,
        EXPIRED,
        NO_EXPIRY,
        FROM_THE_FUTURE,
        NO_SUBJECT,
        ALG_NONE,
        HS256_WITH_PUBLIC_KEY,
        HS256_WITH_CLIENT_SECRET,
        OTHER_KEY,
        UNKNOWN_KEY_ID,
        KEY_IN_HEADER,
        SHORT_KEY,
        CHANGED_AFTER_SIGNING,
        NOT_A_TOKEN,
        NO_ID_TOKEN,
        NOT_JSON,
        REDIRECTS,
        TOO_LONG,
        TOO_SLOW,
        OTHER_ISS_IN_ANSWER,
        NO_ISS_IN_ANSWER,
        SAYS_ACCESS_DENIED
    }

    private record Grant(String nonce, String challenge, String redirect) {}

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final HttpServer server;

    /** Made once: each pair takes a good part of a second. */
    private static final TestKeys SIGNING = new TestKeys();

    private final Map<String, Grant> codes = new ConcurrentHashMap<>();
    private final String redirect;

    volatile Twist twist = Twist.NONE;
    volatile boolean elliptic;
    volatile Map<String, Object> person =
            Map.of("sub", "248289761001", "email", "ada@example.com", "groups", List.of("staff"));

    /** Every secret that it gave out or was shown, for tests that look for them elsewhere. */
    final List<String> secrets = new CopyOnWriteArrayList<>();

    final AtomicInteger keyRequests = new AtomicInteger();
    volatile String keyId = "1";

    /**
     * @param redirect the one address it sends people back to
     */
    TestProvider(String redirect) throws IOException {
        this.redirect = redirect;
        server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/.well-known/openid-configuration", this::discovery);
        server.createContext("/authorize", this::authorize);
        server.createContext("/token", this::token);
        server.createContext("/keys", this::keys);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void discovery(HttpExchange exchange) throws IOException {
        json(
                exchange,
                200,
                Map.of(
                        "issuer",
                        issuer(),
                        "authorization_endpoint",
                        issuer() + "/authorize",
                        "token_endpoint",
                        issuer() + "/token",
                        "jwks_uri",
                        issuer() + "/keys",
                        "response_types_supported",
                        List.of("code"),
                        "subject_types_supported",
                        List.of("public"),
                        "id_token_signing_alg_values_supported",
                        List.of("RS256", "ES256", "HS256", "none"),
                        "authorization_response_iss_parameter_supported",
                        true));
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> query = form(exchange.getRequestURI().getRawQuery());
        boolean asItMustBe =
                "code".equals(query.get("response_type"))
                        && CLIENT.equals(query.get("client_id"))
                        && redirect.equals(query.get("redirect_uri"))
                        && "S256".equals(query.get("code_challenge_method"))
                        && query.getOrDefault("code_challenge", "").length() == 43
                        && query.getOrDefault("state", "").length() >= 22
                        && query.getOrDefault("nonce", "").length() >= 22
                        && Arrays.asList(query.getOrDefault("scope", "").split(" ", -1))
                                .contains("openid");
        if (!asItMustBe) {
            send(exchange, 400, "text/plain", "not a request that RFC 9700 knows");
            return;
        }
        String code = random();
        codes.put(
                code,
                new Grant(
                        query.getOrDefault("nonce", ""),
                        query.getOrDefault("code_challenge", ""),
                        redirect));
        secrets.addAll(List.of(code, query.get("state"), query.get("nonce")));
        Map<String, String> answer = new TreeMap<>(Map.of("state", query.get("state")));
        if (twist == Twist.SAYS_ACCESS_DENIED) {
            answer.put("error", "access_denied");
            answer.put("error_description", "<script>alert(1)</script>");
        } else {
            answer.put("code", code);
        }
        if (twist != Twist.NO_ISS_IN_ANSWER) {
            answer.put(
                    "iss", twist == Twist.OTHER_ISS_IN_ANSWER ? "https://evil.example" : issuer());
        }
        StringBuilder location = new StringBuilder(redirect).append('?');
        answer.forEach((name, value) ->
                location.append(name)
                        .append('=')
                        .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                        .append('&'));
        exchange.getResponseHeaders().set("Location", location.toString());
        send(exchange, 302, "text/plain", "");
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> form =
                form(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String basic =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (encoded(CLIENT) + ":" + encoded(SECRET))
                                                .getBytes(StandardCharsets.UTF_8));
        if (!basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            json(exchange, 401, Map.of("error", "invalid_client"));
            return;
        }
        Grant grant = codes.remove(form.getOrDefault("code", ""));
        String verifier = form.getOrDefault("code_verifier", "");
        secrets.add(verifier);
        if (grant == null
                || !"authorization_code".equals(form.get("grant_type"))
                || !grant.redirect().equals(form.get("redirect_uri"))
                || !grant.challenge().equals(BASE64.encodeToString(sha256(verifier)))) {
            json(exchange, 400, Map.of("error", "invalid_grant"));
            return;
        }
        answer(exchange, grant);
    }

    private void answer(HttpExchange exchange, Grant grant) throws IOException {
        String access = random();
        String token = idToken(grant);
        secrets.addAll(List.of(access, token));
        Map<String, Object> body =
                new TreeMap<>(
                        Map.of(
                                "access_token",
                                access,
                                "token_type",
                                "Bearer",
                                "expires_in",
                                300L,
                                "id_token",
                                token));
        switch (twist) {
            case NO_ID_TOKEN -> body.remove("id_token");
            case NOT_A_TOKEN -> body.put("id_token", "not.a.token");
            case TOO_LONG -> body.put("more", "x".repeat(1 << 20));
            default -> {}
        }
        if (twist == Twist.NOT_JSON) {
            send(exchange, 200, "text/html", "<p>please wait</p>");
        } else if (twist == Twist.REDIRECTS) {
            exchange.getResponseHeaders().set("Location", issuer() + "/token");
            send(exchange, 307, "text/plain", "");
        } else if (twist == Twist.TOO_SLOW) {
            drip(exchange);
        } else {
            json(exchange, 200, body);
        }
    }

    /** An octet now and then, which no timeout between two octets ends. */
    private static void drip(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        try (var out = exchange.getResponseBody()) {
            while (!Thread.currentThread().isInterrupted()) {
                out.write(' ');
                out.flush();
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keys(HttpExchange exchange) throws IOException {
        keyRequests.incrementAndGet();
        json(exchange, 200, Map.of("keys", SIGNING.published(keyId)));
    }

    private String idToken(Grant grant) {
        long now = Instant.now().getEpochSecond();
        Map<String, Object> claims = new HashMap<>(person);
        claims.putAll(
                Map.of(
                        "iss",
                        issuer(),
                        "aud",
                        CLIENT,
                        "iat",
                        now,
                        "exp",
                        now + 300,
                        "nonce",
                        grant.nonce()));
        switch (twist) {
            case OTHER_NONCE -> claims.put("nonce", random());
            case NO_NONCE -> claims.remove("nonce");
            case OTHER_ISSUER -> claims.put("iss", issuer() + "/");
            case OTHER_AUDIENCE -> claims.put("aud", "another client");
            case NO_AUDIENCE -> claims.remove("aud");
            case MORE_AUDIENCES_WITHOUT_PARTY -> claims.put("aud", List.of(CLIENT, "another"));
            case OTHER_PARTY -> claims.put("azp", "another client");
            case EXPIRED -> claims.putAll(Map.of("iat", now - 900, "exp", now - 600));
            case NO_EXPIRY -> claims.remove("exp");
            case FROM_THE_FUTURE -> claims.putAll(Map.of("iat", now + 600, "exp", now + 900));
            case NO_SUBJECT -> claims.remove("sub");
            default -> {}
        }
        return SIGNING.sign(Document.canonical(claims), twist, elliptic, keyId);
    }

    private static String random() {
        byte[] octets = new byte[24];
        RANDOM.nextBytes(octets);
        return BASE64.encodeToString(octets);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static Map<String, String> form(String text) {
        Map<String, String> fields = new HashMap<>();
        for (String pair : text.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            String before =
                    fields.put(
                            URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                            parts.length == 1
                                    ? ""
                                    : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            if (before != null) {
                throw new IllegalArgumentException("a field twice: " + parts[0]);
            }
        }
        return fields;
    }

    private static void json(HttpExchange exchange, int status, Map<String, Object> body)
            throws IOException {
        send(exchange, status, "application/json", Document.canonical(body));
    }

    private static void send(HttpExchange exchange, int status, String type, String body)
            throws IOException {
        byte[] octets = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, octets.length == 0 ? -1 : octets.length);
        try (var out = exchange.getResponseBody()) {
            out.write(octets);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
