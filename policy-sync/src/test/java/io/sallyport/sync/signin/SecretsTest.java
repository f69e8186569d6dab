package io.sallyport.sync.signin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.control.Control;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.port.FreePort;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.signin.SignIn.Config;
import io.sallyport.sync.signin.TestProvider.Twist;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The control server with its log at its loudest, while people and programs do all that goes well
 * and much that does not: none of the secrets they show, or are given, is written down.
 */
class SecretsTest {
    private static final Author AUTHOR = new Author("test", "");
    private static final Pattern TOKEN = Pattern.compile("spt_[A-Za-z0-9_-]{20,}");

    @TempDir Path directory;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Level usual = root.getLevel();

    /** The JDK's server that the provider of this test stands on; it is no part of the program. */
    private final Logger providers = (Logger) LoggerFactory.getLogger("com.sun.net.httpserver");

    private final List<String> secrets = new ArrayList<>();
    private String url = "";

    @BeforeEach
    void listen() {
        root.setLevel(Level.TRACE);
        providers.setLevel(Level.OFF);
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        root.detachAppender(log);
        root.setLevel(usual);
        providers.setLevel(null);
    }

    @Test
    void noSecretIsWrittenToTheLogTheTrailOrTheStore() throws Exception {
        int port = FreePort.any();
        url = "http://127.0.0.1:" + port;
        try (TestProvider provider = new TestProvider(url + "/signin/callback");
                Database database = Database.open(directory.resolve("data"));
                Control control =
                        Control.start(
                                new Control.Config(
                                        new InetSocketAddress(
                                                InetAddress.ofLiteral("127.0.0.1"), port),
                                        Optional.empty(),
                                        Config.read(
                                                Document.yaml(
                                                        House.yaml(provider, url, directory))),
                                        Control.Limits.DEFAULT),
                                database)) {
            assertThat(control).isNotNull();
            Tokens tokens = new Tokens(database, InstantSource.system());
            var _ =
                    OrgStore.of(database, InstantSource.system())
                            .create("acme", Settings.forNewOrg(), AUTHOR);
            secrets.add(TestProvider.SECRET);

            byProvider(provider);
            byToken(tokens);
            byProgram(tokens);
            secrets.addAll(provider.secrets);

            look("log", lines());
            look("trail", trail(database));
            look("store", store(provider));
        }
    }

    private void byProvider(TestProvider provider) {
        for (Twist twist :
                List.of(
                        Twist.NONE,
                        Twist.OTHER_NONCE,
                        Twist.ALG_NONE,
                        Twist.NOT_A_TOKEN,
                        Twist.NOT_JSON,
                        Twist.NO_ID_TOKEN,
                        Twist.REDIRECTS,
                        Twist.CHANGED_AFTER_SIGNING,
                        Twist.SAYS_ACCESS_DENIED)) {
            provider.twist = twist;
            try (Browser browser = new Browser()) {
                browser.visit(url + "/signin");
                note(browser);
                String csrf = csrf(browser);
                browser.get(url + "/signin/callback?code=" + csrf + "&code=" + csrf);
                browser.write("POST", url + "/signout", "", "Origin", url, SignIn.CSRF, csrf);
            }
        }
        provider.twist = Twist.NONE;
    }

    private void byToken(Tokens tokens) throws Exception {
        String secret =
                tokens.create(
                                "ada",
                                Role.PLATFORM_ADMIN,
                                Optional.empty(),
                                Optional.empty(),
                                AUTHOR)
                        .secret();
        String wrong = "spt_" + Secret.fresh().text();
        secrets.addAll(List.of(secret, wrong));
        try (Browser browser = new Browser()) {
            assertThat(House.show(browser, url, wrong)).isEqualTo(401);
            assertThat(House.show(browser, url, secret)).isEqualTo(204);
            note(browser);
            String broken = "{\"token\":\"" + secret + "\",\"" + secret + "\":1";
            browser.write("POST", url + "/signin", broken, "Origin", url);
            browser.write("POST", url + "/signin", broken + "}", "Origin", url);
            String body = Document.canonical(Map.of("name", "made", "role", "node", "node", "n1"));
            HttpResponse<String> made =
                    browser.write(
                            "POST",
                            url + "/v1/tokens",
                            body,
                            "Origin",
                            url,
                            SignIn.CSRF,
                            csrf(browser),
                            "Idempotency-Key",
                            "made-in-a-test-1");
            assertThat(made.statusCode()).isEqualTo(201);
            Matcher shown = TOKEN.matcher(made.body());
            assertThat(shown.find()).as("a token is shown once").isTrue();
            secrets.add(shown.group());
        }
    }

    /** A token where it belongs, and in all the places where people put it by mistake. */
    private void byProgram(Tokens tokens) throws Exception {
        String secret =
                tokens.create("ci", Role.ORG_ADMIN, Optional.of("acme"), Optional.empty(), AUTHOR)
                        .secret();
        secrets.add(secret);
        try (Browser program = new Browser()) {
            for (String bearer : List.of("Bearer " + secret, secret, "Bearer x" + secret)) {
                for (String path :
                        List.of(
                                "/v1/me",
                                "/v1/orgs/acme/network-access",
                                "/v1/orgs/" + secret + "/network-access",
                                "/v1/me?token=" + secret,
                                "/" + secret,
                                "/v1/orgs/acme/explain?name=" + secret + "..")) {
                    program.write("GET", url + path, "", "Authorization", bearer);
                }
                program.write(
                        "PUT",
                        url + "/v1/orgs/acme/network-access",
                        "{\"level\":\"" + secret + "\"",
                        "Authorization",
                        bearer);
            }
        }
    }

    private void note(Browser browser) {
        secrets.addAll(browser.cookies(url).values());
    }

    private String csrf(Browser browser) {
        Matcher csrf =
                Pattern.compile("\"csrf\":\"([^\"]+)\"")
                        .matcher(browser.get(url + "/v1/me").body());
        if (!csrf.find()) {
            return "nobody-is-signed-in";
        }
        secrets.add(csrf.group(1));
        return csrf.group(1);
    }

    private String lines() {
        return List.copyOf(log.list).stream()
                .map(event ->
                        event.getFormattedMessage()
                                + (event.getThrowableProxy() == null
                                        ? ""
                                        : ThrowableProxyUtil.asString(event.getThrowableProxy())))
                .collect(Collectors.joining("\n"));
    }

    private static String trail(Database database) throws IOException {
        return new AuditTrail(database)
                .read(Optional.empty(), 0, 1_000).stream()
                        .map(row -> Document.canonical(row.document()))
                        .collect(Collectors.joining("\n"));
    }

    /** Nonce and verifier of a sign-in that is under way are kept, for ten minutes at most. */
    private String store(TestProvider provider) throws IOException {
        secrets.removeAll(provider.secrets);
        StringBuilder octets = new StringBuilder();
        try (Stream<Path> files = Files.list(directory.resolve("data"))) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith("sallyport.db")) {
                    octets.append(
                            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
                }
            }
        }
        return octets.toString();
    }

    private void look(String where, String text) {
        assertThat(text).as(where).isNotEmpty();
        assertThat(secrets).as("the test saw them").hasSizeGreaterThan(10);
        for (String secret : secrets) {
            assertThat(text.contains(secret)).as("%s has %s", where, secret).isFalse();
        }
        if (where.equals("log")) {
            assertThat(text).contains("signed in id=person-", "sign-in refused reason=");
        }
    }
}
