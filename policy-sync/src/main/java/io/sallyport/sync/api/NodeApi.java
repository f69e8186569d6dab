package io.sallyport.sync.api;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.resolver.Resolver;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.session.Sessions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** The two servers of a node. */
public final class NodeApi implements AutoCloseable {
    /** A request names a place and an org; nothing longer is ours. */
    private static final long MAX_BODY_OCTETS = 64 * 1024;

    /** Orchestrators talk one after another; a monitor scrapes. */
    private static final int MAX_CONNECTIONS = 64;

    private static final String WATCH = "watch";

    /**
     * @param data where the socket is made
     * @param http where metrics and health are served
     */
    public record Config(DataDirectory data, InetSocketAddress http) {}

    /** How the rules in the kernel are. */
    public interface Rules {
        /** What is wrong with them now, one sentence each; empty when all is as rendered. */
        List<String> faults();

        /** How often they were put back. */
        long repairs();
    }

    private final WebServer server;
    private final Path endpoints;

    private NodeApi(WebServer server, Path endpoints) {
        this.server = server;
        this.endpoints = endpoints;
    }

    /**
     * @throws IOException if a port or the socket cannot be had; the message names it
     */
    public static NodeApi start(
            Config config, Sessions sessions, Resolver resolver, Firewall firewall, Rules rules)
            throws IOException {
        Path socket = config.data().socket();
        Files.deleteIfExists(socket);
        Watch watch = new Watch(resolver, firewall, sessions, rules);
        WebServer server =
                WebServer.builder()
                        .bindAddress(UnixDomainSocketAddress.of(socket))
                        .maxPayloadSize(MAX_BODY_OCTETS)
                        .maxConcurrentRequests(MAX_CONNECTIONS)
                        .shutdownHook(false)
                        .routing(routing -> told(routing, sessions))
                        .putSocket(
                                WATCH,
                                listener ->
                                        listener.host(config.http().getAddress().getHostAddress())
                                                .port(config.http().getPort())
                                                .maxConcurrentRequests(MAX_CONNECTIONS)
                                                .routing(watch::routes))
                        .build();
        try {
            server.start();
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException | RuntimeException e) {
            server.stop();
            throw new IOException(
                    "cannot serve on "
                            + socket
                            + " and "
                            + config.http()
                            + ": "
                            + rootMessage(e)
                            + "; --node-listen ADDRESS:PORT names another place for metrics and health",
                    e);
        }
        NodeApi api = new NodeApi(server, config.data().endpoints());
        api.announce(socket, config.http().getAddress().getHostAddress(), server.port(WATCH));
        return api;
    }

    private static void told(HttpRouting.Builder routing, Sessions sessions) {
        Problem.handle(routing);
        new SessionRoutes(sessions).add(routing);
    }

    private void announce(Path socket, String host, int port) throws IOException {
        JsonMapper json = new JsonMapper();
        String text =
                json.createObjectNode()
                        .put("pid", ProcessHandle.current().pid())
                        .put("node-socket", socket.toString())
                        .put(
                                "node-http",
                                "http://"
                                        + (host.contains(":") ? "[" + host + "]" : host)
                                        + ":"
                                        + port)
                        .toPrettyString();
        Files.writeString(endpoints, text + "\n");
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(endpoints);
        server.stop();
    }
}
