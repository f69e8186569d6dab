package io.sallyport.sync.org;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore.Mapping;
import io.sallyport.sync.store.Database.Reads;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which orgs the pods of a namespace may name, as rows. */
final class NamespaceRows {
    private NamespaceRows() {}

    static void insert(Transaction open, Mapping mapping) throws IOException {
        open.update(
                """
                INSERT INTO namespace_org (namespace, org, mapped_at, mapped_by, role, why)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                mapping.namespace(),
                mapping.org(),
                mapping.at().toEpochMilli(),
                mapping.by().who(),
                mapping.by().role(),
                mapping.by().why());
    }

    static boolean delete(Transaction open, String namespace, String org) throws IOException {
        return open.update(
                        "DELETE FROM namespace_org WHERE namespace = ? AND org = ?", namespace, org)
                > 0;
    }

    static Optional<Mapping> find(Reads reads, String namespace, String org) throws IOException {
        return reads.first(
                NamespaceRows::mapping,
                """
                SELECT namespace, org, mapped_at, mapped_by, role, why FROM namespace_org
                WHERE namespace = ? AND org = ?
                """,
                namespace,
                org);
    }

    static List<Mapping> ofNamespace(Reads reads, String namespace, int limit) throws IOException {
        return reads.query(
                NamespaceRows::mapping,
                """
                SELECT namespace, org, mapped_at, mapped_by, role, why FROM namespace_org
                WHERE namespace = ? ORDER BY org LIMIT ?
                """,
                namespace,
                limit);
    }

    static long count(Reads reads) throws IOException {
        return reads.query(row -> row.getLong(1), "SELECT COUNT(*) FROM namespace_org").getFirst();
    }

    static List<Mapping> list(
            Reads reads,
            Optional<String> namespace,
            Optional<String> org,
            String lastNamespace,
            String lastOrg,
            int limit)
            throws IOException {
        return reads.query(
                NamespaceRows::mapping,
                """
                SELECT namespace, org, mapped_at, mapped_by, role, why FROM namespace_org
                WHERE (? = '' OR namespace = ?) AND (? = '' OR org = ?)
                  AND (namespace > ? OR (namespace = ? AND org > ?))
                ORDER BY namespace, org LIMIT ?
                """,
                namespace.orElse(""),
                namespace.orElse(""),
                org.orElse(""),
                org.orElse(""),
                lastNamespace,
                lastNamespace,
                lastOrg,
                limit);
    }

    private static Mapping mapping(ResultSet row) throws SQLException {
        return new Mapping(
                row.getString("namespace"),
                row.getString("org"),
                Instant.ofEpochMilli(row.getLong("mapped_at")),
                new Author(
                        row.getString("mapped_by"), row.getString("role"), row.getString("why")));
    }
}
