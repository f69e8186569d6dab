package io.sallyport.sync.org;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.store.Database.Reads;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Versions of settings as rows. */
final class Rows {
    private Rows() {}

    static void insert(Transaction open, Version version) throws IOException {
        open.update(
                """
                INSERT INTO org_settings (org, version, document, changed_at, changed_by, role, why)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                version.org(),
                version.number(),
                Document.canonical(version.settings().document()),
                version.at().toEpochMilli(),
                version.by().who(),
                version.by().role(),
                version.by().why());
    }

    /**
     * The settings in force.
     *
     * @param expected the version they should have; empty for any
     */
    static Version current(Reads reads, String org, OptionalLong expected)
            throws IOException, Refusal {
        Optional<Version> newest = newest(reads, org);
        if (newest.isEmpty()) {
            throw unknown(org);
        }
        Version current = newest.get();
        if (expected.isPresent() && expected.getAsLong() != current.number()) {
            throw new Refusal(
                    Refusal.Kind.STALE,
                    "org "
                            + org
                            + " is at version "
                            + current.number()
                            + ", not "
                            + expected.getAsLong()
                            + ": "
                            + current.by().who()
                            + " changed it meanwhile; read it again and repeat");
        }
        return current;
    }

    private static Refusal unknown(String org) {
        return new Refusal(
                Refusal.Kind.UNKNOWN,
                "there is no org "
                        + Settings.org(org)
                        + "; create it with: sallyport org create "
                        + org);
    }

    static long number(Reads reads, String org) throws IOException, Refusal {
        long number =
                reads.query(
                                row -> row.getLong(1),
                                "SELECT COALESCE(MAX(version), 0) FROM org_settings WHERE org = ?",
                                org)
                        .getFirst();
        if (number == 0) {
            throw unknown(org);
        }
        return number;
    }

    static boolean has(Reads reads, String org) throws IOException {
        return reads.first(
                        row -> row.getInt(1),
                        "SELECT 1 FROM org_settings WHERE org = ? AND version = 1",
                        org)
                .isPresent();
    }

    static Optional<Version> newest(Reads reads, String org) throws IOException {
        return reads.first(
                Rows::version,
                """
                SELECT org, version, document, changed_at, changed_by, role, why FROM org_settings
                WHERE org = ? ORDER BY version DESC LIMIT 1
                """,
                org);
    }

    static Version version(Reads reads, String org, long number) throws IOException, Refusal {
        Optional<Version> version =
                reads.first(
                        Rows::version,
                        """
                        SELECT org, version, document, changed_at, changed_by, role, why FROM org_settings
                        WHERE org = ? AND version = ?
                        """,
                        org,
                        number);
        if (version.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.UNKNOWN,
                    "org "
                            + Settings.org(org)
                            + " has no version "
                            + number
                            + "; it is at version "
                            + current(reads, org, OptionalLong.empty()).number());
        }
        return version.get();
    }

    static List<Version> orgs(Reads reads, String after, int limit) throws IOException {
        return reads.query(
                Rows::version,
                """
                SELECT s.org, s.version, s.document, s.changed_at, s.changed_by, s.role, s.why FROM org_settings s
                WHERE s.org > ? AND s.version = (SELECT MAX(t.version) FROM org_settings t WHERE t.org = s.org)
                ORDER BY s.org LIMIT ?
                """,
                after,
                limit);
    }

    static List<Version> history(Reads reads, String org, long before, int limit)
            throws IOException {
        return reads.query(
                Rows::version,
                """
                SELECT org, version, document, changed_at, changed_by, role, why FROM org_settings
                WHERE org = ? AND version < ? ORDER BY version DESC LIMIT ?
                """,
                org,
                before,
                limit);
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

    static Instant at(ResultSet row) throws SQLException {
        return Instant.ofEpochMilli(row.getLong("changed_at"));
    }

    static Author by(ResultSet row) throws SQLException {
        return new Author(row.getString("changed_by"), row.getString("role"), row.getString("why"));
    }
}
