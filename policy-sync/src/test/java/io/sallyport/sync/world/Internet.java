package io.sallyport.sync.world;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sallyport.iptables.netns.Netns;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;

/**
 * The servers of the pretend internet, and of the host. They listen on wildcard addresses; address
 * translation in the internet's namespace leads every address and port to one of them.
 */
final class Internet implements Closeable {
    static final int ECHO = 7;
    static final int SECURE_SHELL = 22;
    static final int WEB = 80;
    static final int ANY_NAME = 5300;
    static final int CROOKED_NAMES = 5301;

    private static final int LARGEST_DATAGRAM = 65_535;
    private static final int BACKLOG = 64;

    private final List<Closeable> servers = new ArrayList<>();

    /** Everything that answers in the internet. */
    static Internet open(Netns netns) {
        return Inside.call(
                netns,
                () -> {
                    Internet internet = new Internet();
                    internet.web(new InetSocketAddress(WEB), "internet");
                    internet.stream(ECHO, "");
                    internet.stream(SECURE_SHELL, "SSH-2.0-pretend\r\n");
                    internet.datagrams();
                    internet.servers.add(new NameServer(ANY_NAME, NameServer::anyName));
                    internet.servers.add(new NameServer(CROOKED_NAMES, NameServer::crooked));
                    return internet;
                });
    }

    /** What the host has to itself: a service, and the metadata of its cloud. */
    static Internet openHost(Netns netns) {
        return Inside.call(
                netns,
                () -> {
                    Internet host = new Internet();
                    host.web(new InetSocketAddress(World.HOST_SERVICE), "host");
                    host.web(new InetSocketAddress(World.METADATA4, WEB), "metadata");
                    host.web(new InetSocketAddress(World.METADATA6, WEB), "metadata");
                    return host;
                });
    }

    @Override
    public void close() throws IOException {
        for (Closeable server : servers) {
            server.close();
        }
    }

    private void web(InetSocketAddress address, String place) throws IOException {
        HttpServer server = HttpServer.create(address, BACKLOG);
        server.createContext("/", exchange -> answer(exchange, place));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        servers.add(() -> server.stop(0));
    }

    /** Says where the request went and where it came from. */
    private static void answer(HttpExchange exchange, String place) throws IOException {
        try (exchange) {
            String client = exchange.getRemoteAddress().getAddress().getHostAddress();
            byte[] body =
                    (place
                                    + " for "
                                    + client
                                    + " as "
                                    + exchange.getRequestHeaders().getFirst("Host")
                                    + "\n")
                            .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Greets and then echoes, until the client is gone. */
    private void stream(int port, String greeting) throws IOException {
        ServerSocket server = new ServerSocket(port, BACKLOG);
        servers.add(server);
        Thread.startVirtualThread(() -> {
            while (!server.isClosed()) {
                try {
                    Socket client = server.accept();
                    Thread.startVirtualThread(() -> converse(client, greeting));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    private static void converse(Socket client, String greeting) {
        try (client) {
            client.getOutputStream().write(greeting.getBytes(StandardCharsets.US_ASCII));
            client.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException e) {
            // The client left.
            return;
        }
    }

    private void datagrams() throws IOException {
        DatagramSocket socket = new DatagramSocket(ECHO);
        servers.add(socket);
        Thread.startVirtualThread(() -> {
            byte[] buffer = new byte[LARGEST_DATAGRAM];
            while (!socket.isClosed()) {
                try {
                    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                    socket.receive(packet);
                    byte[] echo = Arrays.copyOf(buffer, packet.getLength());
                    socket.send(new DatagramPacket(echo, echo.length, packet.getSocketAddress()));
                } catch (IOException e) {
                    // Closed, or the client is unreachable; the loop's condition tells.
                }
            }
        });
    }
}
