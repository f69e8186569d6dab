package io.sallyport.sync.control;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.helidon.webserver.WebServer;
import io.sallyport.sync.admission.Admission;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.console.Console;
import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.doorman.Doorman;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.insight.Insight;
import io.sallyport.sync.limit.RateLimit.Rate;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.replay.Replay;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.watched.Watched;
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
    private static final int MAX_CONNECTIONS = 4_096;

    /** What is one's own and what is at work are bounded apart: see {@link Turns}. */
    private static final int ANY_REQUESTS = -1;

    private static final Duration IDLE = Duration.ofSeconds(60);

    /**
     * @param listen port 0 takes any
     * @param metrics where {@code /metrics} is; empty for nowhere
     * @param admission what the webhook for pods does; empty: there is none
     */
    public record Config(
            InetSocketAddress listen,
            Optional<TlsFiles> tls,
            SignIn.Config signIn,
            Limits limits,
            Optional<InetSocketAddress> metrics,
            Optional<Admission.Config> admission) {
        /** Without metrics or webhook. */
        public Config(
                InetSocketAddress listen,
                Optional<TlsFiles> tls,
                SignIn.Config signIn,
                Limits limits) {
            this(listen, tls, signIn, limits, Optional.empty(), Optional.empty());
        }
    }

    /**
     * PEM files: a certificate chain, and its key without a password.
     *
     * @param clientCa who vouches for callers that show a certificate; empty: none is asked for
     */
    public record TlsFiles(Path certificate, Path key, Optional<Path> clientCa) {}

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

    /**
     * How large bodies may be, in octets.
     *
     * @param fields of a request with a few fields
     * @param lists of whole settings, lists of domains and reports
     */
    public record Sizes(int fields, int lists) {
        /** Lists: two of 10,000 patterns, each a name of 255 octets with quotes and a comma. */
        public static final Sizes DEFAULT = new Sizes(64 << 10, 6 << 20);

        int of(Routes.Body body) {
            return switch (body) {
                case NONE -> 0;
                case FIELDS -> fields;
                case LISTS -> lists;
            };
        }

        /** What is refused is read over, up to so much, so that its sender can read why. */
        int skipped() {
            return Math.max(fields, lists);
        }
    }

    /** What callers may spend. */
    public record Limits(Rates rates, Sizes sizes) {
        public static final Limits DEFAULT = new Limits(Rates.DEFAULT, Sizes.DEFAULT);
    }

    private final WebServer server;
    private final Optional<Renewal> renewal;
    private final Doorman doorman;
    private final SignIn signIn;
    private final Config config;

    private Control(
            WebServer server,
            Optional<Renewal> renewal,
            Doorman doorman,
            SignIn signIn,
            Config config) {
        this.server = server;
        this.renewal = renewal;
        this.doorman = doorman;
        this.signIn = signIn;
        this.config = config;
    }

    /**
     * @param database is closed by whoever opened it
     * @throws IOException if the address cannot be had or the certificate cannot be read
     */
    public static Control start(Config config, Database database) throws IOException {
        return start(config, database, InstantSource.system(), Doorman.Patience.DEFAULT);
    }

    static Control start(
            Config config, Database database, InstantSource clock, Doorman.Patience patience)
            throws IOException {
        Doorman doorman = new Doorman(patience, MAX_CONNECTIONS);
        SignIn signIn =
                SignIn.open(
                        config.signIn(),
                        database,
                        new Tokens(database, clock),
                        clock.withZone(ZoneOffset.UTC));
        boolean started = false;
        try {
            Census census = new Census(new Fleet(database, clock), new AuditTrail(database), clock);
            Meters meters = new Meters(database, census);
            Gate gate = gate(config, database, clock, signIn, patience, meters);
            Optional<Admission> admission =
                    config.admission().map(given -> new Admission(given, database, clock));
            Control control = start(config, gate, doorman, signIn, meters, admission);
            started = true;
            return control;
        } finally {
            if (!started) {
                doorman.close();
                signIn.close();
            }
        }
    }

    private static Control start(
            Config config,
            Gate gate,
            Doorman doorman,
            SignIn signIn,
            Meters meters,
            Optional<Admission> admission)
            throws IOException {
        Optional<Certificate> certificate =
                config.tls().isPresent()
                        ? Optional.of(Certificate.read(config.tls().get()))
                        : Optional.empty();
        WebServer server = server(config, certificate, gate, doorman, signIn, meters, admission);
        Optional<Renewal> renewal =
                certificate.map(first -> Renewal.of(config.tls().orElseThrow(), first, server));
        return new Control(server, renewal, doorman, signIn, config);
    }

    private static WebServer server(
            Config config,
            Optional<Certificate> certificate,
            Gate gate,
            Doorman doorman,
            SignIn signIn,
            Meters meters,
            Optional<Admission> admission)
            throws IOException {
        requireFree(config.listen(), "--listen");
        if (config.metrics().isPresent()) {
            requireFree(config.metrics().get(), "--metrics-listen");
        }
        int large = config.limits().sizes().skipped();
        var builder =
                WebServer.builder()
                        .bindAddress(config.listen())
                        .maxPayloadSize(2L * large + 2) // the gate says no before
                        .maxTcpConnections(MAX_CONNECTIONS)
                        .maxConcurrentRequests(ANY_REQUESTS)
                        .protocolsDiscoverServices(false)
                        .addConnectionSelector(doorman)
                        .idleConnectionTimeout(IDLE)
                        .shutdownHook(false)
                        .directHandlers(Guards::direct)
                        .routing(routing -> {
                            routing.addFilter(gate::limit).register(signIn).register(new Console());
                            admission.ifPresent(routing::register);
                            routing.any(gate::handle);
                        });
        certificate.ifPresent(first -> builder.tls(first.tls()));
        config.metrics()
                .ifPresent(listen ->
                        Watched.add(
                                builder,
                                listen,
                                routing -> routing.get("/metrics", meters.metrics()::answer)));
        WebServer server = builder.build();
        server.start();
        if (!server.isRunning()) {
            // A listener that cannot be had stops the server without a word to its caller.
            throw new IOException(
                    "cannot listen on "
                            + endpoint(config.listen(), config.listen().getPort())
                            + config.metrics()
                                    .map(metrics -> " and " + endpoint(metrics, metrics.getPort()))
                                    .orElse("")
                            + ": one is taken, or not an address of this host; --listen and"
                            + " --metrics-listen ADDRESS:PORT name others");
        }
        return server;
    }

    private static void requireFree(InetSocketAddress listen, String option) throws IOException {
        try {
            Watched.requireFree(listen);
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on "
                            + endpoint(listen, listen.getPort())
                            + ": "
                            + e.getMessage()
                            + "; "
                            + option
                            + " ADDRESS:PORT names another place",
                    e);
        }
    }

    private static Gate gate(
            Config config,
            Database database,
            InstantSource clock,
            SignIn signIn,
            Doorman.Patience patience,
            Meters meters) {
        OrgStore orgs = OrgStore.of(database, clock);
        Tokens tokens = new Tokens(database, clock);
        Decisions decisions = new Decisions(database, clock);
        Fleet fleet = new Fleet(database, clock);
        Presets presets = Presets.shipped();
        SettingsPage page = new SettingsPage(fleet);
        Routes routes = new Routes();
        new MetaRoutes(database).add(routes);
        new OrgRoutes(orgs, page).add(routes);
        new SettingsRoutes(orgs, page, presets).add(routes);
        new CheckRoutes(orgs, new Insight(orgs, decisions, fleet, presets, clock), presets)
                .add(routes);
        new PolicyRoutes(orgs, fleet, presets).add(routes);
        new NamespaceRoutes(orgs).add(routes);
        new TrafficRoutes(orgs, decisions, fleet, clock).add(routes);
        new EmergencyRoutes(orgs, fleet).add(routes);
        new NodeRoutes(orgs, decisions, fleet).add(routes);
        new AuditRoutes(new AuditTrail(database)).add(routes);
        new TokenRoutes(tokens, clock).add(routes);
        new SignInRoutes(signIn).add(routes);
        Repeats repeats = new Repeats(new Replay(database, clock));
        return new Gate(
                routes.complete(), new Callers(tokens, signIn), repeats, patience, meters, config);
    }

    /** Where it is reached. */
    public String url() {
        return (config.tls().isPresent() ? "https://" : "http://")
                + endpoint(config.listen(), server.port());
    }

    /** Where its metrics are scraped, if anywhere. */
    public Optional<String> metricsUrl() {
        return config.metrics()
                .map(listen ->
                        "http://" + endpoint(listen, server.port(Watched.NAME)) + "/metrics");
    }

    private static String endpoint(InetSocketAddress configured, int port) {
        return HostAndPort.fromParts(InetAddresses.toUriString(configured.getAddress()), port)
                .toString();
    }

    @Override
    public void close() {
        renewal.ifPresent(Renewal::close);
        server.stop();
        doorman.close();
        signIn.close();
    }
}
