package io.sallyport.sync.watched;

import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/** A server's listener for monitors. */
public final class Watched {
    /** The listener's, in its server. */
    public static final String NAME = "watched";

    /** Some monitors and a kubelet, one after another. */
    private static final int MAX_CONNECTIONS = 64;

    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofMinutes(2);

    private Watched() {}

    /**
     * @param routes what may be asked
     */
    public static void add(
            WebServerConfig.Builder server,
            InetSocketAddress listen,
            Consumer<HttpRouting.Builder> routes) {
        add(server, listen, routes, MAX_CONNECTIONS, READ_TIMEOUT);
    }

    static void add(
            WebServerConfig.Builder server,
            InetSocketAddress listen,
            Consumer<HttpRouting.Builder> routes,
            int connections,
            Duration readTimeout) {
        server.putSocket(
                NAME,
                socket ->
                        socket.bindAddress(listen)
                                .maxPayloadSize(0)
                                .maxTcpConnections(connections)
                                .maxConcurrentRequests(connections)
                                .idleConnectionTimeout(IDLE)
                                .connectionOptions(options -> options.readTimeout(readTimeout))
                                .routing(routes));
    }
}
