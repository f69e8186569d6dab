package io.sallyport.sync.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OrgStoreTest {
    private static final Author ANN = new Author("ann", "");
    private static final Author BOB = new Author("bob", "the CRM moved");
    private static final Instant NOON = Instant.parse("2026-05-03T12:00:00Z");

    @TempDir private Path temporary;

    private Path data;

    @BeforeEach
    void nameADirectoryThatIsNotThereYet() {
        data = temporary.resolve("a/b");
    }

    private OrgStore open() throws IOException {
        return OrgStore.open(data, () -> NOON);
    }

    private static List<Change> allow(String patterns) {
        return List.of(new Change.Allow(Settings.patterns(patterns)));
    }

    private static Outcome change(OrgStore store, List<Change> changes) throws Exception {
        return store.change("acme", OptionalLong.empty(), changes, BOB);
    }

    @Test
    void keepsWhatItWasTold() throws Exception {
        try (OrgStore store = open()) {
            store.create("acme", Settings.forNewOrg(), ANN);
            change(store, allow(".a.example, *.b.example, c.example:8443"));
        }
        try (OrgStore store = open()) {
            Version current = store.current("acme");
            assertThat(current.number()).isEqualTo(2);
            assertThat(current.at()).isEqualTo(NOON);
            assertThat(current.by()).isEqualTo(BOB);
            assertThat(current.settings())
                    .isEqualTo(
                            Settings.forNewOrg()
                                    .with(
                                            new Change.Allow(
                                                    Settings.patterns(
                                                            ".a.example, *.b.example, c.example:8443"))));
        }
    }

    @Test
    void onlyTheOwnerMayLook() throws Exception {
        try (OrgStore store = open()) {
            store.create("acme", Settings.forNewOrg(), ANN);
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
        open().close();
        Path file = data.resolve("sallyport.db");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        open().close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwxrwxrwx", "rwx----w-"})
    void refusesADirectoryThatOthersMayWrite(String rights) throws Exception {
        Files.createDirectories(data);
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString(rights));
        assertThatThrownBy(this::open)
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
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("sallyport.db cannot be used");
    }

    @Test
    void refusesADatabaseOfANewerProgram() throws Exception {
        open().close();
        sql("INSERT INTO schema_version (version) VALUES (99)");
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("newer version");
    }

    @Test
    void reportsDamagedSettingsInsteadOfGuessing() throws Exception {
        try (OrgStore store = open()) {
            store.create("acme", Settings.forNewOrg(), ANN);
            sql("UPDATE org_settings SET document = '{\"level\":\"all\"}'");
            assertThatThrownBy(() -> store.current("acme"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("version 1 of org acme are damaged");
        }
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + data.resolve("sallyport.db"));
                Statement running = connection.createStatement()) {
            running.execute(statement);
        }
    }

    @Test
    void anUnknownOrgIsRefusedWithTheCommandThatMakesIt() throws Exception {
        try (OrgStore store = open()) {
            assertRefused(
                    Refusal.Kind.UNKNOWN, () -> store.current("acme"), "sallyport org create acme");
            assertRefused(Refusal.Kind.UNKNOWN, () -> change(store, allow("a.example")), "acme");
            assertRefused(Refusal.Kind.UNKNOWN, () -> store.history("acme", 1), "acme");
            assertRefused(
                    Refusal.Kind.UNKNOWN,
                    () -> store.setCodeExecution("acme", "x", false, ANN),
                    "acme");
        }
    }

    @Test
    void anOrgIsCreatedOnce() throws Exception {
        try (OrgStore store = open()) {
            store.create("acme", Settings.forImportedOrg(), ANN);
            assertRefused(
                    Refusal.Kind.EXISTS,
                    () -> store.create("acme", Settings.forNewOrg(), BOB),
                    "exists already");
            assertThat(store.current("acme").settings().level()).isEqualTo(Level.ALL);
        }
    }

    private static void assertRefused(Refusal.Kind kind, Callable<?> call, String sentence) {
        assertThatThrownBy(call::call)
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.kind()).isEqualTo(kind))
                .hasMessageContaining(sentence);
    }

    @Test
    void aChangeThatChangesNothingMakesNoVersion() throws Exception {
        try (OrgStore store = open()) {
            store.create("acme", Settings.forNewOrg(), ANN);
            change(store, allow("a.example"));
            Outcome again = change(store, allow("A.EXAMPLE"));
            assertThat(again.changed()).isFalse();
            assertThat(again.now().number()).isEqualTo(2);
            assertThat(store.history("acme", 10)).hasSize(2);
        }
    }

    @Test
    void editsOfOneChangeAreAppliedTogetherOrNotAtAll() throws Exception {
        try (OrgStore store = open()) {
            store.create("acme", Settings.forNewOrg(), ANN);
            List<DomainPattern> withPort = Settings.patterns("a.example:1");
            assertThatThrownBy(() ->
                            change(
                                    store,
                                    List.of(
                                            new Change.SetLevel(Level.ALL),
                                            new Change.Deny(withPort))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(store.current("acme").number()).isEqualTo(1);
            Outcome both =
                    change(
                            store,
                            List.of(
                                    new Change.SetLevel(Level.NONE),
                                    new Change.SetInternet(false)));
            assertThat(both.now().number()).isEqualTo(2);
            assertThat(both.now().settings().since(both.before().settings())).hasSize(2);
        }
    }

    @Test
    void aChangeForAnOldVersionIsRefused() throws Exception {
        try (OrgStore store = open()) {
            store.create("acme", Settings.forNewOrg(), ANN);
            change(store, allow("a.example"));
            assertRefused(
                    Refusal.Kind.STALE,
                    () -> store.change("acme", OptionalLong.of(1), allow("b.example"), ANN),
                    "at version 2, not 1: bob changed it");
            assertThat(
                            store.change("acme", OptionalLong.of(2), allow("b.example"), ANN)
                                    .now()
                                    .number())
                    .isEqualTo(3);
        }
    }

    @Test
    void historyIsNewestFirstAndNeverChanges() throws Exception {
        try (OrgStore store = open()) {
            store.create("acme", Settings.forNewOrg(), ANN);
            for (int i = 0; i < 5; i++) {
                change(store, allow("n" + i + ".example"));
            }
            assertThat(store.history("acme", 3))
                    .extracting(Version::number)
                    .containsExactly(6L, 5L, 4L);
            assertThat(store.history("acme", 99).getLast().settings())
                    .isEqualTo(Settings.forNewOrg());
        }
    }

    @Test
    void listsOrgsByNameWithTheSettingsInForce() throws Exception {
        try (OrgStore store = open()) {
            store.create("zeta", Settings.forImportedOrg(), ANN);
            store.create("acme", Settings.forNewOrg(), ANN);
            change(store, List.of(new Change.SetLevel(Level.NONE)));
            assertThat(store.orgs()).extracting(Version::org).containsExactly("acme", "zeta");
            assertThat(store.orgs()).extracting(Version::number).containsExactly(2L, 1L);
        }
    }

    @Test
    void anAgentMayRunCodeUntilItIsSwitchedOff() throws Exception {
        try (OrgStore store = open()) {
            store.create("acme", Settings.forNewOrg(), ANN);
            assertThat(store.codeExecution("acme", "new")).isTrue();
            assertThat(store.setCodeExecution("acme", "new", true, ANN)).isFalse();
            assertThat(store.setCodeExecution("acme", "new", false, BOB)).isTrue();
            assertThat(store.setCodeExecution("acme", "new", false, ANN)).isFalse();
            assertThat(store.codeExecution("acme", "new")).isFalse();
            assertThat(store.codeExecution("other", "new")).isTrue();
            assertThat(store.agents("acme"))
                    .containsExactly(new Agent("acme", "new", false, NOON, BOB));
            assertThat(store.setCodeExecution("acme", "new", true, ANN)).isTrue();
            assertThat(store.codeExecution("acme", "new")).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"two\nlines", "tab\there", "\u001b[31mred", "\u202eright-to-left"})
    void aReasonIsOneHarmlessLine(String why) {
        assertThatThrownBy(() -> new Author("ann", why)).hasMessageStartingWith("why: ");
        assertThatThrownBy(() -> new Author(why, "")).hasMessageStartingWith("who: ");
    }

    @Test
    void aReasonIsBoundedAndAnAuthorHasAName() {
        assertThat(new Author("ann", "x".repeat(500)).why()).hasSize(500);
        assertThatThrownBy(() -> new Author("ann", "x".repeat(501)))
                .hasMessageContaining("at most 500");
        assertThatThrownBy(() -> new Author(" ", "")).hasMessageStartingWith("who: ");
    }

    @Test
    void threadsLoseNoChange() throws Exception {
        int threads = 8;
        int each = 10;
        try (OrgStore store = open();
                ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            store.create("acme", Settings.forNewOrg(), ANN);
            List<Callable<Outcome>> work = new ArrayList<>();
            for (int i = 0; i < threads * each; i++) {
                String name = "n" + i + ".example";
                work.add(() -> change(store, allow(name)));
            }
            for (Future<Outcome> done : workers.invokeAll(work)) {
                assertThat(done.get().changed()).isTrue();
            }
            assertThat(store.current("acme").number()).isEqualTo(1 + threads * each);
            assertThat(store.current("acme").settings().allow()).hasSize(threads * each);
        }
    }

    @Test
    void processesLoseNoChangeAndMayCreateTheStoreAtOnce() throws Exception {
        int processes = 3;
        int each = 15;
        List<Process> running = new ArrayList<>();
        for (int i = 0; i < processes; i++) {
            running.add(OtherProcess.start(data, "p" + i, each));
        }
        for (Process process : running) {
            String output =
                    new String(
                            process.getInputStream().readAllBytes(),
                            java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
        }
        try (OrgStore store = open()) {
            assertThat(store.current("acme").settings().allow()).hasSize(processes * each);
            assertThat(store.current("acme").number()).isEqualTo(1 + processes * each);
            assertThat(store.history("acme", 1000))
                    .extracting(Version::number)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aReaderSeesTheOldSettingsWhileAnotherProcessWrites() throws Exception {
        try (OrgStore reader = open()) {
            reader.create("acme", Settings.forNewOrg(), ANN);
            try (Connection writer =
                            DriverManager.getConnection(
                                    "jdbc:sqlite:" + data.resolve("sallyport.db"));
                    Statement statement = writer.createStatement()) {
                statement.execute("BEGIN IMMEDIATE");
                statement.execute("UPDATE org_settings SET why = 'unfinished'");
                assertThat(reader.current("acme").by().why()).isEmpty();
                statement.execute("ROLLBACK");
            }
        }
    }

    @Test
    void aPathThatTheDriverWouldReadAsSettingsIsRefused() {
        data = temporary.resolve("a?journal_mode=OFF");
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("question mark");
    }
}
