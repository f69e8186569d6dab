package io.sallyport.sync.signin;

import io.sallyport.sync.signin.SignIn.Refused;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Browsers that were sent to the provider and are not back yet. */
final class Attempts {
    /** Time for a password, a second factor and a phone that is in another room. */
    static final Duration LIFE = Duration.ofMinutes(10);

    /** Beginning one costs nothing, so they are bounded: some 4 MB. */
    private static final int MOST = 10_000;

    /**
     * What must come back, and what it is for.
     *
     * @param browser what the browser's cookie must hold
     * @param verifier RFC 7636 §4.1
     * @param target where to go afterwards, a path of ours
     */
    record Attempt(Secret state, Secret browser, Secret nonce, Secret verifier, String target) {}

    private final Database database;
    private final InstantSource clock;
    private final int most;

    Attempts(Database database, InstantSource clock) {
        this(database, clock, MOST);
    }

    Attempts(Database database, InstantSource clock, int most) {
        this.database = database;
        this.clock = clock;
        this.most = most;
    }

    Attempt begin(Secret browser, String target) throws IOException, Refused {
        Attempt attempt =
                new Attempt(Secret.fresh(), browser, Secret.fresh(), Secret.fresh(), target);
        if (!database.record(open -> insert(open, attempt))) {
            throw new Refused(
                    "too-many", "too many sign-ins are under way; try again in some minutes");
        }
        return attempt;
    }

    private boolean insert(Database.Transaction open, Attempt attempt) throws IOException {
        Instant now = clock.instant();
        open.update(
                "DELETE FROM sign_in_attempt WHERE started_at < ?", now.minus(LIFE).toEpochMilli());
        long count =
                open.first(row -> row.getLong(1), "SELECT COUNT(*) FROM sign_in_attempt")
                        .orElse(0L);
        if (count >= most) {
            return false;
        }
        open.update(
                """
                INSERT INTO sign_in_attempt (state, browser, nonce, verifier, target, started_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                attempt.state().hash(),
                attempt.browser().hash(),
                attempt.nonce().text(),
                attempt.verifier().text(),
                attempt.target(),
                now.toEpochMilli());
        return true;
    }

    /**
     * The attempt of a state, which is used up by asking, whoever asks.
     *
     * @param browser the value of this browser's cookie
     */
    Optional<Attempt> take(Secret state, Secret browser) throws IOException {
        long youngest = clock.instant().minus(LIFE).toEpochMilli();
        return database.record(open -> {
            Optional<Attempt> found =
                    open.first(
                            row ->
                                    new Attempt(
                                            state,
                                            browser,
                                            new Secret(row.getString(1)),
                                            new Secret(row.getString(2)),
                                            row.getString(3)),
                            """
                            SELECT nonce, verifier, target FROM sign_in_attempt
                            WHERE state = ? AND browser = ? AND started_at >= ?
                            """,
                            state.hash(),
                            browser.hash(),
                            youngest);
            int taken = open.update("DELETE FROM sign_in_attempt WHERE state = ?", state.hash());
            return taken == 1 ? found : Optional.empty(); // someone else was quicker
        });
    }
}
