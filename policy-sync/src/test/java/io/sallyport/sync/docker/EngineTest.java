package io.sallyport.sync.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers of an engine that is not what it seems. */
class EngineTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String HEAD = "HTTP/1.0 200 OK\r\n\r\n";
    private static final String ID = "0123456789abcdef".repeat(4);

    @TempDir private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    SSH-2.0-x\\n                          | does not speak HTTP
                    HTTP/1.0 700 OK\\n\\n                 | does not speak HTTP
                    HTTP/1.0 500 no\\n\\nout of order     | says 500: out of order
                    HTTP/1.0 404 no\\n\\n                 | has no /networks
                    HTTP/1.0 200 OK\\n\\n{                | did not answer in JSON
                    HTTP/1.0 200 OK\\n\\n{}               | did not answer with a list
                    HTTP/1.0 302 OK\\n\\n                 | did not answer with a list
                    ''                                    | hung up
                    """)
    void saysWhatIsWrongWithTheAnswer(String answer, String sentence) throws IOException {
        try (ServerSocketChannel server = serve(answer.replace("\\n", "\n"), false)) {
            assertThat(server.isOpen()).isTrue();
            assertThatThrownBy(() -> new Engine(socket()).networks())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(sentence);
        }
    }

    @Test
    void endlessAnswersAreCut() throws IOException {
        try (ServerSocketChannel server =
                serve("HTTP/1.0 200 OK\n\n" + " ".repeat(1 << 20), true)) {
            assertThat(server.isOpen()).isTrue();
            assertThatThrownBy(() -> new Engine(socket()).networks())
                    .hasMessageContaining("without an end");
            try (Exchange changes = Exchange.begin(socket(), "GET", "/", SOON)) {
                assertThatThrownBy(() -> changes.line(SOON)).hasMessageContaining("endless line");
            }
        }
    }

    @Test
    void noEngineIsSaidAsSuch() {
        assertThatThrownBy(() -> new Engine(socket()).networks())
                .hasMessageContaining("no engine answers at")
                .hasMessageContaining("--docker-socket");
    }

    @Test
    void eventsComeLineByLineUntilTheEngineHangsUp() throws IOException {
        try (ServerSocketChannel server = serve(HEAD + "one\ntwo\nthr", false);
                Exchange changes = new Engine(socket()).changes()) {
            assertThat(server.isOpen()).isTrue();
            assertThat(changes.line(SOON).orElseThrow()).isEqualTo(octets("one"));
            assertThat(changes.hasMore()).isTrue();
            assertThat(changes.line(SOON).orElseThrow()).isEqualTo(octets("two"));
            assertThatThrownBy(() -> changes.line(SOON)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void whatDoesNotLookAsItShouldIsLeftOut() throws IOException {
        String networks =
                """
                [{"Id":"../../etc","Name":"a","Driver":"bridge"}, 7, null, {"Id":7},
                 {"Id":"%1$s","Name":"b","Driver":"bridge","Labels":{"sallyport.org":"acme","x":7},
                  "IPAM":{"Config":[{"Subnet":"10.0.0.0/24"},{},null]}},
                 {"Id":"f%1$.63s","Name":"m","Driver":"macvlan","Labels":{"sallyport.org":"acme"},
                  "IPAM":{"Config":[{"Subnet":"10.0.1.0/24"}]}}]\
                """
                        .formatted(ID);
        try (ServerSocketChannel server = serve(HEAD + networks, false)) {
            assertThat(server.isOpen()).isTrue();
            List<Part.Network> found = new Engine(socket()).networks();
            Sight sight = new Sight(found, List.of());
            assertThat(sight.wanted())
                    .singleElement()
                    .satisfies(place -> {
                        assertThat(place.bridge()).isEqualTo("br-0123456789ab");
                        assertThat(place.addresses()).containsExactly("10.0.0.0/24");
                        assertThat(place.org()).contains("acme");
                    });
            assertThat(sight.beyondReach()).singleElement().extracting("name").isEqualTo("m");
            assertThatThrownBy(() -> sight.find("m")).hasMessageContaining("driver macvlan");
            assertThatThrownBy(() -> sight.find("nobody")).hasMessageContaining("no network");
        }
    }

    @Test
    void labelOfTheNetworkHoldsForAllInIt() {
        Part.Network labelled = network("a", Map.of(Place.ORG, "acme"));
        Part.Network plain = network("b", Map.of());
        Part.Container container =
                new Part.Container(
                        "c".repeat(64),
                        List.of("web"),
                        Map.of(Place.ORG, "beta"),
                        Map.of(
                                labelled.id(), new Part.End("e1", List.of("10.0.0.2")),
                                plain.id(), new Part.End("e2", List.of("10.0.1.2"))));
        Sight sight = new Sight(List.of(labelled, plain), List.of(container));

        assertThat(sight.wanted())
                .extracting(place -> place.org().orElse("") + " " + place.what())
                .containsExactly("acme network a", "beta container web in b");
        assertThat(sight.wanted().getLast().session()).endsWith("-e2");
        assertThat(sight.inside(sight.wanted().getFirst())).containsExactly(container);
    }

    private static Part.Network network(String letter, Map<String, String> labels) {
        return new Part.Network(
                letter.repeat(64),
                letter,
                "bridge",
                false,
                java.util.Optional.of("br-" + letter),
                List.of("10.0.0.0/24"),
                labels);
    }

    private Path socket() {
        return directory.resolve("engine.sock");
    }

    /** Answers whoever comes; forever, if it is to be endless. */
    private ServerSocketChannel serve(String answer, boolean endless) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket()));
        Thread.startVirtualThread(() -> {
            while (server.isOpen()) {
                try (SocketChannel client = server.accept()) {
                    client.read(ByteBuffer.allocate(4096));
                    client.write(ByteBuffer.wrap(octets(answer)));
                    while (endless) {
                        client.write(ByteBuffer.wrap(octets(" ".repeat(1 << 16))));
                    }
                } catch (IOException e) {
                    // Closed by the other side, or at the end of the test.
                }
            }
        });
        return server;
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
