package io.sallyport.sync.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.sallyport.sync.uplink.Uplink.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real TLS server with certificates of one authority, and a node that trusts it or another. */
final class UplinkTest {
    private static final String TOKEN = "spt_ofThisNode";
    private static final char[] PASSWORD = "pretend".toCharArray();

    /** Far longer than a handshake here; where one fails, nobody waits for it. */
    private static final Duration WITHIN = Duration.ofSeconds(20);

    @TempDir private static Path directory;

    private final List<String> seen = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void makeAuthoritiesAndCertificates() throws Exception {
        for (String authority : List.of("ours", "theirs")) {
            openssl(
                    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN="
                            + authority
                            + " -keyout "
                            + authority
                            + ".key -out "
                            + authority
                            + ".pem");
        }
        certificate("good", "IP:127.0.0.1,DNS:localhost", 2);
        certificate("elsewhere", "DNS:control.example", 2);
        certificate("expired", "IP:127.0.0.1,DNS:localhost", -1);
        Files.writeString(directory.resolve("token"), TOKEN + "\n");
        Files.writeString(directory.resolve("empty.pem"), "");
        Files.writeString(directory.resolve("damaged.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n");
    }

    private static void certificate(String name, String alternative, int days) throws Exception {
        Files.writeString(directory.resolve(name + ".ext"), "subjectAltName=" + alternative);
        openssl(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=control -keyout "
                        + name
                        + ".key -out "
                        + name
                        + ".csr");
        openssl(
                "x509 -req -CA ours.pem -CAkey ours.key -set_serial 7 -days "
                        + days
                        + " -in "
                        + name
                        + ".csr -extfile "
                        + name
                        + ".ext -out "
                        + name
                        + ".pem");
        openssl(
                "pkcs12 -export -passout pass:pretend -inkey "
                        + name
                        + ".key -in "
                        + name
                        + ".pem -out "
                        + name
                        + ".p12");
    }

    private static void openssl(String arguments) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(("openssl " + arguments).split(" "))
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("openssl.log").toFile())
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(arguments).isZero();
    }

    private HttpsServer serve(String certificate) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve(certificate + ".p12"))) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        seen.add(
                                exchange.getRequestHeaders().getFirst("Authorization")
                                        + " "
                                        + new String(
                                                exchange.getRequestBody().readAllBytes(),
                                                StandardCharsets.UTF_8));
                        exchange.getResponseHeaders().set("ETag", "\"7\"");
                        exchange.sendResponseHeaders(200, 2);
                        exchange.getResponseBody().write(new byte[] {'{', '}'});
                    }
                });
        server.start();
        return server;
    }

    private static Uplink.Config config(HttpsServer server, Optional<String> authority) {
        return Uplink.Config.of(
                "https://127.0.0.1:" + server.getAddress().getPort(),
                directory.resolve("token"),
                authority.map(name -> directory.resolve(name + ".pem")));
    }

    @Test
    void serverWhoseAuthorityIsTrustedGetsTheTokenAndAnswers() throws Exception {
        HttpsServer server = serve("good");
        try (Uplink uplink = Uplink.open(config(server, Optional.of("ours")))) {
            Answer answer = uplink.get("/v1/me", WITHIN);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("{}");
            assertThat(answer.header("etag")).isEqualTo("\"7\"");
            assertThat(answer.header("absent")).isEmpty();
            assertThat(uplink.post("/v1/nodes/n/report", "{\"x\":1}", WITHIN).status())
                    .isEqualTo(200);
            assertThat(seen)
                    .containsExactly("Bearer " + TOKEN + " ", "Bearer " + TOKEN + " {\"x\":1}");
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    good      | theirs | certificate is refused: .*certification path.*
                    good      | -      | certificate is refused: .*certification path.*
                    elsewhere | ours   | certificate is refused: .*127.0.0.1.*
                    expired   | ours   | certificate is refused: it has expired, NotAfter.*
                    """)
    void anyOtherServerIsRefusedAndNeverSeesTheToken(
            String certificate, String authority, String reason) throws Exception {
        HttpsServer server = serve(certificate);
        try (Uplink uplink = Uplink.open(config(server, Optional.ofNullable(authority)))) {
            assertThatThrownBy(() -> uplink.get("/v1/me", WITHIN))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching(
                            "https://127\\.0\\.0\\.1:\\d+ does not answer: its " + reason)
                    .hasMessageNotContaining(TOKEN);
            assertThat(seen).isEmpty();
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "absent, there is no CA file",
        "empty, holds no certificate",
        "damaged, cannot be read"
    })
    void fileOfAuthoritiesThatIsNoneIsSaidAtTheStart(String file, String sentence) {
        Uplink.Config config =
                Uplink.Config.of(
                        "https://127.0.0.1:1",
                        directory.resolve("token"),
                        Optional.of(directory.resolve(file + ".pem")));
        assertThatThrownBy(() -> Uplink.open(config))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(sentence);
    }
}
