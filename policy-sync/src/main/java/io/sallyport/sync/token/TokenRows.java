package io.sallyport.sync.token;

import io.sallyport.sync.store.Database.Reads;
import io.sallyport.sync.store.Database.Transaction;
import io.sallyport.sync.token.Tokens.Holder;
import io.sallyport.sync.token.Tokens.Role;
import io.sallyport.sync.token.Tokens.Token;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Tokens as rows; 0 stands for a time that is not. */
final class TokenRows {
    private TokenRows() {}

    static void insert(Transaction open, Token token, String hash) throws IOException {
        open.update(
                """
                INSERT INTO token
                    (id, name, role, org, node, hash, created_at, created_by, expires_at, used_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
                """,
                token.holder().id(),
                token.holder().name(),
                token.holder().role().text(),
                token.holder().org().orElse(""),
                token.holder().node().orElse(""),
                hash,
                token.created().toEpochMilli(),
                token.createdBy(),
                token.expires().map(Instant::toEpochMilli).orElse(0L));
    }

    static Optional<Token> find(Reads reads, String hash) throws IOException {
        return reads.first(
                TokenRows::token,
                """
                SELECT id, name, role, org, node, created_at, created_by, expires_at, used_at FROM token
                WHERE hash = ?
                """,
                hash);
    }

    static Optional<Token> get(Reads reads, String id) throws IOException {
        return reads.first(
                TokenRows::token,
                """
                SELECT id, name, role, org, node, created_at, created_by, expires_at, used_at FROM token
                WHERE id = ?
                """,
                id);
    }

    static List<Token> all(Reads reads, Optional<String> org, String after, int limit)
            throws IOException {
        return reads.query(
                TokenRows::token,
                """
                SELECT id, name, role, org, node, created_at, created_by, expires_at, used_at FROM token
                WHERE (? = '' OR org = ?) AND id > ? ORDER BY id LIMIT ?
                """,
                org.orElse(""),
                org.orElse(""),
                after,
                limit);
    }

    static long count(Reads reads, Optional<String> org) throws IOException {
        return reads.query(
                        row -> row.getLong(1),
                        "SELECT COUNT(*) FROM token WHERE org = ?",
                        org.orElse(""))
                .getFirst();
    }

    static int used(Transaction open, String id, Instant day) throws IOException {
        return open.update("UPDATE token SET used_at = ? WHERE id = ?", day.toEpochMilli(), id);
    }

    static void delete(Transaction open, String id) throws IOException {
        open.update("DELETE FROM token WHERE id = ?", id);
    }

    static boolean bootstrapped(Reads reads) throws IOException {
        return reads.first(row -> row.getInt(1), "SELECT one FROM bootstrap").isPresent();
    }

    static void noteBootstrap(Transaction open) throws IOException {
        open.update("INSERT INTO bootstrap (one) VALUES (1)");
    }

    private static Token token(ResultSet row) throws SQLException {
        return new Token(
                new Holder(
                        row.getString("id"),
                        row.getString("name"),
                        Role.parse(row.getString("role")),
                        text(row.getString("org")),
                        text(row.getString("node"))),
                Instant.ofEpochMilli(row.getLong("created_at")),
                row.getString("created_by"),
                time(row.getLong("expires_at")),
                time(row.getLong("used_at")));
    }

    private static Optional<String> text(String column) {
        return column.isEmpty() ? Optional.empty() : Optional.of(column);
    }

    private static Optional<Instant> time(long millis) {
        return millis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
