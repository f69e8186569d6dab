package io.sallyport.resolver.upstream;

import static io.sallyport.resolver.upstream.Asking.assertFailed;
import static io.sallyport.resolver.upstream.Asking.assertGood;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DNS over TLS (RFC 7858, strict profile of RFC 8310), with servers good and bad. */
class TlsTest {
    private static final Question WWW = Packet.question("www.example.com", 1);
    private static final String OTHER_PIN =
            ";pin=sha256/X91nr2H277q7SrOhkl4cscPk8A30uFNOhPqRTjaAG7I=";

    @TempDir static Path directory;

    private static Certificates certificates;
    private static SSLContext good;
    private static String pin;

    @BeforeAll
    static void warmUp() throws Exception {
        certificates = new Certificates(directory);
        good = certificates.server("dns.example");
        pin = ";pin=" + certificates.pin();
        Asking.warmUp();
        try (FakeUpstream server = new FakeUpstream(good, query -> query.reply(query.good()));
                Asking asking = asking(server, "dns.example" + ca())) {
            asking.ask(WWW);
        }
    }

    @Test
    void asksPaddedQueriesOverOneConnectionWithOneHandshake() throws Exception {
        try (FakeUpstream server = new FakeUpstream(good, query -> query.reply(query.good()));
                Asking asking = asking(server, "dns.example" + ca())) {
            for (int i = 0; i < 200; i++) {
                assertGood(asking.ask(Packet.question("n".repeat(i % 60 + 1) + ".example.com", 1)));
            }
            assertThat(server.connections()).isEqualTo(1);
            assertThat(server.queries())
                    .allMatch(query -> query.tcp && query.octets.length == 128, "128 octets");
            assertThat(asking.counter("tls_handshakes", "kind=\"full\"")).isEqualTo(1);
            assertThat(asking.counter("padded_queries")).isEqualTo(200);
            assertThat(asking.counter("queries", "transport=\"tls\"")).isEqualTo(200);
            assertThat(asking.counter("reused_connections")).isEqualTo(199);
        }
    }

    @Test
    void queryHoldsNothingOfClientsButTheQuestion() throws Exception {
        try (FakeUpstream server = new FakeUpstream(good, query -> query.reply(query.packet()));
                Asking asking = asking(server, "dns.example" + ca())) {
            asking.ask(
                    new Question(
                            WireName.parse("WWW.example.com"),
                            28,
                            true,
                            true,
                            AddressFilter.PUBLIC));

            byte[] sent = server.queries().getFirst().octets;
            byte[] header = {1, 0x10, 0, 1, 0, 0, 0, 0, 0, 1};
            byte[] tail = {0, 28, 0, 1, 0, 0, 41, 0x04, (byte) 0xd0, 0, 0, (byte) 0x80, 0, 0};
            byte[] options = {84, 0, 11, 0, 0, 0, 12, 0, 76};
            assertThat(Arrays.copyOfRange(sent, 2, sent.length))
                    .isEqualTo(
                            Packet.join(
                                    header,
                                    Packet.name("www.example.com"),
                                    tail,
                                    options,
                                    new byte[76]));
        }
    }

