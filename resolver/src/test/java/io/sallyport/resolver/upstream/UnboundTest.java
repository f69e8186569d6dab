package io.sallyport.resolver.upstream;

import static io.sallyport.resolver.upstream.Asking.assertGood;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server of DNS over TLS. */
class UnboundTest {
    @TempDir static Path directory;

    private static Certificates certificates;
    private static Process unbound;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        Certificates.requireProgram("unbound", "unbound", "-V");
        certificates = new Certificates(directory);
        Path certificate = certificates.certificate("dns.example", 2);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config =
                Files.writeString(
                        directory.resolve("unbound.conf"),
                        """
                        server:
                          interface: 127.0.0.1@%d
                          tls-port: %d
                          tls-service-key: "%s"
                          tls-service-pem: "%s"
                          username: ""
                          chroot: ""
                          pidfile: ""
                          directory: "%s"
                          do-daemonize: no
                          use-syslog: no
                          edns-tcp-keepalive: yes
                          local-zone: "." redirect
                          local-data: ". 300 A 93.184.216.34"
                        """
                                .formatted(
                                        port,
                                        port,
                                        directory.resolve("dns.example.key"),
                                        certificate,
                                        directory));
        unbound =
                new ProcessBuilder("unbound", "-d", "-c", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("unbound.log").toFile())
                        .start();
        HealthTest.await(UnboundTest::listens);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (unbound != null) {
            unbound.destroy();
            unbound.waitFor();
        }
    }

    @Test
    void hundredsOfQueriesGoThroughOneHandshake() throws Exception {
        String endpoint =
                "tls://127.0.0.1:%d#dns.example;ca=%s".formatted(port, certificates.authority());
        try (Asking asking = Asking.of(endpoint)) {
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 30; i++) { // fewer than are worth a second connection
                answers.add(asking.asking(Packet.question("n" + i + ".example.com", 1)));
            }
            for (CompletableFuture<Answer> answer : answers) {
                assertGood(answer.get(10, TimeUnit.SECONDS));
            }
            for (int i = 30; i < 300; i++) {
                assertGood(asking.ask(Packet.question("n" + i + ".example.com", 1)));
            }
            assertThat(asking.counter("tls_handshakes", "kind=\"full\"")).isEqualTo(1);
            assertThat(asking.counter("tls_handshakes", "kind=\"resumed\"")).isZero();
            assertThat(asking.counter("connections")).isEqualTo(1);
            assertThat(asking.counter("reused_connections")).isGreaterThanOrEqualTo(270);
        }
    }

    private static boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
