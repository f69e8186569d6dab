package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.webserver.WebServer;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.certificates.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate that is renewed while the server runs. */
@Needs({"openssl"})
final class CertificateTest {
    private static final Duration NEVER = Duration.ofDays(1);

    @TempDir private Path directory;

    @SuppressWarnings("NullAway.Init") // before each test
    private Control.TlsFiles files;

    @BeforeEach
    void make() throws Exception {
        files =
                new Control.TlsFiles(
                        directory.resolve("chain.pem"),
                        directory.resolve("key.pem"),
                        Optional.empty());
        Certificates certificates = new Certificates(directory);
        certificates.alone("one", "one");
        certificates.alone("two", "two", List.of("rsa:2048"));
        certificates.alone("three", "three", List.of("ec", "-pkeyopt", "ec_paramgen_curve:P-384"));
        use("one", "one");
    }

    private void use(String certificate, String key) throws IOException {
        copy(certificate + ".pem", files.certificate());
        copy(key + ".key", files.key());
    }

    private void copy(String from, Path to) throws IOException {
        Files.copy(directory.resolve(from), to, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aNewPairIsServedAndABrokenOneLeavesTheOneBefore() throws Exception {
        Certificate first = Certificate.read(files);
        WebServer server =
                WebServer.builder()
                        .address(InetAddress.getLoopbackAddress())
                        .port(0)
                        .shutdownHook(false)
                        .tls(first.tls())
                        .routing(routing -> routing.any((request, response) -> response.send("x")))
                        .build()
                        .start();
        try (Renewal renewal = Renewal.of(files, first, server::reloadTls, NEVER)) {
            assertThat(served(server)).isEqualTo("CN=one");

            copy("two.pem", files.certificate()); // and its key is not there yet
            renewal.renew();
            assertThat(served(server)).isEqualTo("CN=one");
            Files.writeString(files.key(), "no key");
            renewal.renew();
            assertThat(served(server)).isEqualTo("CN=one");
            Files.delete(files.key());
            renewal.renew();
            assertThat(served(server)).isEqualTo("CN=one");

            use("two", "two");
            renewal.renew();
            assertThat(served(server)).isEqualTo("CN=two");
            use("three", "three");
            renewal.renew();
            assertThat(served(server)).isEqualTo("CN=three");
            use("one", "one");
            renewal.renew();
            assertThat(served(server)).isEqualTo("CN=one");
        } finally {
            server.stop();
        }
    }

    @Test
    void itIsLookedForByItself() throws Exception {
        java.util.concurrent.CountDownLatch renewed = new java.util.concurrent.CountDownLatch(1);
        try (Renewal renewal =
                Renewal.of(
                        files,
                        Certificate.read(files),
                        _ -> renewed.countDown(),
                        Duration.ofMillis(10))) {
            assertThat(renewal).isNotNull();
            use("two", "two");
            assertThat(renewed.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aKeyOfAnotherCertificateKeepsTheServerFromStarting() throws Exception {
        copy("two.key", files.key());
        assertThatThrownBy(() -> Certificate.read(files))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot use " + files.certificate());
    }

    private static String served(WebServer server) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        try (SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            socket.startHandshake();
            X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return leaf.getSubjectX500Principal().getName();
        }
    }

    /** The test looks itself. */
    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