    @Test
    void sessionIsResumedOnTheNextConnection() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(
                                good,
                                query -> {
                                    query.reply(query.good());
                                    if (query.number == 1) {
                                        query.hangUp();
                                    }
                                });
                Asking asking = asking(server, "dns.example" + ca())) {
            for (int i = 0; i < 2; i++) {
                assertGood(asking.ask(WWW));
            }
            HealthTest.await(() -> {
                try {
                    assertGood(asking.ask(WWW));
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                return server.connections() == 2;
            });
            assertThat(asking.counter("tls_handshakes", "kind=\"full\"")).isEqualTo(1);
            assertThat(asking.counter("tls_handshakes", "kind=\"resumed\"")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pinAloneOrWithTheNameIsProof(boolean withName) throws Exception {
        String proof = withName ? "dns.example" + ca() + pin : OTHER_PIN + pin;
        try (FakeUpstream server = new FakeUpstream(good, query -> query.reply(query.good()));
                Asking asking = asking(server, proof)) {
            assertGood(asking.ask(WWW));
        }
    }

    @Test
    void wrongNameIsRefused() throws Exception {
        assertRefused(good, "other.example" + ca(), "name");
    }

    @Test
    void wrongPinIsRefusedEvenWithTheRightName() throws Exception {
        assertRefused(good, "dns.example" + ca() + OTHER_PIN, "pin");
        assertRefused(good, OTHER_PIN, "pin");
    }

    @Test
    void rightPinDoesNotMakeUpForWrongName() throws Exception {
        assertRefused(good, "other.example" + ca() + pin, "name");
    }

    @Test
    void expiredCertificateIsRefused() throws Exception {
        assertRefused(certificates.server("old.example", -1), "old.example" + ca(), "expired");
    }

    @Test
    void authorityThatNobodyTrustsIsRefused() throws Exception {
        assertRefused(good, "dns.example", "untrusted");
    }

    @Test
    void serverWithoutTlsIsRefusedAndNeverAskedInClearText() throws Exception {
        try (FakeUpstream server = new FakeUpstream(query -> query.reply(query.good()));
                Asking asking = asking(server, "dns.example" + ca())) {
            assertFailed(asking.ask(WWW));
            // A TLS hello looks like a message of 5,635 octets that never ends.
            assertThat(server.queries()).isEmpty();
        }
    }

    /** Nothing but octets of TLS ever goes out, over TCP, and nothing at all over UDP. */
    private static void assertRefused(SSLContext tls, String proof, String reason)
            throws Exception {
        try (FakeUpstream server = new FakeUpstream(tls, query -> query.reply(query.good()));
                Asking asking = asking(server, proof)) {
            assertFailed(asking.ask(WWW), 23);
            assertThat(server.queries()).isEmpty();
            assertThat(asking.counter("tls_failures", "reason=\"" + reason + "\"")).isEqualTo(1);
            // The proof is not asked for again and again.
            assertFailed(asking.ask(WWW), 23);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void serverThatHangsUpDuringTheHandshakeFails() throws Exception {
        try (Sink server = new Sink(true);
                Asking asking = Asking.of(server.endpoint())) {
            assertFailed(asking.ask(WWW), 23);
            assertThat(asking.counter("tls_failures", "reason=\"closed\"")).isEqualTo(1);
        }
    }

    @Test
    void serverThatStallsInTheHandshakeFailsWithinTheBudget() throws Exception {
        try (Sink server = new Sink(false);
                Asking asking = Asking.of(server.endpoint())) {
            assertFailed(asking.ask(WWW));
            HealthTest.await(() -> asking.counter("tls_failures", "reason=\"timeout\"") > 0);
        }
    }

    @Test
    void answersOutOfOrderReachTheirQuestions() throws Exception {
        int count = 30;
        List<FakeUpstream.Query> held = new ArrayList<>();
        try (FakeUpstream server =
                        new FakeUpstream(
                                good,
                                query -> {
                                    held.add(query);
                                    if (held.size() == count) {
                                        for (FakeUpstream.Query late : held.reversed()) {
                                            byte last = late.name()[1];
                                            late.reply(
                                                    late.packet()
                                                            .answer(
                                                                    "@", 1, 60, (byte) 93, (byte) 1,
                                                                    (byte) 1, last));
                                        }
                                    }
                                });
                Asking asking = asking(server, "dns.example" + ca())) {
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                answers.add(
                        asking.asking(
                                Packet.question(
                                        (char) ('0' + i % 10) + "x" + i + ".example.com", 1)));
            }
            for (int i = 0; i < count; i++) {
                Answer answer = answers.get(i).get(10, TimeUnit.SECONDS);
                assertThat(answer.addresses()[0][3]).isEqualTo((byte) ('0' + i % 10));
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void duplicateAnswersAreIgnoredUntilTheyAreMany() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(
                                good,
                                query -> {
                                    query.reply(query.good());
                                    query.reply(query.packet().answer("@", 1, 60, Asking.evil()));
                                });
                Asking asking = asking(server, "dns.example" + ca())) {
            for (int i = 0; i < 30; i++) {
                assertGood(asking.ask(WWW));
            }
            assertThat(server.connections()).isBetween(2, 5);
        }
    }

    @Test
    void serverOutOfStepIsLeft() throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(
                                good,
                                query -> {
                                    if (query.number == 0) {
                                        query.reply(
                                                new Packet(query.id(), Packet.NOERROR)
                                                        .question(Packet.name("evil.example"), 1, 1)
                                                        .answer("@", 1, 60, Asking.evil()));
                                    }
                                    query.reply(query.good());
                                });
                Asking asking = asking(server, "dns.example" + ca())) {
            assertGood(asking.ask(WWW));
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dribbles", "announces 65,535 octets"})
    void serverThatNeverFinishesCostsOneTimeout(String what) throws Exception {
        try (FakeUpstream server =
                        new FakeUpstream(
                                good,
                                query -> {
                                    if (query.number > 0) {
                                        query.reply(query.good());
                                    } else if (what.equals("dribbles")) {
                                        Thread.ofPlatform().daemon().start(() -> dribble(query));
                                    } else {
                                        query.raw(new byte[] {-1, -1, 1, 2, 3});
                                    }
                                });
                Asking asking = asking(server, "dns.example" + ca())) {
            assertGood(asking.ask(WWW));
            assertThat(server.connections()).isBetween(2, 3);
            assertThat(asking.counter("timeouts")).isBetween(1L, 2L);
        }
    }

    @Test
    void fileOfAuthoritiesMustHoldSome() throws IOException {
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");
        for (String file : List.of(empty.toString(), "/nowhere/ca.pem")) {
            assertThatThrownBy(() -> Asking.of("tls://127.0.0.1#dns.example;ca=" + file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(file);
        }
    }

    private static void dribble(FakeUpstream.Query query) {
        try {
            byte[] message = query.good().octets();
            query.raw(new byte[] {0, (byte) message.length});
            for (byte octet : message) {
                query.raw(new byte[] {octet});
                Thread.sleep(1000);
            }
        } catch (IOException | InterruptedException e) {
            Thread.currentThread().interrupt(); // the other side has had enough
        }
    }

    private static String ca() {
        return ";ca=" + certificates.authority();
    }

    private static Asking asking(FakeUpstream server, String proof) {
        return Asking.of("tls://127.0.0.1:" + server.address().getPort() + "#" + proof);
    }

    /** Takes connections and says nothing. */
    private static final class Sink implements AutoCloseable {
        private final ServerSocket socket =
                new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final List<Socket> connections = new ArrayList<>();

        Sink(boolean hangUp) throws IOException {
            Thread.ofPlatform().daemon().start(() -> serve(hangUp));
        }

        String endpoint() {
            return "tls://127.0.0.1:" + socket.getLocalPort() + "#dns.example";
        }

        private void serve(boolean hangUp) {
            try {
                while (true) {
                    Socket connection = socket.accept();
                    connections.add(connection);
                    if (hangUp) {
                        connection.getInputStream().read();
                        connection.close();
                    }
                }
            } catch (IOException e) {
                // closed by the test
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
            for (Socket connection : connections) {
                connection.close();
            }
        }
    }
}
