package io.sallyport.sync.store;

import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Brings an older schema up to this program's, in one transaction; refuses a newer one. The files
 * are {@code /store/N.sql} and, where the databases differ, {@code /store/N.DIALECT.sql} after it.
 */
final class Schema {
    /** The schema that this program writes. */
    static final int VERSION = 5;

    /** Statements stand apart by an empty line; a trigger has semicolons inside. */
    private static final Pattern BETWEEN = Pattern.compile("\\n\\s*\\n");

    private final Connections connections;

    Schema(Connections connections) {
        this.connections = connections;
    }

    void migrate() throws SQLException, IOException {
        try {
            int there = connections.read(Schema::version);
            if (there < VERSION) {
                there = connections.write(this::upgrade); // another process may have been first
            }
            if (there > VERSION) {
                throw new IOException(
                        connections.place()
                                + " was written by a newer version of this program; use that one");
            }
        } catch (Refusal e) {
            throw new AssertionError("a migration refuses nothing", e);
        }
    }

    private int upgrade(Connection open) throws SQLException, IOException {
        connections.order(open);
        Statements.execute(
                open, "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)");
        for (int next = version(open) + 1; next <= VERSION; next++) {
            for (String statement : script(next)) {
                Statements.execute(open, statement);
            }
            Statements.update(open, "INSERT INTO schema_version (version) VALUES (?)", next);
        }
        return version(open);
    }

    private static int version(Connection open) throws SQLException, IOException {
        try (ResultSet tables =
                open.getMetaData().getTables(null, open.getSchema(), "schema_version", null)) {
            if (!tables.next()) {
                return 0;
            }
        }
        return Statements.query(
                        open,
                        row -> row.getInt(1),
                        "SELECT COALESCE(MAX(version), 0) FROM schema_version")
                .getFirst();
    }

    private List<String> script(int number) throws IOException {
        String common = text(number + ".sql");
        if (common.isEmpty()) {
            throw new IOException("store/" + number + ".sql is missing in this build");
        }
        return Stream.of(common, text(number + "." + connections.dialect() + ".sql"))
                .flatMap(BETWEEN::splitAsStream)
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }

    private static String text(String name) throws IOException {
        try (InputStream in = Schema.class.getResourceAsStream("/store/" + name)) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
