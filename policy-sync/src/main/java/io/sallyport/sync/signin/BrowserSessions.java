package io.sallyport.sync.signin;

import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.audit.AuditTrail.Event;
import io.sallyport.sync.signin.SignIn.Person;
import io.sallyport.sync.signin.SignIn.SessionLength;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.Database.Transaction;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Holder;
import io.sallyport.sync.token.Tokens.Role;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signed-in browsers. What a browser has is a secret; what is stored is its hash. */
final class BrowserSessions {
    private static final Logger LOG = LoggerFactory.getLogger(BrowserSessions.class);

    /** One person's browsers; the one that was not used for longest makes room. */
    static final int MOST_OF_ONE = 20;

    /** Use is noted by the minute, or each click would be a write. */
    private static final Duration NOTED = Duration.ofMinutes(1);

    /** What a session rests on, and ends with. */
    sealed interface Basis {
        /** A token that was shown, by its id. */
        record Token(String id) implements Basis {}

        /** A sign-in at the provider, and what of the mapping of groups gave the role. */
        record Mapping(String digest) implements Basis {}
    }

    private record Row(Holder holder, Basis basis, Instant used) {}

    private final Database database;
    private final Tokens tokens;
    private final InstantSource clock;
    private final SessionLength length;
    private final Set<String> mappings;

    /**
     * @param mappings those that the configuration has; a session on another is over
     */
    BrowserSessions(
            Database database,
            Tokens tokens,
            InstantSource clock,
            SessionLength length,
            Set<String> mappings) {
        this.database = database;
        this.tokens = tokens;
        this.clock = clock;
        this.length = length;
        this.mappings = Set.copyOf(mappings);
    }

    Duration life() {
        return length.life();
    }

    /** Signs a browser in; always with a new secret. */
    Secret start(Holder holder, Basis basis) throws IOException {
        Secret secret = Secret.fresh();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        try {
            database.change(open -> {
                makeRoom(open, holder, now);
                insert(open, secret, holder, basis, now);
                AuditTrail.append(open, now, signedIn(holder, basis));
                return holder;
            });
        } catch (Refusal e) {
            throw new AssertionError("a session is never refused", e);
        }
        return secret;
    }

    private static Event signedIn(Holder holder, Basis basis) {
        String with =
                switch (basis) {
                    case Basis.Token _ -> "token";
                    case Basis.Mapping _ -> "provider";
                };
        return new Event(
                holder.author(""),
                holder.org(),
                "console.sign-in",
                holder.id(),
                Map.of("with", with));
    }

    private void makeRoom(Transaction open, Holder holder, Instant now) throws IOException {
        open.update(
                "DELETE FROM browser_session WHERE started_at < ?",
                now.minus(length.life()).toEpochMilli());
        open.update(
                """
                DELETE FROM browser_session WHERE hash IN (
                    SELECT hash FROM (
                        SELECT hash, ROW_NUMBER() OVER (ORDER BY used_at DESC) AS place
                        FROM browser_session WHERE holder = ?) AS held
                    WHERE place >= ?)
                """,
                holder.id(),
                MOST_OF_ONE);
    }

