package io.sallyport.sync.token;

import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Ordered;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tokens of an installation. Safe for many threads. */
public final class Tokens {
    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);

    /** An org's programs and people; more are forgotten ones. */
    static final int MAX_TOKENS = 1_000;

    /** Who made the first token, and its name. */
    private static final String BOOTSTRAP = "bootstrap";

    /** What its holder may do. */
    public enum Role {
        PLATFORM_ADMIN,
        ORG_ADMIN,
        ORG_VIEWER,
        NODE;

        /** As people and documents write it: {@code platform-admin}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** Whether it is about one org only. */
        public boolean ofOrg() {
            return switch (this) {
                case ORG_ADMIN, ORG_VIEWER -> true;
                case PLATFORM_ADMIN, NODE -> false;
            };
        }

        public static Role parse(String text) {
            for (Role role : values()) {
                if (role.text().equals(text)) {
                    return role;
                }
            }
            throw new IllegalArgumentException(
                    "this is not a role; write one of "
                            + String.join(", ", Stream.of(values()).map(Role::text).toList()));
        }
    }

    /**
     * Who calls.
     *
     * @param id the token's, or what else tells callers apart
     * @param node the one that a node's token speaks for; without, it speaks for none
     */
    public record Holder(
            String id, String name, Role role, Optional<String> org, Optional<String> node) {
        public Holder {
            if (role.ofOrg() != org.isPresent()) {
                throw new IllegalArgumentException(
                        role.ofOrg()
                                ? "org: the role " + role.text() + " needs one"
                                : "org: the role " + role.text() + " has none");
            }
            org.ifPresent(Settings::org);
            if (node.isPresent() && role != Role.NODE) {
                throw new IllegalArgumentException("node: the role " + role.text() + " has none");
            }
            node.ifPresent(Fleet::node);
        }

        /** A person, or a program of theirs. */
        public Holder(String id, String name, Role role, Optional<String> org) {
            this(id, name, role, org, Optional.empty());
        }

        /** Whether a report of this node may come from here. */
        public boolean speaksFor(String asked) {
            return role == Role.PLATFORM_ADMIN || node.filter(asked::equals).isPresent();
        }

        public Author author(String why) {
            return new Author(name, role.text(), why);
        }
    }

    /**
     * A token that is kept.
     *
     * @param used the last day it was used, to the day
     */
    public record Token(
            Holder holder,
            Instant created,
            String createdBy,
            Optional<Instant> expires,
            Optional<Instant> used) {}

    /** A new token with its secret, which is nowhere else. */
    public record Created(Token token, String secret) {
        @Override
        public String toString() {
            return "Created[" + token.holder().id() + "]"; // never into a log
        }
    }

    private final Database database;
    private final InstantSource clock;
    private final Executor aside;

    /** Days of use that this process has noted, or tried to: as many as there are tokens. */
    private final Map<String, Instant> noted = new ConcurrentHashMap<>();

    public Tokens(Database database, InstantSource clock) {
        this(database, clock, Thread::startVirtualThread);
    }

    /**
     * @param aside where uses are noted
     */
    Tokens(Database database, InstantSource clock, Executor aside) {
        this.database = database;
        this.clock = clock;
        this.aside = aside;
    }

    /**
     * Makes a token for a person or a program of theirs.
     *
     * @param org whose, for the roles of an org
     * @param expires when it ends; empty for never
     */
    public Created create(
            String name, Role role, Optional<String> org, Optional<Instant> expires, Author by)
            throws IOException, Refusal {
        return create(name, role, org, Optional.empty(), expires, by);
    }

    /**
     * Makes a token. As the other.
     *
     * @param node which one, for the role of a node: it reports under this name and no other
     */
    public Created create(
            String name,
            Role role,
            Optional<String> org,
            Optional<String> node,
            Optional<Instant> expires,
            Author by)
            throws IOException, Refusal {
        if (role == Role.NODE && node.isEmpty()) {
            throw new IllegalArgumentException(
                    "node: a node's token is for one node; write the name under which it reports");
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        if (expires.isPresent() && !expires.get().isAfter(now)) {
            throw new IllegalArgumentException("expires: is in the past");
        }
        Secret secret = Secret.random();
        Token token = token(name, role, org, node, expires, now, by);
        return database.change(open -> {
            if (org.isPresent() && !OrgStore.exists(open, org.get())) {
                throw new Refusal(Refusal.Kind.UNKNOWN, "there is no org " + org.get());
            }
            add(open, token, secret, by);
            return new Created(token, secret.text());
        });
    }

    private static Token token(
            String name,
            Role role,
            Optional<String> org,
            Optional<String> node,
            Optional<Instant> expires,
            Instant now,
            Author by) {
        Author holder = new Author(name, role.text(), ""); // it will sign changes
        return new Token(
                new Holder(Secret.id(), holder.who(), role, org, node),
                now,
                by.who(),
                expires,
                Optional.empty());
    }

    private static void add(Ordered open, Token token, Secret secret, Author by)
            throws IOException, Refusal {
        if (TokenRows.count(open, token.holder().org()) >= MAX_TOKENS) {
            throw new Refusal(
                    Refusal.Kind.FULL,
                    "there are " + MAX_TOKENS + " tokens already; revoke some that are not used");
        }
        TokenRows.insert(open, token, secret.hash());
        AuditTrail.append(open, token.created(), Events.created(token, by));
    }

    /**
     * Whose secret this is; nothing for one that is unknown, revoked or expired. The day of use is
     * noted aside, so that a caller never waits for a write, and a store that cannot be written can
     * still be asked.
     */
    public Optional<Holder> find(String secret) throws IOException {
        Optional<Secret> read = Secret.read(secret);
        if (read.isEmpty()) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Optional<Token> token =
                TokenRows.find(database.reads(), read.get().hash())
                        .filter(found -> found.expires().map(now::isBefore).orElse(true));
        if (token.isPresent()) {
            noteUse(token.get(), now.truncatedTo(ChronoUnit.DAYS));
        }
        return token.map(Token::holder);
    }

    private void noteUse(Token token, Instant day) {
        boolean known = token.used().isPresent() && !token.used().get().isBefore(day);
        if (!known && !day.equals(noted.put(token.holder().id(), day))) {
            aside.execute(() -> noteUse(token.holder().id(), day));
        }
    }

    private void noteUse(String id, Instant day) {
        try {
            database.record(open -> TokenRows.used(open, id, day));
        } catch (IOException e) {
            LOG.warn("the use of token {} could not be noted: {}", id, e.getMessage());
        }
    }

    /**
     * Tokens by id, without their secrets.
     *
     * @param org only those of an org; empty for all
     * @param after the id before the first; empty to begin
     */
    public List<Token> list(Optional<String> org, String after, int limit) throws IOException {
        return TokenRows.all(database.reads(), org, after, limit);
    }

    /** The token of an id. */
    public Optional<Token> get(String id) throws IOException {
        return TokenRows.get(database.reads(), id);
    }

    /** Ends a token at once, for every process. */
    public void revoke(String id, Author by) throws IOException, Refusal {
        database.change(open -> {
            Optional<Token> token = TokenRows.get(open, id);
            if (token.isEmpty()) {
                throw new Refusal(Refusal.Kind.UNKNOWN, "there is no such token");
            }
            TokenRows.delete(open, id);
            AuditTrail.append(open, clock.instant(), Events.revoked(token.get(), by));
            return token;
        });
    }

    /**
     * On the first start, makes a platform admin's token and writes its secret to {@code
     * admin.token}, which only the owner may read.
     *
     * @return the file, if it was written now
     */
    public Optional<Path> bootstrap(DataDirectory data) throws IOException, Refusal {
        return database.change(open -> {
            if (TokenRows.bootstrapped(open)) {
                return Optional.empty();
            }
            Secret secret = Secret.random();
            Author by = new Author(BOOTSTRAP, "first start");
            Token token =
                    token(
                            BOOTSTRAP,
                            Role.PLATFORM_ADMIN,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            clock.instant().truncatedTo(ChronoUnit.MILLIS),
                            by);
            Path file =
                    secret.write(data); // a crash now leaves a file that the next start replaces
            add(open, token, secret, by);
            TokenRows.noteBootstrap(open);
            return Optional.of(file);
        });
    }
}
