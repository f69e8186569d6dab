package io.sallyport.sync.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.page.Page.Told;
import io.sallyport.sync.port.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page's server, by itself; 127.0.0.2 is a sandbox and 127.0.0.3 nobody. */
class PageTest {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Networks networks = new Networks();
    private Page page;
    private int port;

    @BeforeEach
    void serve() throws IOException {
        networks.put(
                new Network(
                        "n1",
                        List.of(Cidr.parse("127.0.0.2")),
                        Policy.PENDING,
                        Pinner.WITHOUT_FIREWALL));
        port = FreePort.any();
        page =
                Page.start(
                        List.of(InetAddress.ofLiteral("127.0.0.1")),
                        port,
                        networks,
                        (network, name) -> {
                            if (name.contains("!")) {
                                throw new IllegalArgumentException("\"" + name + "\" is no name");
                            }
                            return new Told(
                                    name + " in " + network.network().id() + "\n", "{\"a\":1}");
                        });
    }

    @AfterEach
    void close() {
        page.close();
    }

    private Socket connect(String from) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        return socket;
    }

    private String ask(String request) throws IOException {
        try (Socket socket = connect("127.0.0.2")) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String get(String path) throws IOException {
        return ask("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    /explain?name=api.example.com       | HTTP/1.1 200 OK          | api.example.com in n1
                    /explain?x=1&name=a%2eexample%2Ecom | HTTP/1.1 200 OK          | a.example.com in n1
                    /explain                            | HTTP/1.1 400 Bad Request | no name
                    /explain?name=                      | HTTP/1.1 400 Bad Request | no name
                    /explain?name=%zz                   | HTTP/1.1 400 Bad Request |
                    /explain?name=a!%0d%0aX-Evil:%201   | HTTP/1.1 400 Bad Request | a!??X-Evil
                    /                                   | HTTP/1.1 200 OK          | /explain?name=NAME
                    /metrics                            | HTTP/1.1 404 Not Found   | Nothing is here
                    /v1/sessions                        | HTTP/1.1 404 Not Found   | Nothing is here
                    """)
    void answers(String path, String status, String words) throws IOException {
        String answer = get(path);

        assertThat(answer).startsWith(status + "\r\n").contains(words == null ? "" : words);
        assertThat(answer).contains("nosniff").doesNotContain("\nX-Evil");
    }

    @Test
    void programsGetJson() throws IOException {
        String start = "GET /explain?name=a.example HTTP/1.1\r\nAccept: application/json\r\n\r\n";
        assertThat(ask(start)).contains("Content-Type: application/json").endsWith("{\"a\":1}");
        assertThat(ask(start.replace("a.example", "!")))
                .contains("application/problem+json")
                .contains("\"status\":400");
    }

    @Test
    void headHasNoBodyAndNothingElseIsDone() throws IOException {
        assertThat(ask("HEAD /explain?name=a.example HTTP/1.1\r\n\r\n"))
                .contains("200 OK")
                .endsWith("\r\n\r\n");
        assertThat(ask("POST /explain?name=a.example HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"))
                .contains("405");
    }

    @ParameterizedTest
    @CsvSource({"nonsense", "GET", "GET / HTTP/2", "GET http://elsewhere/ HTTP/1.1", "'  '"})
    void whatIsNoRequestIsTold(String line) throws IOException {
        assertThat(ask(line + "\r\n\r\n")).startsWith("HTTP/1.1 400");
    }

    @Test
    void endlessHeadIsCut() throws IOException {
        assertThat(
                        ask(
                                "GET /explain?name=a HTTP/1.1\r\nX: "
                                        + "x".repeat(7000)
                                        + "\r\nY: "
                                        + "y".repeat(2000)))
                .startsWith("HTTP/1.1 400");
    }

    @Test
    void strangerGetsNothing() throws IOException {
        try (Socket socket = connect("127.0.0.3")) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void whoDawdlesIsCutAndWhoTakesAllPlacesKeepsThemFromNobodyElse() throws IOException {
        networks.put(
                new Network(
                        "n2",
                        List.of(Cidr.parse("127.0.0.4")),
                        Policy.PENDING,
                        Pinner.WITHOUT_FIREWALL));
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                idle.add(connect("127.0.0.4"));
                idle.getLast().getOutputStream().write('G');
            }
            try (Socket tooMany = connect("127.0.0.4")) {
                assertThat(tooMany.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(get("/explain?name=a.example")).contains("a.example in n1");
            for (Socket socket : idle) {
                assertThat(ended(socket)).isTrue();
            }
            try (Socket again = connect("127.0.0.4")) {
                again.getOutputStream()
                        .write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(again.getInputStream().read()).isEqualTo('H');
            }
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    private static boolean ended(Socket socket) {
        try {
            return socket.getInputStream().read() == -1;
        } catch (IOException e) {
            return !(e instanceof java.net.SocketTimeoutException);
        }
    }
}