    private static void insert(
            Transaction open, Secret secret, Holder holder, Basis basis, Instant now)
            throws IOException {
        open.update(
                """
                INSERT INTO browser_session
                    (hash, holder, name, role, org, token, mapping, started_at, used_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                secret.hash(),
                holder.id(),
                holder.name(),
                holder.role().text(),
                holder.org().orElse(""),
                basis instanceof Basis.Token(String id) ? id : "",
                basis instanceof Basis.Mapping(String digest) ? digest : "",
                now.toEpochMilli(),
                now.toEpochMilli());
    }

    /** Whose browser this is, if it is signed in, and what that rests on still holds. */
    Optional<Holder> find(Secret secret) throws IOException {
        Instant now = clock.instant();
        Optional<Row> row =
                database.reads()
                        .first(
                                BrowserSessions::row,
                                """
                                SELECT holder, name, role, org, token, mapping, used_at
                                FROM browser_session
                                WHERE hash = ? AND started_at > ? AND used_at > ?
                                """,
                                secret.hash(),
                                now.minus(length.life()).toEpochMilli(),
                                now.minus(length.idle()).toEpochMilli());
        if (row.isEmpty() || !holds(row.get().basis(), now)) {
            return Optional.empty();
        }
        if (row.get().used().plus(NOTED).isBefore(now)) {
            noteUse(secret, now);
        }
        return row.map(Row::holder);
    }

    private static Row row(ResultSet row) throws SQLException {
        String token = row.getString("token");
        return new Row(
                holder(row),
                token.isEmpty()
                        ? new Basis.Mapping(row.getString("mapping"))
                        : new Basis.Token(token),
                Instant.ofEpochMilli(row.getLong("used_at")));
    }

    private static Holder holder(ResultSet row) throws SQLException {
        return new Holder(
                row.getString("holder"),
                row.getString("name"),
                Role.parse(row.getString("role")),
                Optional.of(row.getString("org")).filter(org -> !org.isEmpty()));
    }

    private boolean holds(Basis basis, Instant now) throws IOException {
        return switch (basis) {
            case Basis.Token(String id) ->
                    tokens.get(id)
                            .filter(found -> found.expires().map(now::isBefore).orElse(true))
                            .isPresent();
            case Basis.Mapping(String digest) -> mappings.contains(digest);
        };
    }

    /** A store that cannot be written can still be read; the session only ends the sooner. */
    private void noteUse(Secret secret, Instant now) {
        try {
            database.record(open ->
                    open.update(
                            "UPDATE browser_session SET used_at = ? WHERE hash = ?",
                            now.toEpochMilli(),
                            secret.hash()));
        } catch (IOException e) {
            LOG.warn("the use of a browser session could not be noted: {}", e.getMessage());
        }
    }

    /** Ends a session, for every server. */
    void end(Secret secret) throws IOException {
        database.record(
                open -> open.update("DELETE FROM browser_session WHERE hash = ?", secret.hash()));
    }

    List<Person> people(int limit) throws IOException {
        Instant now = clock.instant();
        return database.reads()
                .query(
                        row ->
                                new Person(
                                        holder(row),
                                        row.getLong("browsers"),
                                        Instant.ofEpochMilli(row.getLong("since")),
                                        Instant.ofEpochMilli(row.getLong("last_used"))),
                        """
                        SELECT holder, name, role, org, COUNT(*) AS browsers,
                               MIN(started_at) AS since, MAX(used_at) AS last_used
                        FROM browser_session WHERE started_at > ? AND used_at > ?
                        GROUP BY holder, name, role, org ORDER BY last_used DESC, holder LIMIT ?
                        """,
                        now.minus(length.life()).toEpochMilli(),
                        now.minus(length.idle()).toEpochMilli(),
                        limit);
    }

    /** Ends all sessions of a person, for every server. */
    void end(String person, Author by) throws IOException, Refusal {
        Instant now = clock.instant();
        database.change(open -> {
            Optional<Holder> holder =
                    open.first(
                            BrowserSessions::holder,
                            """
                            SELECT holder, name, role, org FROM browser_session
                            WHERE holder = ? ORDER BY used_at DESC LIMIT 1
                            """,
                            person);
            if (holder.isEmpty()) {
                throw new Refusal(Refusal.Kind.UNKNOWN, "nobody with this id is signed in");
            }
            int ended = open.update("DELETE FROM browser_session WHERE holder = ?", person);
            AuditTrail.append(open, now, signedOut(holder.get(), ended, by));
            return ended;
        });
    }

    private static Event signedOut(Holder holder, int browsers, Author by) {
        return new Event(
                by,
                holder.org(),
                "console.end",
                holder.id(),
                Map.of("name", holder.name(), "browsers", browsers));
    }
}
