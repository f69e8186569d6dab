package io.sallyport.sync.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.audit.AuditTrail.Event;
import io.sallyport.sync.audit.AuditTrail.Hash;
import io.sallyport.sync.audit.AuditTrail.Row;
import io.sallyport.sync.audit.AuditTrail.Verdict;
import io.sallyport.sync.audit.AuditTrail.Verdict.Broken;
import io.sallyport.sync.audit.AuditTrail.Verdict.Intact;
import io.sallyport.sync.audit.AuditTrail.Verdict.Rewritten;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.EachStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AuditTrailTest extends EachStore {
    private static final int ROWS = 9;

    @SuppressWarnings("NullAway.Init") // set before each test
    private AuditTrail trail;

    AuditTrailTest(Backend backend) {
        super(backend);
    }

    @BeforeEach
    void fill() throws Exception {
        trail = new AuditTrail(database);
        for (int i = 1; i <= ROWS; i++) {
            add(database, i % 3 == 0 ? Optional.empty() : Optional.of("org" + i % 3), "target" + i);
        }
    }

    private static boolean add(Database database, Optional<String> org, String target)
            throws IOException, Refusal {
        Event event =
                new Event(
                        new Author("ann", "org-admin", "because é \"quoted\""),
                        org,
                        "settings.change",
                        target,
                        Map.of("version", 7L, "changes", List.of(Map.of("on", true))));
        return database.change(open -> {
            AuditTrail.append(open, NOON, event);
            return true;
        });
    }

    @Test
    void anUntouchedTrailVerifies() throws Exception {
        assertThat(trail.verify())
                .isEqualTo(
                        new Intact(
                                ROWS, trail.read(Optional.empty(), ROWS - 1, 1).getFirst().hash()));
    }

    @Test
    void anEmptyTrailVerifies(@TempDir Path other) throws Exception {
        try (Database empty = backend.store(other).open()) {
            assertThat(new AuditTrail(empty).verify()).isEqualTo(new Intact(0, "0".repeat(64)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE audit SET document = '{}' WHERE number = 3",
                "UPDATE audit SET hash = '' WHERE number = 9",
                "DELETE FROM audit WHERE number = 9",
                "DELETE FROM audit",
            })
    void theDatabaseRefusesToEditIt(String statement) throws Exception {
        assertThatThrownBy(() -> store.sql(statement))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("only ever added to");
        assertThat(trail.verify()).isInstanceOf(Intact.class);
    }

    @Test
    void theDatabaseRefusesToEmptyOrReplaceIt() {
        String statement =
                switch (backend) {
                    case SQLITE ->
                            "INSERT OR REPLACE INTO audit (number, org, at, document, hash)"
                                    + " VALUES (2, '', 0, '{}', '')";
                    case POSTGRESQL -> "TRUNCATE audit";
                };
        assertThatThrownBy(() -> store.sql(statement)).hasMessageContaining("only ever added to");
    }

    /** Somebody who owns the database takes the triggers away first. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    UPDATE audit SET document = REPLACE(document, 'ann', 'bob') WHERE number = 4   | 4
                    UPDATE audit SET document = REPLACE(document, 'target1', 'target2')            | 1
                    UPDATE audit SET hash = REPLACE(hash, '0', '1') WHERE number = 5               | 5
                    UPDATE audit SET org = 'org2' WHERE number = 4                                 | 4
                    UPDATE audit SET at = at + 1 WHERE number = 9                                  | 9
                    DELETE FROM audit WHERE number = 1                                             | 1
                    DELETE FROM audit WHERE number = 6                                             | 6
                    DELETE FROM audit WHERE number > 6                                             | 7
                    DELETE FROM audit                                                              | 1
                    UPDATE audit SET number = 10 WHERE number = 9                                  | 9
                    UPDATE audit_head SET number = 8                                               | 9
                    INSERT INTO audit SELECT 10, org, at, document, hash FROM audit WHERE number=9 | 10
                    """)
    void whatSomebodyChangedIsFoundAtItsRow(String statement, long row) throws Exception {
        store.tamper(statement);
        assertBroken(row);
    }

    /** The database owns its own end: whoever cuts off the last rows moves that too. */
    @Test
    void anEndThatWasCutOffIsFoundByAHashThatWasKeptElsewhere() throws Exception {
        Hash kept = hash(ROWS);
        Hash earlier = hash(4);
        assertThat(trail.verify(kept)).isEqualTo(new Intact(ROWS, kept.text()));
        add(database, Optional.empty(), "later");
        assertThat(trail.verify(kept)).isInstanceOf(Intact.class);

        store.tamper(
                "DELETE FROM audit WHERE number > 6",
                "UPDATE audit_head SET number = 6, hash = (SELECT hash FROM audit WHERE number = 6)");
        assertThat(trail.verify()).isInstanceOf(Intact.class);
        assertThat(trail.verify(earlier)).isInstanceOf(Intact.class);
        assertThat(trail.verify(kept)).isInstanceOf(Rewritten.class);
        add(database, Optional.empty(), "instead");
        assertThat(trail.verify(kept))
                .isInstanceOfSatisfying(
                        Rewritten.class,
                        verdict -> {
                            assertThat(verdict.rows()).isEqualTo(7);
                            assertThat(verdict.why()).contains(kept.text(), "cut off");
                        });
    }

    private Hash hash(long number) throws IOException {
        return new Hash(trail.read(Optional.empty(), number - 1, 1).getFirst().hash());
    }

    @Test
    void aHashIsReadFromWhatWasPrinted() {
        String first = "a".repeat(64);
        String last = "b".repeat(64);
        assertThat(Hash.last("intact: 1 rows, " + first + "\nintact: 2 rows, " + last + "\n"))
                .contains(new Hash(last));
        assertThat(Hash.last("intact: " + "a".repeat(65))).isEmpty();
        assertThatThrownBy(() -> new Hash("A".repeat(64)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("64 hexadecimal digits");
    }

    @Test
    void rowsThatChangedPlacesAreFound() throws Exception {
        store.tamper(
                "UPDATE audit SET number = 100 WHERE number = 3",
                "UPDATE audit SET number = 3 WHERE number = 4",
                "UPDATE audit SET number = 4 WHERE number = 100");
        assertBroken(3);
    }

    @Test
    void aRowThatWasCutOutAndTheRestMovedUpIsFound() throws Exception {
        store.tamper(
                "DELETE FROM audit WHERE number = 3",
                "UPDATE audit SET number = number - 1 WHERE number = 4",
                "UPDATE audit SET number = number - 1 WHERE number = 5",
                "UPDATE audit SET number = number - 1 WHERE number = 6",
                "UPDATE audit SET number = number - 1 WHERE number = 7",
                "UPDATE audit SET number = number - 1 WHERE number = 8",
                "UPDATE audit SET number = number - 1 WHERE number = 9",
                "UPDATE audit_head SET number = 8");
        assertBroken(3);
    }

    private void assertBroken(long row) throws IOException {
        Verdict verdict = trail.verify();
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Broken.class, broken -> assertThat(broken.number()).isEqualTo(row));
    }

    @Test
    void rowsOfAnOrgAreReadInPagesBothWays() throws Exception {
        assertThat(trail.read(Optional.of("org1"), 1, 2))
                .extracting(Row::number)
                .containsExactly(4L, 7L);
        assertThat(trail.newest(Optional.of("org1"), 7, 9))
                .extracting(Row::number)
                .containsExactly(4L, 1L);
        assertThat(trail.newest(Optional.empty(), Long.MAX_VALUE, 2))
                .extracting(Row::number)
                .containsExactly(9L, 8L);
        Row row = trail.read(Optional.empty(), 3, 1).getFirst();
        assertThat(row.event().by())
                .isEqualTo(new Author("ann", "org-admin", "because é \"quoted\""));
        assertThat(row.event().details())
                .isEqualTo(Map.of("version", 7L, "changes", List.of(Map.of("on", true))));
        assertThat(row.at()).isEqualTo(NOON);
    }

    /** With nothing of this program: a line without its hash is what the hash was made of. */
    @Test
    void anExportCanBeCheckedByAnyone() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        trail.export(Optional.empty(), out);
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(ROWS);
        String before = "0".repeat(64);
        for (String line : lines) {
            String hash = line.replaceFirst(".*\"hash\":\"([0-9a-f]{64})\".*", "$1");
            String row = line.replaceFirst("\"hash\":\"[0-9a-f]{64}\",", "");
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest((before + row).getBytes(StandardCharsets.UTF_8));
            assertThat(HexFormat.of().formatHex(digest)).isEqualTo(hash);
            before = hash;
        }
    }

    @Test
    void severalInstancesMakeOneChain() throws Exception {
        int more = 60;
        try (Database second = store.open();
                ExecutorService workers = Executors.newFixedThreadPool(6)) {
            List<Callable<Boolean>> work = new ArrayList<>();
            for (int i = 0; i < more; i++) {
                Database one = i % 2 == 0 ? database : second;
                work.add(() -> add(one, Optional.empty(), "together"));
            }
            for (Future<Boolean> done : workers.invokeAll(work)) {
                assertThat(done.get()).isTrue();
            }
            assertThat(trail.verify())
                    .isInstanceOfSatisfying(
                            Intact.class,
                            intact -> assertThat(intact.rows()).isEqualTo(ROWS + more));
        }
    }

    @Test
    void aTrailVerifiesWhileItGrows() throws Exception {
        try (ExecutorService workers = Executors.newFixedThreadPool(1)) {
            Future<Boolean> growing =
                    workers.submit(() -> {
                        for (int i = 0; i < 50; i++) {
                            add(database, Optional.empty(), "more");
                        }
                        return true;
                    });
            do {
                assertThat(trail.verify()).isInstanceOf(Intact.class);
            } while (!growing.isDone());
            assertThat(growing.get()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    TARGET3            | 1
                    target             | 9
                    ANN                | 9
                    Settings.Change    | 9
                    because É "quoted" | 9
                    org1               | 3
                    version            | 9
                    details            | 0
                    targ_t             | 0
                    %                  | 0
                    ' OR '1'='1        | 0
                    """)
    void findsATextInWhatARowSays(String text, int rows) throws IOException {
        var found = trail.find(Optional.empty(), text, Long.MAX_VALUE, 100);
        assertThat(found.rows()).hasSize(rows);
        assertThat(found.before()).isEmpty();
    }

    @Test
    void findsPageByPageFromTheNewestDown() throws IOException {
        var first = trail.find(Optional.of("org1"), "target", Long.MAX_VALUE, 2);
        assertThat(first.rows()).extracting(Row::number).containsExactly(7L, 4L);
        assertThat(first.before()).hasValue(4);
        var rest = trail.find(Optional.of("org1"), "target", 4, 2);
        assertThat(rest.rows()).extracting(Row::number).containsExactly(1L);
        assertThat(rest.before()).isEmpty();
    }

    /** A row that tells of two long lists is megabytes, and 200 of them no memory has room for. */
    @Test
    void longRowsAreReadFewAtOnceAndAllOfThemAreExportedAndVerified() throws Exception {
        String long_ = "x".repeat(1_500_000);
        for (int i = 0; i < 4; i++) {
            add(database, Optional.of("org1"), long_);
        }
        assertThat(Chain.fitting(database.reads(), Optional.empty(), 0, 200)).isEqualTo(ROWS + 2);
        assertThat(Chain.fitting(database.reads(), Optional.empty(), ROWS, 200)).isEqualTo(2);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        trail.export(Optional.empty(), out);
        assertThat(out.toString(StandardCharsets.UTF_8).lines()).hasSize(ROWS + 4);
        assertThat(trail.verify()).isInstanceOf(Intact.class);
    }
}
