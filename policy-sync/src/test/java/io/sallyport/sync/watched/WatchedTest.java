package io.sallyport.sync.watched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.sallyport.sync.doorman.Doorman.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WatchedTest {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final Duration LONG = Duration.ofMinutes(1);

    @SuppressWarnings("NullAway.Init") // by each test
    private WebServer server;

    private void serve(int connections, Duration waiting) {
        WebServerConfig.Builder builder =
                WebServer.builder().port(0).host("127.0.0.1").shutdownHook(false);
        Watched.add(
                builder,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                routing -> routing.any("/metrics", (_, response) -> response.send("here")),
                connections,
                new Patience(waiting, LONG, LONG, LONG));
        server = builder.build().start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port(Watched.NAME));
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private static void ask(Socket socket, String more) throws IOException {
        String request = "POST /metrics HTTP/1.1\r\nHost: localhost\r\n" + more;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    private static String status(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        return new String(in.readNBytes(12), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    Content-Length: 0           | 200
                    Content-Length: 1           | 413
                    Content-Length: 99999999999 | 413
                    """)
    void whoWatchesBringsNothing(String length, String status) throws IOException {
        serve(64, LONG);
        try (Socket socket = connect()) {
            ask(socket, length + "\r\n\r\n");
            assertThat(status(socket)).isEqualTo("HTTP/1.1 " + status);
        }
    }

    @Test
    void whoSaysNothingOrHalfIsLetGo() throws IOException {
        serve(64, Duration.ofSeconds(2));
        try (Socket silent = connect();
                Socket slow = connect()) {
            ask(slow, "X-Half: ");

            assertThat(silent.getInputStream().readAllBytes()).isEmpty();
            // What it is told, if anything, is not what it asked for; and then it is let go.
            assertThat(slow.getInputStream().readAllBytes())
                    .asString(StandardCharsets.US_ASCII)
                    .doesNotContain("200 OK", "here");
        }
    }

    @RepeatedTest(5)
    void whoIsLetGoMayComeAgainAtOnce() throws IOException {
        serve(4, Duration.ofSeconds(1));
        try (Socket silent = connect()) {
            assertThat(silent.getInputStream().read()).isNegative();
        }
        try (Socket again = connect()) {
            ask(again, "\r\n");
            assertThat(status(again)).isEqualTo("HTTP/1.1 200");
        }
    }

    @Test
    void oneAddressDoesNotTakeAllPlaces() throws IOException {
        serve(4, LONG);
        try (Socket first = connect()) {
            ask(first, "\r\n");
            assertThat(status(first)).isEqualTo("HTTP/1.1 200");
            try (Socket second = connect()) {
                assertThat(second.getInputStream().readAllBytes()).isEmpty();
            }
        }
    }

    @Test
    void whoComesWhenAllPlacesAreTakenWaits() throws IOException {
        serve(1, LONG);
        try (Socket second = waiting()) {
            assertThat(status(second)).as("once there is one").isEqualTo("HTTP/1.1 200");
        }
    }

    /** Has asked while somebody else held the only place, who has gone since. */
    private Socket waiting() throws IOException {
        try (Socket first = connect()) {
            ask(first, "\r\n");
            assertThat(status(first)).isEqualTo("HTTP/1.1 200");
            Socket second = connect();
            second.setSoTimeout(300);
            ask(second, "\r\n");
            assertThatThrownBy(() -> second.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);
            second.setSoTimeout(PATIENCE_MILLIS);
            return second;
        }
    }
}
