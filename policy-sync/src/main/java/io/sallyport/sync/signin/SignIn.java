package io.sallyport.sync.signin;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.signin.Site.Cookie;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Holder;
import io.sallyport.sync.token.Tokens.Role;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Signs browsers in and out, and says who is behind a browser's request.
 *
 * <p>Mount it at the root of the server that serves the console, before anything that answers every
 * path: {@code routing.register(signIn)}. It answers {@code /signin}, {@code /signin/callback} and
 * {@code /signout}. For a request without an {@code Authorization} header ask {@link #visitor};
 * when that is empty, answer 401, with {@link #provider} where there is one, so that the console
 * can offer it. {@code /v1/me} gives {@link Visitor#csrf} to the console, which sends it in {@value
 * #CSRF} with everything but GET. A bearer token needs none of this.
 */
public final class SignIn implements HttpService, AutoCloseable {
    /** The header that only a page of this console can send. */
    public static final String CSRF = "X-CSRF-Token";

    private static final HeaderName CSRF_HEADER = HeaderNames.create(CSRF);
    private static final Set<Method> SAFE = Set.of(Method.GET, Method.HEAD, Method.OPTIONS);

    /**
     * What {@code sign-in:} in the configuration file says.
     *
     * @param publicUrl where browsers find the console, if that is not where the server listens
     * @param provider without one, people sign in with tokens
     */
    public record Config(
            Optional<URI> publicUrl, Optional<IdentityProvider> provider, SessionLength length) {
        /** Tokens only. */
        public static final Config DEFAULT =
                new Config(Optional.empty(), Optional.empty(), SessionLength.DEFAULT);

        /**
         * @throws IllegalArgumentException with the place and the fix
         */
        public static Config read(Document document) {
            return ConfigReading.read(document);
        }
    }

    /**
     * How long a browser stays signed in.
     *
     * @param idle without being used
     * @param life in any case
     */
    public record SessionLength(Duration idle, Duration life) {
        /**
         * Someone who went to lunch is asked again; a working day, so that a role which was taken
         * away at the provider is gone by tomorrow.
         */
        public static final SessionLength DEFAULT =
                new SessionLength(Duration.ofHours(1), Duration.ofHours(10));

        public SessionLength {
            if (idle.compareTo(life) > 0) {
                throw new IllegalArgumentException(
                        "idle-minutes: is longer than session-hours; write less");
            }
        }
    }

    /** Somebody who is signed in, in one or several browsers. */
    public record Person(Holder holder, long browsers, Instant since, Instant used) {}

    /**
     * An OpenID provider, and what its groups may do here.
     *
     * @param clientSecretFile empty for a public client
     * @param caFile who certifies the provider, if not who the JVM trusts
     * @param grants the first one that fits counts
     */
    public record IdentityProvider(
            URI issuer,
            String clientId,
            Optional<Path> clientSecretFile,
            Optional<Path> caFile,
            List<String> scopes,
            String name,
            String groupsClaim,
            List<Grant> grants) {
        private static final int MAX_SECRET = 4096;

        public IdentityProvider {
            scopes = List.copyOf(scopes);
            grants = List.copyOf(grants);
        }

        String clientSecret() throws IOException {
            Path file = clientSecretFile.orElseThrow();
            String secret = "";
            try {
                if (Files.size(file) <= MAX_SECRET) {
                    secret = Files.readString(file).strip();
                }
            } catch (IOException e) {
                throw new IOException(
                        "sign-in.client-secret-file: cannot read " + file + "; check its owner", e);
            }
            if (secret.isEmpty() || secret.lines().count() != 1) {
                throw new IOException(
                        "sign-in.client-secret-file: "
                                + file
                                + " should hold the client secret and nothing else");
            }
            return secret;
        }
    }

    /** A group of the provider and its role here. */
    public record Grant(String group, Role role, Optional<String> org) {}

    /**
     * Who is behind a browser's request.
     *
     * @param csrf for the console; it follows from the session's cookie and does not give it away
     */
    public record Visitor(Holder holder, String csrf) {
        @Override
        public String toString() {
            return "Visitor[" + holder + "]";
        }
    }

    /** A request that another site may have made a browser send, or a sign-in that cannot be. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final String reason;

        Refused(String reason, String message) {
            this(reason, message, null);
        }

        /**
         * @param reason for the log: our own words, never those of a request or of a token
         * @param message for the person: a sentence
         */
        Refused(String reason, String message, @Nullable Exception cause) {
            super(message, cause);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    private final Config config;
    private final Site site;
    private final BrowserSessions sessions;
    private final Doors doors;
    private final Optional<OpenId> openId;

    private SignIn(
            Config config,
            Site site,
            BrowserSessions sessions,
            Doors doors,
            Optional<OpenId> openId) {
        this.config = config;
        this.site = site;
        this.sessions = sessions;
        this.doors = doors;
        this.openId = openId;
    }

    /**
     * The provider is not asked yet: that it is down keeps no server from starting.
     *
     * @throws IOException if a file that the configuration names cannot be used
     */
    public static SignIn open(Config config, Database database, Tokens tokens, Clock clock)
            throws IOException {
        Site site = new Site(config.publicUrl());
        Optional<OpenId> openId = Optional.empty();
        Optional<People> people = Optional.empty();
        if (config.provider().isPresent()) {
            IdentityProvider provider = config.provider().get();
            if (provider.clientSecretFile().isPresent()) {
                // a wrong file is told now, and not to the first person
                var _ = provider.clientSecret();
            }
            URI redirect = URI.create(config.publicUrl().orElseThrow() + "/signin/callback");
            openId =
                    Optional.of(
                            new OpenId(provider, redirect, Fetch.open(provider.caFile()), clock));
            people = Optional.of(new People(provider));
        }
        BrowserSessions sessions =
                new BrowserSessions(
                        database,
                        tokens,
                        clock,
                        config.length(),
                        people.map(People::mappings).orElse(Set.of()));
        Doors doors =
                new Doors(site, sessions, new Attempts(database, clock), tokens, openId, people);
        return new SignIn(config, site, sessions, doors, openId);
    }

    /**
     * What people call the provider: the link says "Sign in with …"; empty where people sign in
     * with tokens only.
     */
    public Optional<String> provider() {
        return config.provider().map(IdentityProvider::name);
    }

    /**
     * Who sent this request, as the browser's cookie has it.
     *
     * @return empty if nobody is signed in there, or no more
     * @throws Refused if a signed-in browser was made to send it by another site; answer 403
     */
    public Optional<Visitor> visitor(ServerRequest request) throws Refused, IOException {
        if (!request.headers().contains(HeaderNames.COOKIE)) {
            return Optional.empty();
        }
        Optional<Secret> cookie = site.cookie(request, Cookie.SESSION);
        if (cookie.isEmpty()) {
            return Optional.empty();
        }
        Optional<Holder> holder = sessions.find(cookie.get());
        if (holder.isEmpty()) {
            return Optional.empty();
        }
        Secret csrf = cookie.get().derive(CSRF);
        checkIntent(request, csrf);
        return Optional.of(new Visitor(holder.get(), csrf.text()));
    }

    /**
     * Who is signed in, last used first. A session that would be refused at its next use may be
     * among them.
     */
    public List<Person> people(int limit) throws IOException {
        return sessions.people(limit);
    }

    /**
     * Signs all browsers of a person out, for every server.
     *
     * @param person the id of the holder
     */
    public void end(String person, Author by) throws IOException, Refusal {
        sessions.end(person, by);
    }

    private void checkIntent(ServerRequest request, Secret csrf) throws Refused {
        if (SAFE.contains(request.prologue().method())) {
            if (site.isLookedAtFromOutside(request)) {
                throw new Refused("other-site", "a page of another site asked for this");
            }
            return;
        }
        site.checkOrigin(request);
        if (!csrf.is(request.headers().first(CSRF_HEADER).orElse(""))) {
            throw new Refused(
                    "csrf",
                    "a change needs the header "
                            + CSRF
                            + " with the value that /v1/me gives; reload the page and try again");
        }
    }

    @Override
    public void routing(HttpRules rules) {
        doors.routing(rules, this::visitor);
    }

    @Override
    public void close() {
        openId.ifPresent(OpenId::close);
    }
}
