package io.sallyport.sync.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only a store in a file has to hold. */
final class SqliteTest {
    @TempDir private Path temporary;

    private Path data;

    @BeforeEach
    void nameADirectoryThatIsNotThereYet() {
        data = temporary.resolve("a/b");
    }

    @Test
    void onlyTheOwnerMayLook() throws Exception {
        try (Database store = Database.open(data)) {
            store.record(open -> open.update("UPDATE emergency_version SET version = 7"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                    .isEqualTo("rwx------");
            try (var files = Files.list(data)) {
                List<Path> found = files.toList();
                assertThat(found)
                        .contains(data.resolve("sallyport.db"), data.resolve("sallyport.db-wal"));
                for (Path file : found) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------");
                }
            }
        }
    }

    @Test
    void aFileThatOthersMayReadIsClosedToThem() throws Exception {
        Database.open(data).close();
        Path file = data.resolve("sallyport.db");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Database.open(data).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwxrwxrwx", "rwx----w-"})
    void refusesADirectoryThatOthersMayWrite(String rights) throws Exception {
        Files.createDirectories(data);
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString(rights));
        assertThatThrownBy(() -> Database.open(data).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("chmod 700 " + data);
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void refusesAFileThatIsNoDatabase() throws Exception {
        Files.createDirectories(data);
        Files.writeString(
                data.resolve("sallyport.db"),
                "this is not a database, but long enough to look at".repeat(99));
        assertThatThrownBy(() -> Database.open(data).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("sallyport.db cannot be used");
    }

    @Test
    void aReaderSeesTheOldSettingsWhileAnotherProcessWrites() throws Exception {
        try (Database reader = Database.open(data)) {
            try (Connection writer =
                            DriverManager.getConnection(
                                    "jdbc:sqlite:" + data.resolve("sallyport.db"));
                    Statement statement = writer.createStatement()) {
                statement.execute("BEGIN IMMEDIATE");
                statement.execute("UPDATE emergency_version SET version = 7");
                assertThat(
                                reader.reads()
                                        .query(
                                                row -> row.getLong(1),
                                                "SELECT version FROM emergency_version"))
                        .containsExactly(0L);
                statement.execute("ROLLBACK");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org_settings (org, version, document, changed_at, changed_by, why) VALUES ('acme', 1, '{}', 0, 'ann', '')",
                "agent_settings (org, agent, version, code_execution, changed_at, changed_by, why) VALUES ('acme', 'a', 1, 0, 0, 'ann', '')"
            })
    void aVersionOfSettingsIsNotReplaced(String row) throws Exception {
        try (Database store = Database.open(data)) {
            store.record(open -> open.update("INSERT INTO " + row));
            assertThatThrownBy(() ->
                            store.record(open -> open.update("INSERT OR REPLACE INTO " + row)))
                    .hasMessageContaining("only ever added");
        }
    }

    @Test
    void aPathThatTheDriverWouldReadAsSettingsIsRefused() {
        data = temporary.resolve("a?journal_mode=OFF");
        assertThatThrownBy(() -> Database.open(data).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("question mark");
    }
}
