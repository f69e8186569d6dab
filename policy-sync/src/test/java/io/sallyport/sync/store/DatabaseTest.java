package io.sallyport.sync.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Backend.class)
final class DatabaseTest {
    private final Backend backend;
    @TempDir private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TestStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Database database;

    DatabaseTest(Backend backend) {
        this.backend = backend;
    }

    @BeforeEach
    void open() throws IOException {
        store = backend.store(directory);
        database = store.open();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static int insert(Transaction open, String node) throws IOException {
        return open.update(
                "INSERT INTO node (name, heard_at, emergency_version) VALUES (?, 0, 0)", node);
    }

    private List<String> nodes() throws IOException {
        return database.reads()
                .query(row -> row.getString(1), "SELECT name FROM node ORDER BY name");
    }

    @Test
    void whatIsRefusedInTheMiddleIsUndone() throws Exception {
        assertThatThrownBy(() ->
                        database.change(open -> {
                            insert(open, "half");
                            throw new Refusal(Refusal.Kind.STALE, "no");
                        }))
                .isInstanceOf(Refusal.class);
        assertThat(nodes()).isEmpty();
        assertThat(database.<Integer>change(open -> insert(open, "whole"))).isEqualTo(1);
        assertThat(nodes()).containsExactly("whole");
    }

    @Test
    void whatBreaksInTheMiddleIsUndoneAndTheNextChangeWorks() throws Exception {
        assertThatThrownBy(() ->
                        database.record(open -> {
                            insert(open, "half");
                            return insert(open, "half");
                        }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be used");
        assertThatThrownBy(() ->
                        database.record(open -> {
                            insert(open, "half");
                            throw new IllegalStateException("ours");
                        }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(nodes()).isEmpty();
        assertThat(database.<Integer>record(open -> insert(open, "whole"))).isEqualTo(1);
    }

    @Test
    void aReaderDoesNotWaitForAChangeNorSeeItsHalf() throws Exception {
        database.change(open -> {
            insert(open, "unfinished");
            assertThat(nodes()).isEmpty();
            return 0;
        });
        assertThat(nodes()).containsExactly("unfinished");
    }

    @Test
    void changesOfSeveralInstancesComeOneAfterTheOther() throws Exception {
        int threads = 6;
        int each = 10;
        try (Database other = store.open();
                ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            List<Callable<Integer>> work = new ArrayList<>();
            for (int i = 0; i < threads * each; i++) {
                Database one = i % 2 == 0 ? database : other;
                work.add(() -> one.<Integer>change(DatabaseTest::addOne));
            }
            List<Integer> seen = new ArrayList<>();
            for (Future<Integer> done : workers.invokeAll(work)) {
                seen.add(done.get());
            }
            assertThat(seen).doesNotHaveDuplicates().hasSize(threads * each);
            assertThat(seen).contains(1, threads * each);
        }
    }

    /** Reads, then writes what it read and one: the way to lose updates. */
    private static int addOne(Transaction open) throws IOException {
        int next =
                open.query(row -> row.getInt(1), "SELECT version FROM emergency_version").getFirst()
                        + 1;
        open.update("UPDATE emergency_version SET version = ?", next);
        return next;
    }

    @Test
    void refusesADatabaseOfANewerProgram() throws Exception {
        store.sql("INSERT INTO schema_version (version) VALUES (99)");
        assertThatThrownBy(() -> store.open().close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("newer version");
    }

    @Test
    void severalInstancesMayMakeTheTablesAtOnce(@TempDir Path other) throws Exception {
        TestStore fresh = backend.store(other);
        try (ExecutorService workers = Executors.newFixedThreadPool(4)) {
            List<Callable<Boolean>> work = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                work.add(() -> {
                    fresh.open().close();
                    return true;
                });
            }
            for (Future<Boolean> done : workers.invokeAll(work)) {
                assertThat(done.get()).isTrue();
            }
        }
    }

    @Test
    void textOfAnyKindComesBackAsItWas() throws Exception {
        String text = "'; DROP TABLE node; -- \\ \" % _ ? $1 \u00e9 \u4e2d \ud83d\ude00 <script>";
        database.record(open -> insert(open, text));
        assertThat(nodes()).containsExactly(text);
    }
}
