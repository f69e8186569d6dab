package io.sallyport.sync.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MigrationTest {
    @TempDir private Path directory;

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aStoreOfVersionOneGrowsUpAndKeepsWhatItHolds(Backend backend) throws Exception {
        TestStore store = backend.store(directory);
        versionOne(store);
        for (int i = 0; i < 2; i++) { // the second time there is nothing to do
            try (Database database = store.open()) {
                assertThat(
                                database.reads()
                                        .query(
                                                row ->
                                                        row.getString("document")
                                                                + row.getString("role"),
                                                "SELECT document, role FROM org_settings ORDER BY version"))
                        .containsExactly("onelocal", "twolocal");
                assertThat(
                                database.reads()
                                        .query(
                                                row -> row.getInt(1),
                                                "SELECT version FROM schema_version ORDER BY version"))
                        .isEqualTo(IntStream.rangeClosed(1, Schema.VERSION).boxed().toList());
            }
        }
    }

    /** What the program before this one left. */
    private static void versionOne(TestStore store) throws SQLException, IOException {
        try (Connection open = store.raw();
                Statement statement = open.createStatement();
                InputStream script = MigrationTest.class.getResourceAsStream("/store/1.sql")) {
            assertThat(script).isNotNull();
            statement.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY)");
            statement.execute("INSERT INTO schema_version (version) VALUES (1)");
            for (String table :
                    new String(script.readAllBytes(), StandardCharsets.UTF_8).split(";", -1)) {
                if (!table.isBlank()) {
                    statement.execute(table);
                }
            }
            for (String version : List.of("1, 'one'", "2, 'two'")) {
                statement.execute(
                        "INSERT INTO org_settings (org, version, document, changed_at, changed_by, why) VALUES ('acme', "
                                + version
                                + ", 0, 'ann', '')");
            }
        }
    }
}
