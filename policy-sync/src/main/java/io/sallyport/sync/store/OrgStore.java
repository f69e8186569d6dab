package io.sallyport.sync.store;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The embedded settings store. Safe for many threads and for several processes at once. */
public final class OrgStore implements AutoCloseable {
    /** A change is shown on a page, not told as a story. */
    static final int MAX_WHY = 500;

    static final int MAX_WHO = 128;

    /** The store works and says no. */
    public static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        /** Why, for callers that act on it. */
        public enum Kind {
            UNKNOWN_ORG,
            ORG_EXISTS,
            /** Someone else changed the settings since they were read. */
            STALE
        }

        private final Kind kind;

        Refusal(Kind kind, String message) {
            super(message);
            this.kind = kind;
        }

        public Kind kind() {
            return kind;
        }
    }

    /**
     * Whose change it is.
     *
     * @param why may be empty
     */
    public record Author(String who, String why) {
        public Author {
            check("who", who, MAX_WHO);
            check("why", why, MAX_WHY);
            if (who.isBlank()) {
                throw new IllegalArgumentException("who: a change needs the name of its author");
            }
        }

        private static void check(String field, String text, int most) {
            if (text.length() > most || text.codePoints().anyMatch(Author::breaksLines)) {
                throw new IllegalArgumentException(
                        field
                                + ": must be one line of at most "
                                + most
                                + " characters without control characters");
            }
        }

        private static boolean breaksLines(int c) {
            return switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR ->
                        true;
                default -> false;
            };
        }
    }

    /** The settings of an org as they were from one change to the next. Numbers count from 1. */
    public record Version(String org, long number, Settings settings, Instant at, Author by) {}

    /**
     * What a change led to.
     *
     * @param changed false where the settings were so already; then no version was made
     */
    public record Outcome(Version before, Version now, boolean changed) {}

    /** An agent whose code execution was switched at least once. */
    public record Agent(String org, String name, boolean codeExecution, Instant at, Author by) {}

    private final Database database;
    private final InstantSource clock;

    private OrgStore(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Opens the store of an installation, and creates it where there is none.
     *
     * @param data the directory of the installation
     * @throws IOException with the fix, if it cannot be used
     */
    public static OrgStore open(Path data) throws IOException {
        return open(data, InstantSource.system());
    }

    static OrgStore open(Path data, InstantSource clock) throws IOException {
        return new OrgStore(Database.open(DatabaseFile.in(data)), clock);
    }

    public Version create(String org, Settings settings, Author by) throws IOException, Refusal {
        Settings.org(org);
        return database.transact(connection -> {
            if (newest(org).isPresent()) {
                throw new Refusal(
                        Refusal.Kind.ORG_EXISTS,
                        "org " + org + " exists already; change it with: org set " + org);
            }
            return add(org, 1, settings, by);
        });
    }

    /**
     * Applies edits in order, as one change.
     *
     * @param expected the version that the edits were made for; empty for whatever is current
     */
    public Outcome change(String org, OptionalLong expected, List<Change> changes, Author by)
            throws IOException, Refusal {
        return database.transact(connection -> {
            Version before = current(org);
            if (expected.isPresent() && expected.getAsLong() != before.number()) {
                throw new Refusal(
                        Refusal.Kind.STALE,
                        "org "
                                + org
                                + " is at version "
                                + before.number()
                                + ", not "
                                + expected.getAsLong()
                                + ": "
                                + before.by().who()
                                + " changed it meanwhile; read it again and repeat");
            }
            Settings after = before.settings();
            for (Change change : changes) {
                after = after.with(change);
            }
            return after.equals(before.settings())
                    ? new Outcome(before, before, false)
                    : new Outcome(before, add(org, before.number() + 1, after, by), true);
        });
    }

    private Version add(String org, long number, Settings settings, Author by) throws IOException {
        Instant now = Instant.ofEpochMilli(clock.millis());
        database.update(
                """
                INSERT INTO org_settings (org, version, document, changed_at, changed_by, why)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                org,
                number,
                Document.canonical(settings.document()),
                now.toEpochMilli(),
                by.who(),
                by.why());
        return new Version(org, number, settings, now, by);
    }

    /** The settings in force. */
    public Version current(String org) throws IOException, Refusal {
        Optional<Version> newest = newest(org);
        if (newest.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.UNKNOWN_ORG,
                    "there is no org "
                            + Settings.org(org)
                            + "; create it with: sallyport org create "
                            + org);
        }
        return newest.get();
    }

    private Optional<Version> newest(String org) throws IOException {
        return database
                .query(
                        OrgStore::version,
                        """
                        SELECT org, version, document, changed_at, changed_by, why FROM org_settings
                        WHERE org = ? ORDER BY version DESC LIMIT 1
                        """,
                        org)
                .stream()
                .findFirst();
    }

    /** Every org with its settings in force, by name. */
    public List<Version> orgs() throws IOException {
        return database.query(
                OrgStore::version,
                """
                SELECT s.org, s.version, s.document, s.changed_at, s.changed_by, s.why FROM org_settings s
                WHERE s.version = (SELECT MAX(t.version) FROM org_settings t WHERE t.org = s.org)
                ORDER BY s.org
                """);
    }

    /**
     * The newest versions, newest first.
     *
     * @param most at most so many
     */
    public List<Version> history(String org, int most) throws IOException, Refusal {
        current(org);
        return database.query(
                OrgStore::version,
                """
                SELECT org, version, document, changed_at, changed_by, why FROM org_settings
                WHERE org = ? ORDER BY version DESC LIMIT ?
                """,
                org,
                most);
    }

    /** Whether an agent may run code. One that was never switched may. */
    public boolean codeExecution(String org, String agent) throws IOException {
        return newest(org, agent).map(Agent::codeExecution).orElse(true);
    }

    /**
     * Switches an agent's code execution.
     *
     * @return false where it was so already
     */
    public boolean setCodeExecution(String org, String agent, boolean on, Author by)
            throws IOException, Refusal {
        Settings.agent(agent);
        return database.transact(connection -> {
            current(org);
            if (codeExecution(org, agent) == on) {
                return false;
            }
            database.update(
                    """
                    INSERT INTO agent_settings (org, agent, version, code_execution, changed_at, changed_by, why)
                    SELECT ?, ?, COALESCE(MAX(version), 0) + 1, ?, ?, ?, ? FROM agent_settings
                    WHERE org = ? AND agent = ?
                    """,
                    org,
                    agent,
                    on ? 1 : 0,
                    clock.millis(),
                    by.who(),
                    by.why(),
                    org,
                    agent);
            return true;
        });
    }

    private Optional<Agent> newest(String org, String agent) throws IOException {
        return database
                .query(
                        OrgStore::agent,
                        """
                        SELECT org, agent, code_execution, changed_at, changed_by, why FROM agent_settings
                        WHERE org = ? AND agent = ? ORDER BY version DESC LIMIT 1
                        """,
                        org,
                        agent)
                .stream()
                .findFirst();
    }

    /** The agents of an org that were switched at least once, by name. */
    public List<Agent> agents(String org) throws IOException, Refusal {
        current(org);
        return database.query(
                OrgStore::agent,
                """
                SELECT s.org, s.agent, s.code_execution, s.changed_at, s.changed_by, s.why FROM agent_settings s
                WHERE s.org = ? AND s.version = (SELECT MAX(t.version) FROM agent_settings t
                                                 WHERE t.org = s.org AND t.agent = s.agent)
                ORDER BY s.agent
                """,
                org);
    }

    private static Version version(ResultSet row) throws SQLException, IOException {
        String org = row.getString("org");
        long number = row.getLong("version");
        try {
            Document.Fields fields = Document.json(row.getString("document")).fields();
            Settings settings = Settings.read(fields);
            fields.end();
            return new Version(org, number, settings, at(row), by(row));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "settings version "
                            + number
                            + " of org "
                            + org
                            + " are damaged: "
                            + e.getMessage(),
                    e);
        }
    }

    private static Agent agent(ResultSet row) throws SQLException {
        return new Agent(
                row.getString("org"),
                row.getString("agent"),
                row.getInt("code_execution") == 1,
                at(row),
                by(row));
    }

    private static Instant at(ResultSet row) throws SQLException {
        return Instant.ofEpochMilli(row.getLong("changed_at"));
    }

    private static Author by(ResultSet row) throws SQLException {
        return new Author(row.getString("changed_by"), row.getString("why"));
    }

    @Override
    public void close() {
        database.close();
    }
}
