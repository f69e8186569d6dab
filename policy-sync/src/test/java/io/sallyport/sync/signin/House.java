package io.sallyport.sync.signin;

import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.port.FreePort;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.signin.SignIn.Config;
import io.sallyport.sync.signin.SignIn.Refused;
import io.sallyport.sync.signin.SignIn.Visitor;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Created;
import io.sallyport.sync.token.Tokens.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/** A server that people sign in to, with two paths of its own: {@code /who} and {@code /change}. */
final class House implements AutoCloseable {
    static final Author AUTHOR = new Author("test", "");

    /** The real time, and what a test adds to it: tokens of a provider are of the real time. */
    static final class ManualClock extends Clock {
        private volatile Duration added = Duration.ZERO;

        void pass(Duration time) {
            added = added.plus(time);
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(added);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }

    final ManualClock clock = new ManualClock();
    final Path data;
    final Database database;
    final Tokens tokens;
    final String url;
    private final int port;
    private SignIn signIn;
    private WebServer server;

    /** What an administrator writes below {@code sign-in:}, for the house that it is for. */
    interface Setup {
        String yaml(House house) throws IOException;
    }

    private House(Path data, int port, Setup setup) throws IOException {
        this.data = data;
        this.port = port;
        this.url = "http://127.0.0.1:" + port;
        this.database = Database.open(data);
        this.tokens = new Tokens(database, clock);
        this.signIn = signIn(setup.yaml(this));
        this.server = serve();
    }

    /** Tokens only. */
    static House open(Path data) throws IOException {
        return open(data, house -> "{}");
    }

    static House open(Path data, Setup setup) throws IOException {
        return new House(data, FreePort.any(), setup);
    }

    private SignIn signIn(String yaml) throws IOException {
        return SignIn.open(Config.read(Document.yaml(yaml)), database, tokens, clock);
    }

    /** Stops, and is there again, as after a restart. */
    void restart(Setup setup) throws IOException {
        server.stop();
        signIn.close();
        signIn = signIn(setup.yaml(this));
        server = serve();
    }

    /** With a provider, whose staff may look at acme and whose admins may do everything. */
    String yaml(TestProvider provider) throws IOException {
        return yaml(provider, url, data);
    }

    static String yaml(TestProvider provider, String url, Path data) throws IOException {
        Path secret = data.resolve("client-secret");
        Files.writeString(secret, TestProvider.SECRET + "\n");
        return """
        public-url: %s
        issuer: %s
        client-id: %s
        client-secret-file: %s
        groups:
          - {group: admin, role: platform-admin}
          - {group: acme admins, role: org-admin, org: acme}
          - {group: staff, role: org-viewer, org: acme}
        """
                .formatted(url, provider.issuer(), TestProvider.CLIENT, secret);
    }

    private WebServer serve() {
        return WebServer.builder()
                .host("127.0.0.1")
                .port(port)
                .shutdownHook(false)
                .routing(this::routing)
                .build()
                .start();
    }

    private void routing(HttpRouting.Builder routing) {
        routing.register(signIn)
                .get("/", (request, response) -> response.send("the console"))
                .get("/console/page", (request, response) -> response.send("a page"))
                .get("/who", this::who)
                .any("/change", this::who);
    }

    private void who(ServerRequest request, ServerResponse response) throws IOException {
        try {
            Optional<Visitor> visitor = signIn.visitor(request);
            if (visitor.isEmpty()) {
                response.status(Status.UNAUTHORIZED_401).send();
                return;
            }
            Visitor found = visitor.get();
            response.send(
                    found.holder().name()
                            + "|"
                            + found.holder().role().text()
                            + "|"
                            + found.holder().org().orElse("-")
                            + "|"
                            + found.csrf());
        } catch (Refused e) {
            response.status(Status.FORBIDDEN_403).send(String.valueOf(e.getMessage()));
        }
    }

    Created token(Role role, String org) throws IOException, Refusal {
        return tokens.create(
                "ada's laptop",
                role,
                Optional.of(org).filter(text -> !text.isEmpty()),
                role == Role.NODE ? Optional.of("n1") : Optional.empty(),
                Optional.of(clock.instant().plus(Duration.ofDays(1))),
                AUTHOR);
    }

    void org(String name) throws IOException, Refusal {
        var _ = OrgStore.of(database, clock).create(name, Settings.forNewOrg(), AUTHOR);
    }

    /** Signs in with a token, as the console does it. */
    static int show(Browser browser, String url, String secret) {
        return browser.write(
                        "POST",
                        url + "/signin",
                        Document.canonical(Map.of("token", secret)),
                        "Sec-Fetch-Site",
                        "same-origin")
                .statusCode();
    }

    /** Name, role and org; or the status that was answered. */
    static String who(Browser browser, String url) {
        var answer = browser.get(url + "/who");
        return answer.statusCode() == 200
                ? answer.body().substring(0, answer.body().lastIndexOf('|'))
                : Integer.toString(answer.statusCode());
    }

    static String csrf(Browser browser, String url) {
        String answer = browser.get(url + "/who").body();
        return answer.substring(answer.lastIndexOf('|') + 1);
    }

    @Override
    public void close() {
        server.stop();
        signIn.close();
        database.close();
    }
}
