package io.sallyport.sync.api;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.resolver.Resolver;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.underway.UnderWay;
import io.sallyport.sync.watched.Watched;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The two servers of a node. */
public final class NodeApi implements Closeable {
    /** A request names a place and an org; nothing longer is ours. */
    private static final long MAX_BODY_OCTETS = 64 * 1024;

    /** Orchestrators talk one after another. */
    private static final int MAX_CONNECTIONS = 64;

    /** A session that is being started when the node stops: a pull takes 2 s at most. */
    private static final Duration LAST_REQUESTS = Duration.ofSeconds(5);

    /** The server also waits for clients that keep a connection and ask nothing. */
    private static final Duration LAST_OCTETS = Duration.ofMillis(100);

    private static final String PID = "pid";
    private static final String SOCKET = "node-socket";
    private static final String HTTP = "node-http";

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

    /** What else the node counts: pulls of policies, reports to a control server. */
    @FunctionalInterface
    public interface Told {
        /** Counters by metric name. */
        Map<String, Long> counters();
    }

    private final WebServer server;
    private final DataDirectory data;

    private final Path bound;
    private final UnderWay calls;

    private NodeApi(WebServer server, DataDirectory data, Path bound, UnderWay calls) {
        this.server = server;
        this.data = data;
        this.bound = bound;
        this.calls = calls;
    }

    /**
     * @throws IOException if a port or the socket cannot be had; the message names it
     */
    public static NodeApi start(
            Config config,
            Sessions sessions,
            Resolver resolver,
            Firewall firewall,
            Rules rules,
            Told told)
            throws IOException {
        Path socket = config.data().socket();
        try {
            Watched.requireFree(config.http());
        } catch (IOException e) {
            throw refused(socket, config.http(), e);
        }
        // Renamed when it listens: whoever calls meanwhile reaches who was there before.
        Path bound = socket.resolveSibling("node." + ProcessHandle.current().pid());
        Files.deleteIfExists(bound);
        UnderWay calls = new UnderWay();
        Watch watch = new Watch(resolver, firewall, sessions, rules, told);
        WebServerConfig.Builder builder =
                WebServer.builder()
                        .bindAddress(UnixDomainSocketAddress.of(bound))
                        .shutdownGracePeriod(LAST_OCTETS)
                        .maxPayloadSize(MAX_BODY_OCTETS)
                        .maxConcurrentRequests(MAX_CONNECTIONS)
                        .shutdownHook(false)
                        .routing(routing -> told(routing, sessions, watch.startTimes(), calls));
        Watched.add(builder, config.http(), watch::routes);
        WebServer server = builder.build();
        NodeApi api = new NodeApi(server, config.data(), bound, calls);
        try {
            server.start();
            if (!server.isRunning()) {
                // A listener that cannot be had stops the server without a word to its caller.
                throw new IOException("one of them is taken");
            }
            Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString("rw-------"));
            Files.move(bound, socket, StandardCopyOption.ATOMIC_MOVE);
            api.announce(socket, endpoint(config.http(), server.port(Watched.NAME)));
        } catch (IOException | RuntimeException e) {
            api.close();
            throw refused(socket, config.http(), e);
        }
        return api;
    }

    private static IOException refused(Path socket, InetSocketAddress http, Exception cause) {
        return new IOException(
                "cannot serve on "
                        + socket
                        + " and "
                        + endpoint(http, http.getPort())
                        + ": "
                        + rootMessage(cause)
                        + "; --node-listen ADDRESS:PORT names another place for metrics and health",
                cause);
    }

    private static void told(
            HttpRouting.Builder routing, Sessions sessions, StartTimes times, UnderWay calls) {
        routing.addFilter((chain, request, response) -> {
            calls.begin();
            try {
                chain.proceed();
            } finally {
                calls.end();
            }
        });
        Problem.handle(routing);
        new SessionRoutes(sessions, times).add(routing);
    }

    private void announce(Path socket, String http) throws IOException {
        data.announce(
                Map.of(
                        PID,
                        Long.toString(ProcessHandle.current().pid()),
                        SOCKET,
                        socket.toString(),
                        HTTP,
                        "http://" + http));
    }

    private static String endpoint(InetSocketAddress configured, int port) {
        return HostAndPort.fromParts(InetAddresses.toUriString(configured.getAddress()), port)
                .toString();
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /**
     * What has come is answered first.
     *
     * @throws IOException if that takes too long: closed all the same, but somebody still works on
     *     what another process is not to have yet
     */
    @Override
    public void close() throws IOException {
        try {
            data.withdraw(Set.of(PID, SOCKET, HTTP));
        } finally {
            stop();
        }
    }

    private void stop() throws IOException {
        boolean over = calls.awaitNone(LAST_REQUESTS);
        server.stop();
        Files.deleteIfExists(bound);
        if (!over) {
            throw new IOException("calls of the node's API are under way still");
        }
    }
}
