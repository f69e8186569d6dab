package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.control.Running.Who;
import io.sallyport.sync.doorman.Doorman;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever dribbles, reads nothing or holds connections open keeps nobody else out. */
final class CrowdTest {
    /** More than the requests that one org may have under way, and than are worked on at once. */
    private static final int MANY = 80;

    private static final int UNTIL_GONE_MILLIS = 30_000;

    @TempDir private Path directory;
    private final List<Socket> crowd = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // set before each test
    private Running server;

    @BeforeEach
    void start() throws Exception {
        Duration short_ = Duration.ofSeconds(3);
        Duration long_ = Duration.ofMinutes(5);
        server = Running.start(directory, new Doorman.Patience(short_, short_, long_, long_));
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket one : crowd) {
            one.close();
        }
        server.close();
    }

    private Socket connect(String from) throws IOException {
        URI url = URI.create(server.url());
        Socket socket = new Socket();
        crowd.add(socket);
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(UNTIL_GONE_MILLIS);
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral(url.getHost()), url.getPort()));
        return socket;
    }

    private Socket send(String text) throws IOException {
        return send(text, "127.0.0.1");
    }

    private Socket send(String text, String from) throws IOException {
        Socket socket = connect(from);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String post(String path, String headers) {
        return String.join(
                "\r\n",
                "POST " + path + " HTTP/1.1",
                "Host: x",
                "Content-Type: application/json",
                "Content-Length: 4000",
                headers,
                "",
                "{");
    }

    private void servesAll() {
        assertThat(server.get(Who.NOBODY, "/healthz").status()).isEqualTo(200);
        assertThat(server.get(Who.NODE, "/v1/orgs/acme/policy").status()).isEqualTo(200);
        assertThat(server.get(Who.OTHER, "/v1/orgs/beta/history").status()).isEqualTo(200);
    }

    @Test
    void bodiesThatDoNotComeKeepNobodyOut() throws Exception {
        for (int i = 0; i < MANY; i++) {
            send(post("/signin", "Origin: http://x"));
            send(post("/v1/orgs", "X: y"));
        }
        servesAll();
    }

    @Test
    void anOrgThatSendsBodiesSlowlyKeepsOnlyItselfOut() throws Exception {
        for (int i = 0; i < MANY; i++) {
            send(
                    post(
                            "/v1/orgs/acme/network-access/rollback",
                            "Authorization: Bearer " + server.secret(Who.ADMIN)));
        }
        servesAll();
        assertThat(server.get(Who.VIEWER, "/v1/orgs/acme/history").status())
                .as("of the same org")
                .isEqualTo(429);
    }

    @Test
    void readersWhoDoNotReadKeepNobodyOutAndAreSentAway() throws Exception {
        // From elsewhere: so many requests are more than one address may send, whoever shares it.
        String many = "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n".repeat(300);
        for (int i = 0; i < MANY; i++) {
            send(many, "127.0.0.9");
        }
        servesAll();
        assertThat(readToEnd(crowd.getFirst()))
                .as("octets until it was cut")
                .isLessThan(300 * 40_000L);
    }

    /** Begins late: until then nothing is read, and nothing can be written. */
    private static long readToEnd(Socket socket) throws IOException, InterruptedException {
        Thread.sleep(Duration.ofSeconds(10));
        long length = 0;
        byte[] octets = new byte[1 << 16];
        try {
            for (int read = 0; read >= 0; read = socket.getInputStream().read(octets)) {
                length += read;
            }
        } catch (SocketException e) {
            // cut by a reset
        }
        return length;
    }

    @Test
    void aHeadThatDribblesIsCut() throws Exception {
        Socket slow = send("GET /healthz HTTP/1.1\r\nX: ");
        Thread dribble =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                while (true) {
                                    slow.getOutputStream().write('a');
                                    Thread.sleep(200);
                                }
                            } catch (IOException | InterruptedException e) {
                                // it is cut, or the test has ended
                            }
                        });
        try {
            assertThat(slow.getInputStream().read()).as("no answer, an end").isNegative();
        } catch (SocketException cut) {
            assertThat(cut).isNotNull();
        } finally {
            dribble.interrupt();
        }
    }

    @Test
    void anAddressThatHasItsShareOfConnectionsKeepsNoOtherOut() throws Exception {
        for (int i = 0; i < 1_100; i++) {
            connect("127.0.0.2");
        }
        Socket over = crowd.getLast();
        assertThat(over.getInputStream().read()).as("one too many is closed").isNegative();
        servesAll();
    }

    @Test
    void aBodyThatIsNotFramedEndsItsConnection() throws Exception {
        String head =
                String.join(
                        "\r\n",
                        "POST /v1/orgs/acme/network-access/check HTTP/1.1",
                        "Host: x",
                        "Content-Type: application/json",
                        "Transfer-Encoding: chunked",
                        "Authorization: Bearer " + server.secret(Who.ADMIN),
                        "",
                        "");
        String hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
        Socket socket = send(head + "zz\r\n0\r\n\r\n" + hidden);
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).startsWith("HTTP/1.1 400 ").doesNotContain("HTTP/1.1 200 ");
    }
}
