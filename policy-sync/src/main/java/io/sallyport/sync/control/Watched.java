package io.sallyport.sync.control;

import io.helidon.webserver.WebServerConfig;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * The door for those who watch: {@code /metrics} and nothing else, no token, no TLS, and so an
 * address of its own.
 */
final class Watched {
    static final String NAME = "metrics";

    /** Some monitors, one after another. */
    private static final int MAX_CONNECTIONS = 32;

    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofMinutes(2);

    private Watched() {}

    static void add(WebServerConfig.Builder builder, InetSocketAddress listen, Meters meters) {
        builder.putSocket(
                NAME,
                socket ->
                        socket.bindAddress(listen)
                                .maxPayloadSize(0)
                                .maxTcpConnections(MAX_CONNECTIONS)
                                .maxConcurrentRequests(MAX_CONNECTIONS)
                                .idleConnectionTimeout(IDLE)
                                .connectionOptions(options -> options.readTimeout(READ_TIMEOUT))
                                .routing(routing ->
                                        routing.get("/metrics", meters.metrics()::answer)));
    }
}
