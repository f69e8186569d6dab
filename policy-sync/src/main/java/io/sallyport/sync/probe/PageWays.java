package io.sallyport.sync.probe;

import io.sallyport.sync.page.Page;
import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Port 80 of the resolver's address: the page that says why answers there, and nothing else may,
 * neither a web server of the host nor a proxy that leads on.
 */
final class PageWays {
    private static final int PORT = 80;
    private static final int MOST = 4096;
    private static final int MOST_TOLD = 80;

    /** What leads on, or is served, behind a page that only looks like ours. */
    private static final List<String> OTHER_REQUESTS =
            List.of(
                    "GET /metrics HTTP/1.1\r\nHost: localhost",
                    "GET http://example.org/ HTTP/1.1\r\nHost: example.org",
                    "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443");

    private PageWays() {}

    static List<Way> list(Scene scene) {
        List<Way> ways = new ArrayList<>();
        for (boolean six : new boolean[] {false, true}) {
            List<InetAddress> servers = Scene.of(scene.surroundings().nameservers(), six);
            if (!servers.isEmpty()) {
                ways.add(
                        new Way(
                                "resolver-web-" + Scene.family(six),
                                "anything but the page that says why: "
                                        + servers.stream()
                                                .map(Streams::text)
                                                .collect(Collectors.joining(" "))
                                        + ", TCP "
                                        + PORT,
                                () -> look(servers, PORT, scene.timeout())));
            }
        }
        return ways;
    }

    static Seen look(List<InetAddress> servers, int port, Duration timeout) {
        List<String> closed = new ArrayList<>();
        for (InetAddress server : servers) {
            InetSocketAddress address = new InetSocketAddress(server, port);
            try {
                String page = ask(address, "GET / HTTP/1.1\r\nHost: localhost", timeout);
                if (!page.startsWith("HTTP/1.1 200 ") || !page.endsWith("\r\n" + Page.GREETING)) {
                    return Seen.open(Streams.text(address) + " is not the page: " + told(page));
                }
                for (String request : OTHER_REQUESTS) {
                    String answer = ask(address, request, timeout);
                    if (!answer.startsWith("HTTP/1.1 4")) {
                        return Seen.open(
                                Streams.text(address)
                                        + " answers "
                                        + request.substring(0, request.indexOf(" HTTP"))
                                        + ": "
                                        + told(answer));
                    }
                }
                closed.add("only the page");
            } catch (IOException e) {
                closed.add(e instanceof SocketTimeoutException ? "silence" : Streams.reason(e));
            }
        }
        return Seen.blocked(String.join(", ", closed));
    }

    /** Whatever came; only a connection that does not come about is an error. */
    private static String ask(InetSocketAddress address, String request, Duration timeout)
            throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address, (int) timeout.toMillis());
            socket.setSoTimeout((int) timeout.toMillis());
            return answer(socket, request + "\r\nConnection: close\r\n\r\n");
        }
    }

    private static String answer(Socket socket, String request) {
        byte[] octets = new byte[MOST];
        int length = 0;
        try {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            int read = 0;
            while (read >= 0 && length < MOST) {
                length += read;
                read = socket.getInputStream().read(octets, length, MOST - length);
            }
        } catch (IOException e) {
            return new String(octets, 0, length, StandardCharsets.ISO_8859_1); // and no more
        }
        return new String(octets, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static String told(String answer) {
        String line = answer.lines().findFirst().orElse("no answer").replaceAll("\\p{Cntrl}", "?");
        return line.substring(0, Math.min(line.length(), MOST_TOLD));
    }
}
