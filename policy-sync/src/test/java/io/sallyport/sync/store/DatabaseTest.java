package io.sallyport.sync.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseTest extends EachStore {

    DatabaseTest(Backend backend) {
        super(backend);
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
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            database.change(open -> {
                insert(open, "unfinished");
                assertThat(seenBy(other)).isEmpty();
                return 0;
            });
        }
        assertThat(nodes()).containsExactly("unfinished");
    }

    private List<String> seenBy(ExecutorService other) {
        try {
            return other.submit(this::nodes).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsDoneInTheMiddleOfAChangeIsPartOfIt() throws Exception {
        assertThatThrownBy(() ->
                        database.change(open -> {
                            insert(open, "outer");
                            database.<Integer>change(inner -> insert(inner, "change"));
                            database.<Integer>record(inner -> insert(inner, "record"));
                            assertThat(nodes()).containsExactly("change", "outer", "record");
                            throw new Refusal(Refusal.Kind.STALE, "no");
                        }))
                .isInstanceOf(Refusal.class);
        assertThat(nodes()).isEmpty();
        assertThat(database.<Integer>change(open -> insert(open, "after"))).isEqualTo(1);
        assertThat(nodes()).containsExactly("after");
    }

    @Test
    void changesThatWaitForTheirTurnLeaveRoomForReaders() throws Exception {
        int crowd = 12; // more than there are connections
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch read = new CountDownLatch(1);
        try (ExecutorService workers = Executors.newFixedThreadPool(crowd)) {
            List<Future<Integer>> changes = new ArrayList<>();
            for (int i = 0; i < crowd; i++) {
                String node = "n" + i;
                changes.add(
                        workers.submit(() ->
                                database.<Integer>change(open -> {
                                    begun.countDown();
                                    await(read);
                                    return insert(open, node);
                                })));
            }
            await(begun);
            assertThat(nodes()).isEmpty();
            read.countDown();
            for (Future<Integer> change : changes) {
                assertThat(change.get()).isEqualTo(1);
            }
        }
        assertThat(nodes()).hasSize(crowd);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(4, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE org_settings SET document = '{}'",
                "DELETE FROM org_settings",
                "UPDATE agent_settings SET code_execution = 1",
                "DELETE FROM agent_settings"
            })
    void versionsOfSettingsAreOnlyEverAdded(String sql) throws Exception {
        OrgStore orgs = OrgStore.of(database, () -> now);
        Author ann = new Author("ann", "");
        orgs.create("acme", Settings.forNewOrg(), ann);
        orgs.setCodeExecution("acme", "coder", false, ann);
        assertThatThrownBy(() -> database.record(open -> open.update(sql)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("only ever added");
        assertThat(orgs.current("acme").number()).isEqualTo(1);
        assertThat(orgs.codeExecution("acme", "coder")).isFalse();
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
