package io.sallyport.sync.control;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.helidon.webserver.WebServer;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.console.Console;
import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.insight.Insight;
import io.sallyport.sync.limit.RateLimit.Rate;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.replay.Replay;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.token.Tokens;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;

/** The running control server. */
public final class Control implements AutoCloseable {
    /** Browsers and nodes keep some open; beyond it new ones wait in the kernel. */
    private static final int MAX_CONNECTIONS = 1_000;

    /** Each may hold a body of {@link Routes#LARGE}. */
    private static final int MAX_REQUESTS = 64;

    /** The gate says no before; this is for what it reads over. */
    private static final long MAX_PAYLOAD = 2L * Routes.LARGE + 2;

    /** Who dribbles a request is sent away. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration IDLE = Duration.ofSeconds(60);

    /**
     * @param listen port 0 takes any
     */
    public record Config(
            InetSocketAddress listen, Optional<TlsFiles> tls, SignIn.Config signIn, Rates rates) {}

    /** PEM files: a certificate chain, and its key without a password. */
    public record TlsFiles(Path certificate, Path key) {}

    /**
     * How often requests may come.
     *
     * @param address from one address, whoever sends them
     * @param person with one token or sign-in of a person or a program
     * @param node with one node's token: it pulls a policy for each session
     */
    public record Rates(Rate address, Rate person, Rate node) {
        public static final Rates DEFAULT =
                new Rates(
                        new Rate(4_000, 1_000, Duration.ofSeconds(1)),
                        new Rate(300, 50, Duration.ofSeconds(1)),
                        new Rate(2_000, 500, Duration.ofSeconds(1)));
    }

    private final WebServer server;
    private final SignIn signIn;
    private final Config config;

    private Control(WebServer server, SignIn signIn, Config config) {
        this.server = server;
        this.signIn = signIn;
        this.config = config;
    }

    /**
     * @param database is closed by whoever opened it
     * @throws IOException if the address cannot be had or the certificate cannot be read
     */
    public static Control start(Config config, Database database) throws IOException {
        return start(config, database, InstantSource.system());
    }

    static Control start(Config config, Database database, InstantSource clock) throws IOException {
        SignIn signIn =
                SignIn.open(
                        config.signIn(),
                        database,
                        new Tokens(database, clock),
                        clock.withZone(ZoneOffset.UTC));
        boolean started = false;
        try {
            Control control = new Control(server(config, database, clock, signIn), signIn, config);
            started = true;
            return control;
        } finally {
            if (!started) {
                signIn.close();
            }
        }
    }

    private static WebServer server(
            Config config, Database database, InstantSource clock, SignIn signIn)
            throws IOException {
        Gate gate = gate(config, database, clock, signIn);
        var builder =
                WebServer.builder()
                        .bindAddress(config.listen())
                        .maxPayloadSize(MAX_PAYLOAD)
                        .maxTcpConnections(MAX_CONNECTIONS)
                        .maxConcurrentRequests(MAX_REQUESTS)
                        .idleConnectionTimeout(IDLE)
                        .connectionOptions(options -> options.readTimeout(READ_TIMEOUT))
                        .shutdownHook(false)
                        .directHandlers(Guards::direct)
                        .routing(routing ->
                                routing.addFilter(gate::limit)
                                        .register(signIn)
                                        .register(new Console())
                                        .any(gate::handle));
        if (config.tls().isPresent()) {
            builder.tls(Certificate.tls(config.tls().get()));
        }
        WebServer server = builder.build();
        server.start();
        if (!server.isRunning()) {
            // A listener that cannot be had stops the server without a word to its caller.
            throw new IOException(
                    "cannot listen on "
                            + endpoint(config.listen(), config.listen().getPort())
                            + ": it is taken, or not an address of this host; --listen ADDRESS:PORT"
                            + " names another");
        }
        return server;
    }

    private static Gate gate(Config config, Database database, InstantSource clock, SignIn signIn) {
        OrgStore orgs = OrgStore.of(database, clock);
        Tokens tokens = new Tokens(database, clock);
        Decisions decisions = new Decisions(database, clock);
        Fleet fleet = new Fleet(database, clock);
        Presets presets = Presets.shipped();
        SettingsPage page = new SettingsPage(fleet);
        Routes routes = new Routes();
        new MetaRoutes(orgs).add(routes);
        new OrgRoutes(orgs, page).add(routes);
        new SettingsRoutes(orgs, page, presets).add(routes);
        new CheckRoutes(orgs, new Insight(orgs, decisions, fleet, presets, clock), presets)
                .add(routes);
        new PolicyRoutes(orgs, fleet, presets).add(routes);
        new TrafficRoutes(orgs, decisions, fleet, clock).add(routes);
        new EmergencyRoutes(orgs, fleet).add(routes);
        new NodeRoutes(decisions, fleet).add(routes);
        new AuditRoutes(new AuditTrail(database)).add(routes);
        new TokenRoutes(tokens, clock).add(routes);
        Repeats repeats = new Repeats(new Replay(database, clock));
        return new Gate(routes.complete(), new Callers(tokens, signIn), repeats, config);
    }

    /** Where it is reached. */
    public String url() {
        return (config.tls().isPresent() ? "https://" : "http://")
                + endpoint(config.listen(), server.port());
    }

    private static String endpoint(InetSocketAddress configured, int port) {
        return HostAndPort.fromParts(InetAddresses.toUriString(configured.getAddress()), port)
                .toString();
    }

    @Override
    public void close() {
        server.stop();
        signIn.close();
    }
}
