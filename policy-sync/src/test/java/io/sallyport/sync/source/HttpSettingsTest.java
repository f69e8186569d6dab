package io.sallyport.sync.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource.Refused;
import io.sallyport.sync.uplink.Uplink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pull of a policy over HTTP, from a server that does what a test wants. */
class HttpSettingsTest {
    private static final String TOKEN = "spt_0123456789";
    private static final Snapshot ACME =
            Snapshot.of(
                    "acme",
                    null,
                    7,
                    "settings",
                    Settings.of(Level.PACKAGE_MANAGERS),
                    Presets.shipped());

    /** What is answered next; the last one again and again. */
    private record Reply(int status, String body, String etag, String namespace) {
        Reply(int status, String body, String etag) {
            this(status, body, etag, "");
        }
    }

    @TempDir private Path directory;
    private final Deque<Reply> replies = new ConcurrentLinkedDeque<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private Path tokenFile;

    @BeforeEach
    void serve() throws IOException {
        tokenFile = directory.resolve("token");
        Files.writeString(tokenFile, TOKEN + "\n");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/",
                exchange -> {
                    asked.add(
                            exchange.getRequestURI()
                                    + " "
                                    + exchange.getRequestHeaders().getFirst("Authorization"));
                    Reply reply = replies.size() > 1 ? replies.pop() : replies.peek();
                    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
                    if (!reply.etag().isEmpty()) {
                        exchange.getResponseHeaders().set("ETag", reply.etag());
                    }
                    if (!reply.namespace().isEmpty()) {
                        exchange.getResponseHeaders().set("Sallyport-Namespace", reply.namespace());
                    }
                    exchange.sendResponseHeaders(
                            reply.status(), body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(int status, String body) {
        replies.add(new Reply(status, body, ""));
    }

    private Uplink.Config at(int port) {
        return Uplink.Config.of("http://127.0.0.1:" + port, tokenFile, Optional.empty());
    }

    private Snapshot pull(@Nullable String agent) throws Refused, IOException {
        try (PolicySource source = PolicySource.http(at(server.getAddress().getPort()))) {
            return source.pull("acme", agent);
        }
    }

    @Test
    void snapshotIsTheOneThatTheServerHas() throws Exception {
        replies.add(new Reply(200, ACME.json(), "\"" + ACME.digest() + "\""));

        assertThat(pull("reporter.1").digest()).isEqualTo(ACME.digest());
        assertThat(asked).containsExactly("/v1/orgs/acme/policy?agent=reporter.1 Bearer " + TOKEN);
    }

    @Test
    void podsNamespaceGoesAlongAndWhoMayNotNameTheOrgIsRefused() throws Exception {
        replies.add(new Reply(200, ACME.json(), "\"" + ACME.digest() + "\"", "team-a"));
        replies.add(new Reply(403, "{\"detail\":\"pods of team-b may not name acme\"}", ""));

        try (PolicySource source = PolicySource.http(at(server.getAddress().getPort()))) {
            assertThat(source.pull("acme", "bob", "team-a").digest()).isEqualTo(ACME.digest());
            assertThatThrownBy(() -> source.pull("acme", null, "team-b"))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("pods of team-b may not name acme");
            assertThatThrownBy(() -> source.pull("acme", null, "team-b&agent=x"))
                    .isInstanceOf(Refused.class);
        }
        assertThat(asked)
                .containsExactly(
                        "/v1/orgs/acme/policy?agent=bob&namespace=team-a Bearer " + TOKEN,
                        "/v1/orgs/acme/policy?namespace=team-b Bearer " + TOKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "team-b"})
    void serviceThatDoesNotLookAtTheNamespaceGivesItsPodsNothing(String said) throws Exception {
        replies.add(new Reply(200, ACME.json(), "", said));

        try (PolicySource source = PolicySource.http(at(server.getAddress().getPort()))) {
            assertThatThrownBy(() -> source.pull("acme", null, "team-a"))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("Sallyport-Namespace: team-a");
            assertThat(source.pull("acme", null).digest()).isEqualTo(ACME.digest());
        }
    }

    @Test
    void policyThatIsNotTheOneOfItsEtagIsRefused() {
        replies.add(new Reply(200, ACME.json(), "\"" + "0".repeat(64) + "\""));

        assertThatThrownBy(() -> pull(null)).hasMessageContaining("ETag");
    }

    @Test
    void policyOfAnotherOrgOrAgentIsRefused() {
        answer(200, ACME.json().replace("\"org\":\"acme\"", "\"org\":\"other\""));
        assertThatThrownBy(() -> pull(null)).hasMessageContaining("org other");
        replies.clear();
        answer(200, ACME.json().replace("\"org\":", "\"agent\":\"builder\",\"org\":"));
        assertThatThrownBy(() -> pull("reporter")).hasMessageContaining("agent builder");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    403 | {"detail":"agent x has code execution off"} | agent x has code execution off
                    404 | {"detail":"there is no org acme"}            | there is no org acme
                    404 | no JSON at all                               | knows no org acme
                    422 | {"status":422}                               | refuses the session with status 422
                    """)
    void noOfTheServerIsTheReason(int status, String body, String reason) {
        answer(status, body);

        assertThatThrownBy(() -> pull(null))
                .isInstanceOf(Refused.class)
                .hasMessageContaining(reason);
        assertThat(asked).hasSize(1);
    }

    @Test
    void unknownTokenIsSaidAndTheTokenIsNot() {
        answer(401, "{\"detail\":\"" + TOKEN + "\"}");

        assertThatThrownBy(() -> pull(null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("token")
                .satisfies(failure -> assertThat(failure.toString()).doesNotContain(TOKEN));
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 503, 429})
    void serverInTroubleIsAskedAgain(int status) throws Exception {
        answer(status, "");
        answer(200, ACME.json());

        assertThat(pull(null).digest()).isEqualTo(ACME.digest());
        assertThat(asked).hasSize(2);
    }

    @Test
    void troubleThatStaysRefusesTheSessionWithTheReason() {
        answer(503, "{\"detail\":\"the database is down\"}");

        assertThatThrownBy(() -> pull(null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("503")
                .hasMessageContaining("the database is down");
        assertThat(asked.size()).isBetween(2, 10);
    }

    @Test
    void redirectionIsNotFollowed() {
        answer(302, "");

        assertThatThrownBy(() -> pull(null)).hasMessageContaining("302");
        assertThat(asked).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"format\":2}",
                "{\"format\":1,\"org\":\"acme\",\"x\":1}",
                "nonsense"
            })
    void whatIsNoPolicyIsRefused(String body) {
        answer(200, body);

        assertThatThrownBy(() -> pull(null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void endlessPolicyIsCut() {
        answer(200, "x".repeat(9 << 20));

        assertThatThrownBy(() -> pull(null)).isInstanceOf(Uplink.TooLong.class);
    }

    @Test
    void silentServerIsGivenUp() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                PolicySource source = PolicySource.http(at(silent.getLocalPort()))) {
            long start = System.nanoTime();

            assertThatThrownBy(() -> source.pull("acme", null))
                    .hasMessageContaining("did not answer within");
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(15);
        }
    }

    @Test
    void serverThatIsNotThereIsNamed() throws IOException {
        int port = server.getAddress().getPort();
        server.stop(0);

        try (PolicySource source = PolicySource.http(at(port))) {
            assertThatThrownBy(() -> source.pull("acme", null))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("http://127.0.0.1:" + port + " does not answer");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    http://control.example:7053   | write https://
                    http://10.0.0.1               | write https://
                    ftp://127.0.0.1               | begin with https://
                    https://user:pw@control       | should be like
                    https://control/api           | end after the host
                    https://control?x=1           | end after the host
                    control:7053                  | should be like
                    not a url                     | should be like
                    """)
    void urlThatCannotBeMeantIsRefused(String url, String reason) {
        assertThatThrownBy(() -> Uplink.Config.of(url, tokenFile, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void tokenFileMustHoldOneToken() throws IOException {
        Files.writeString(tokenFile, "two tokens\n");
        assertThatThrownBy(() -> PolicySource.http(at(1))).hasMessageContaining("one token");
        Files.delete(tokenFile);
        assertThatThrownBy(() -> PolicySource.http(at(1))).hasMessageContaining("no token file");
    }
}
