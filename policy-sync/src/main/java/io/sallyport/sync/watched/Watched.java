package io.sallyport.sync.watched;

import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.sallyport.sync.doorman.Doorman;
import io.sallyport.sync.doorman.Doorman.Patience;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.function.Consumer;

/** A server's listener for monitors. */
public final class Watched {
    /** The listener's, in its server. */
    public static final String NAME = "watched";

    /** Some monitors and a kubelet, one after another. */
    private static final int MAX_CONNECTIONS = 64;

    /**
     * Monitors keep their connection from one scrape to the next, a minute at the most as a rule.
     */
    private static final Patience PATIENCE =
            new Patience(
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(30));

    private Watched() {}

    /**
     * To be asked before a server of several listeners starts: if one cannot be had, its end of the
     * others may be logged as a fault.
     *
     * @throws IOException if nobody can listen there; says why, not where
     */
    public static void requireFree(InetSocketAddress listen) throws IOException {
        try (ServerSocket trial = new ServerSocket()) {
            trial.bind(listen);
        }
    }

    /**
     * @param routes what may be asked
     */
    public static void add(
            WebServerConfig.Builder server,
            InetSocketAddress listen,
            Consumer<HttpRouting.Builder> routes) {
        add(server, listen, routes, MAX_CONNECTIONS, PATIENCE);
    }

    static void add(
            WebServerConfig.Builder server,
            InetSocketAddress listen,
            Consumer<HttpRouting.Builder> routes,
            int connections,
            Patience patience) {
        Doorman doorman = new Doorman(patience, connections);
        server.putSocket(
                NAME,
                socket ->
                        socket.bindAddress(listen)
                                .maxPayloadSize(0)
                                .maxTcpConnections(connections)
                                .maxConcurrentRequests(connections)
                                .protocolsDiscoverServices(false)
                                .addConnectionSelector(doorman)
                                .routing(routing -> {
                                    routing.register(new Leave(doorman))
                                            .addFilter((chain, request, response) -> {
                                                Doorman.stay(patience.caller());
                                                chain.proceed();
                                                Doorman.next();
                                            });
                                    routes.accept(routing);
                                }));
    }

    /** The doorman goes when the listener does. */
    private record Leave(Doorman doorman) implements HttpService {
        @Override
        public void routing(HttpRules rules) {}

        @Override
        public void afterStop() {
            doorman.close();
        }
    }
}
