package io.sallyport.sync.control;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.limit.RateLimit.Rate;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.token.Tokens;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The running control server. */
public final class Control implements AutoCloseable {
    /** Browsers and nodes keep some open; beyond it new ones wait in the kernel. */
    private static final int MAX_CONNECTIONS = 1_000;

    /** Each may hold a body of {@link Routes#LARGE}. */
    private static final int MAX_REQUESTS = 64;

    /** Who dribbles a request is sent away. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration IDLE = Duration.ofSeconds(60);

    /**
     * @param listen port 0 takes any
     */
    public record Config(InetSocketAddress listen, Optional<TlsFiles> tls, Rates rates) {}

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

    /** What it serves. */
    public record Stores(
            OrgStore orgs, Tokens tokens, AuditTrail audit, Decisions decisions, Fleet fleet) {}

    private final WebServer server;
    private final Config config;

    private Control(WebServer server, Config config) {
        this.server = server;
        this.config = config;
    }

    /**
     * @throws IOException if the address cannot be had or the certificate cannot be read
     */
    public static Control start(Config config, Stores stores) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Where it is reached. */
    public String url() {
        return (config.tls().isPresent() ? "https://" : "http://")
                + HostAndPort.fromParts(
                        InetAddresses.toUriString(config.listen().getAddress()), server.port());
    }

    @Override
    public void close() {
        server.stop();
    }
}
