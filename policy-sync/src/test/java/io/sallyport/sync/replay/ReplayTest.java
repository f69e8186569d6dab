package io.sallyport.sync.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.replay.Replay.Answer;
import io.sallyport.sync.replay.Replay.Begun;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.TestStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Backend.class)
final class ReplayTest {
    private static final Instant NOON = Instant.parse("2026-05-03T12:00:00Z");
    private static final Answer DONE = new Answer(201, "/v1/orgs/acme", "{\"org\":\"acme\"}");

    private final Backend backend;
    @TempDir private Path directory;
    private Instant now = NOON;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TestStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Database database;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Replay replay;

    ReplayTest(Backend backend) {
        this.backend = backend;
    }

    @BeforeEach
    void open() throws IOException {
        store = backend.store(directory);
        database = store.open();
        replay = new Replay(database, () -> now);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void theSameRequestGetsTheSameAnswer() throws Exception {
        assertThat(replay.begin("ann", "k1", "digest")).isEqualTo(new Begun.New());
        assertThat(replay.begin("ann", "k1", "digest")).isEqualTo(new Begun.Running());
        replay.finish("ann", "k1", DONE);
        assertThat(replay.begin("ann", "k1", "digest")).isEqualTo(new Begun.Answered(DONE));
    }

    @Test
    void anotherRequestWithTheKeyIsToldApart() throws Exception {
        replay.begin("ann", "k1", "digest");
        replay.finish("ann", "k1", DONE);
        assertThat(replay.begin("ann", "k1", "other")).isEqualTo(new Begun.Different());
        assertThat(replay.begin("bob", "k1", "other")).isEqualTo(new Begun.New());
    }

    @Test
    void aRequestThatChangedNothingMayBeTriedAgain() throws Exception {
        replay.begin("ann", "k1", "digest");
        replay.forget("ann", "k1");
        assertThat(replay.begin("ann", "k1", "digest")).isEqualTo(new Begun.New());
    }

    @Test
    void aRequestWhoseProcessDiedMayBeTriedAgainAfterAWhile() throws Exception {
        replay.begin("ann", "k1", "digest");
        now = NOON.plus(Replay.RUNNING).plusMillis(1);
        assertThat(replay.begin("ann", "k1", "digest")).isEqualTo(new Begun.New());
    }

    @Test
    void answersAreForgottenAfterADay() throws Exception {
        replay.begin("ann", "k1", "digest");
        replay.finish("ann", "k1", DONE);
        now = NOON.plus(Replay.KEPT);
        assertThat(replay.begin("ann", "k1", "digest")).isEqualTo(new Begun.Answered(DONE));
        now = now.plusMillis(1);
        assertThat(replay.begin("ann", "k1", "digest")).isEqualTo(new Begun.New());
    }

    @Test
    void aHolderFillsOnlyItsOwnRoom() throws Exception {
        replay.begin("ann", "first", "digest");
        replay.finish("ann", "first", DONE);
        database.record(open -> {
            for (int i = 0; i < Replay.MAX_KEYS; i++) {
                open.update(
                        "INSERT INTO replay VALUES ('bob', ?, 'digest', ?, 0, '', '')",
                        "k" + i,
                        now.toEpochMilli() + i);
            }
            return 0;
        });
        now = now.plusSeconds(2);
        replay.begin("bob", "last", "digest");
        assertThat(
                        database.reads()
                                .query(
                                        row -> row.getInt(1),
                                        "SELECT COUNT(*) FROM replay WHERE holder = 'bob'"))
                .containsExactly(Replay.MAX_KEYS);
        assertThat(replay.begin("bob", "k1", "digest")).isEqualTo(new Begun.Running());
        assertThat(replay.begin("ann", "first", "digest")).isEqualTo(new Begun.Answered(DONE));
        assertThat(replay.begin("bob", "k0", "digest")).isEqualTo(new Begun.New());
    }

    @Test
    void ofManyAtOnceOneIsNew() throws Exception {
        try (Database second = store.open();
                ExecutorService workers = Executors.newFixedThreadPool(6)) {
            Replay other = new Replay(second, () -> now);
            List<Callable<Begun>> work = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                Replay one = i % 2 == 0 ? replay : other;
                work.add(() -> one.begin("ann", "k1", "digest"));
            }
            List<Begun> begun = new ArrayList<>();
            for (Future<Begun> done : workers.invokeAll(work)) {
                begun.add(done.get());
            }
            assertThat(begun).containsOnlyOnce(new Begun.New());
            assertThat(begun).containsOnly(new Begun.New(), new Begun.Running());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "line\nbreak", "\u00e9"})
    void aKeyIsVisibleText(String key) {
        assertThatThrownBy(() -> replay.begin("ann", key, "digest"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Idempotency-Key");
    }
}
