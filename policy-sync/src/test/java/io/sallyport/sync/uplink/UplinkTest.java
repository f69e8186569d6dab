package io.sallyport.sync.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.sallyport.sync.certificates.Certificates;
import io.sallyport.sync.uplink.Uplink.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real TLS server with certificates of one authority, and a node that trusts it or another. */
final class UplinkTest {
    private static final String TOKEN = "spt_ofThisNode";

    /** Far longer than a handshake here; where one fails, nobody waits for it. */
    private static final Duration WITHIN = Duration.ofSeconds(20);

    @TempDir private static Path directory;

    private final List<String> seen = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void makeAuthoritiesAndCertificates() throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.alone("ours", "ours");
        certificates.alone("theirs", "theirs");
        certificates.signed("good", "ours", "IP:127.0.0.1,DNS:localhost", 2);
        certificates.signed("elsewhere", "ours", "DNS:control.example", 2);
        certificates.signed("expired", "ours", "IP:127.0.0.1,DNS:localhost", -1);
        Files.writeString(directory.resolve("token"), TOKEN + "\n");
        Files.writeString(directory.resolve("empty.pem"), "");
        Files.writeString(directory.resolve("damaged.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n");
    }

    private HttpsServer serve(String certificate) throws Exception {
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(
                new HttpsConfigurator(new Certificates(directory).server(certificate)));
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
