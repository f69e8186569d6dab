package io.sallyport.sync.fleet;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.fleet.Fleet.Denial;
import io.sallyport.sync.store.Database.Ordered;
import io.sallyport.sync.store.Database.Reads;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Emergency denials as rows, and the version of their list. */
final class Denials {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Denials() {}

    static String id() {
        byte[] bytes = new byte[8];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    static void insert(Ordered open, Denial denial) throws IOException, Refusal {
        if (of(open, denial.org()).size() >= Fleet.MAX_DENIALS) {
            throw new Refusal(
                    Refusal.Kind.FULL,
                    "there are "
                            + Fleet.MAX_DENIALS
                            + " emergency denials; put lasting ones on the deny list and lift them");
        }
        if (denial.org().isPresent() && ofOrgs(open) >= Fleet.MAX_ORG_DENIALS) {
            throw new Refusal(
                    Refusal.Kind.FULL,
                    "all orgs together have "
                            + Fleet.MAX_ORG_DENIALS
                            + " emergency denials, which is what nodes can hold; end the sessions, or"
                            + " ask the platform's admin");
        }
        open.update(
                """
                INSERT INTO emergency_denial (id, org, pattern, added_at, added_by, role, why)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                denial.id(),
                denial.org().orElse(""),
                denial.pattern().toString(),
                denial.at().toEpochMilli(),
                denial.by().who(),
                denial.by().role(),
                denial.by().why());
        changed(open);
    }

    private static long ofOrgs(Reads reads) throws IOException {
        return reads.query(
                        row -> row.getLong(1),
                        "SELECT COUNT(*) FROM emergency_denial WHERE org <> ''")
                .getFirst();
    }

    static Denial delete(Ordered open, Optional<String> org, String id)
            throws IOException, Refusal {
        Optional<Denial> found =
                of(open, org).stream().filter(denial -> denial.id().equals(id)).findFirst();
        if (found.isEmpty()) {
            throw new Refusal(Refusal.Kind.UNKNOWN, "there is no such emergency denial");
        }
        open.update("DELETE FROM emergency_denial WHERE id = ?", id);
        changed(open);
        return found.get();
    }

    private static void changed(Ordered open) throws IOException {
        open.update("UPDATE emergency_version SET version = version + 1");
    }

    static long version(Reads reads) throws IOException {
        return reads.query(row -> row.getLong(1), "SELECT version FROM emergency_version")
                .getFirst();
    }

    static Optional<Denial> find(Reads reads, Optional<String> org, DomainPattern pattern)
            throws IOException {
        return reads.first(
                Denials::denial,
                """
                SELECT id, org, pattern, added_at, added_by, role, why FROM emergency_denial
                WHERE org = ? AND pattern = ?
                """,
                org.orElse(""),
                pattern.toString());
    }

    static List<Denial> of(Reads reads, Optional<String> org) throws IOException {
        return reads.query(
                Denials::denial,
                """
                SELECT id, org, pattern, added_at, added_by, role, why FROM emergency_denial
                WHERE org = ? ORDER BY pattern
                """,
                org.orElse(""));
    }

    static List<Denial> all(Reads reads) throws IOException {
        return reads.query(
                Denials::denial,
                """
                SELECT id, org, pattern, added_at, added_by, role, why FROM emergency_denial
                ORDER BY org, pattern
                """);
    }

    private static Denial denial(ResultSet row) throws SQLException, IOException {
        String org = row.getString("org");
        try {
            return new Denial(
                    row.getString("id"),
                    org.isEmpty() ? Optional.empty() : Optional.of(org),
                    DomainPattern.parse(row.getString("pattern")),
                    Instant.ofEpochMilli(row.getLong("added_at")),
                    new Author(
                            row.getString("added_by"),
                            row.getString("role"),
                            row.getString("why")));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "emergency denial " + row.getString("id") + " is damaged: " + e.getMessage(),
                    e);
        }
    }
}
