package io.sallyport.sync.signin;

import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Event;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.Database.Transaction;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Holder;
import io.sallyport.sync.token.Tokens.Role;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/** Signed-in browsers. What a browser has is a secret; what is stored is its hash. */
final class BrowserSessions {
    /** Someone who went to lunch is asked again. */
    static final Duration IDLE = Duration.ofHours(1);

    /** A working day: a role that was taken away at the provider is gone by tomorrow. */
    static final Duration LIFE = Duration.ofHours(10);

    /** One person's browsers; the one that was not used for longest makes room. */
    static final int MOST_OF_ONE = 20;

    /** Use is noted by the minute, or each click would be a write. */
    private static final Duration NOTED = Duration.ofMinutes(1);

    private record Row(Holder holder, String token, Instant used) {}

    private final Database database;
    private final Tokens tokens;
    private final InstantSource clock;

    BrowserSessions(Database database, Tokens tokens, InstantSource clock) {
        this.database = database;
        this.tokens = tokens;
        this.clock = clock;
    }

    /**
     * Signs a browser in; always with a new secret.
     *
     * @param token the id of the token it showed; empty for a sign-in at the provider
     */
    Secret start(Holder holder, Optional<String> token) throws IOException {
        Secret secret = Secret.fresh();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        try {
            database.change(open -> {
                makeRoom(open, holder, now);
                insert(open, secret, holder, token, now);
                AuditTrail.append(open, now, signedIn(holder, token));
                return holder;
            });
        } catch (Refusal e) {
            throw new AssertionError("a session is never refused", e);
        }
        return secret;
    }

    private static Event signedIn(Holder holder, Optional<String> token) {
        return new Event(
                holder.author(""),
                holder.org(),
                "console.sign-in",
                holder.id(),
                Map.of("with", token.isPresent() ? "token" : "provider"));
    }

    private static void makeRoom(Transaction open, Holder holder, Instant now) throws IOException {
        open.update(
                "DELETE FROM browser_session WHERE started_at < ?", now.minus(LIFE).toEpochMilli());
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
            Transaction open, Secret secret, Holder holder, Optional<String> token, Instant now)
            throws IOException {
        open.update(
                """
                INSERT INTO browser_session (hash, holder, name, role, org, token, started_at, used_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                secret.hash(),
                holder.id(),
                holder.name(),
                holder.role().text(),
                holder.org().orElse(""),
                token.orElse(""),
                now.toEpochMilli(),
                now.toEpochMilli());
    }

    /**
     * Whose browser this is, if it is signed in, and its token, where it showed one, still holds.
     */
    Optional<Holder> find(Secret secret) throws IOException {
        Instant now = clock.instant();
        Optional<Row> row =
                database.reads()
                        .first(
                                found ->
                                        new Row(
                                                new Holder(
                                                        found.getString(1),
                                                        found.getString(2),
                                                        Role.parse(found.getString(3)),
                                                        Optional.of(found.getString(4))
                                                                .filter(org -> !org.isEmpty())),
                                                found.getString(5),
                                                Instant.ofEpochMilli(found.getLong(6))),
                                """
                                SELECT holder, name, role, org, token, used_at FROM browser_session
                                WHERE hash = ? AND started_at > ? AND used_at > ?
                                """,
                                secret.hash(),
                                now.minus(LIFE).toEpochMilli(),
                                now.minus(IDLE).toEpochMilli());
        if (row.isEmpty() || !holds(row.get().token(), now)) {
            return Optional.empty();
        }
        if (row.get().used().plus(NOTED).isBefore(now)) {
            noteUse(secret, now);
        }
        return row.map(Row::holder);
    }

    private boolean holds(String token, Instant now) throws IOException {
        return token.isEmpty()
                || tokens.get(token)
                        .filter(found -> found.expires().map(now::isBefore).orElse(true))
                        .isPresent();
    }

    private void noteUse(Secret secret, Instant now) throws IOException {
        database.record(open ->
                open.update(
                        "UPDATE browser_session SET used_at = ? WHERE hash = ?",
                        now.toEpochMilli(),
                        secret.hash()));
    }

    /** Ends a session, for every server. */
    void end(Secret secret) throws IOException {
        database.record(
                open -> open.update("DELETE FROM browser_session WHERE hash = ?", secret.hash()));
    }
}
