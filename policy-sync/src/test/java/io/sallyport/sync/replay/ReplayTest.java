package io.sallyport.sync.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.replay.Replay.Answer;
import io.sallyport.sync.replay.Replay.Outcome;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.Database.Transaction;
import io.sallyport.sync.store.EachStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReplayTest extends EachStore {

    @SuppressWarnings("NullAway.Init") // set before each test
    private Replay replay;

    ReplayTest(Backend backend) {
        super(backend);
    }

    @BeforeEach
    void open() {
        replay = new Replay(database, () -> now);
    }

    /** A request whose change is a new name of a node. */
    private Outcome<String> once(String holder, String key, String request)
            throws IOException, Refusal {
        return replay.once(
                holder,
                key,
                request,
                () -> made(holder + key + request),
                made -> new Answer(201, "/nodes/" + made, "{}"));
    }

    private String made(String name) throws IOException {
        database.record(open ->
                open.update(
                        "INSERT INTO node (name, heard_at, emergency_version) VALUES (?, 0, 0)",
                        name));
        return name;
    }

    private List<String> effects() throws IOException {
        return database.reads()
                .query(row -> row.getString(1), "SELECT name FROM node ORDER BY name");
    }

    private static Outcome<String> done(String made) {
        return new Outcome.Done<>(made);
    }

    private static Outcome<String> answered(String made) {
        return new Outcome.Answered<>(new Answer(201, "/nodes/" + made, "{}"));
    }

    @Test
    void theSameRequestGetsTheSameAnswer() throws Exception {
        assertThat(once("ann", "k1", "digest")).isEqualTo(done("annk1digest"));
        assertThat(once("ann", "k1", "digest")).isEqualTo(answered("annk1digest"));
        assertThat(effects()).containsExactly("annk1digest");
    }

    @Test
    void anotherRequestWithTheKeyIsToldApart() throws Exception {
        once("ann", "k1", "digest");
        assertThat(once("ann", "k1", "other")).isEqualTo(new Outcome.Different<>());
        assertThat(once("bob", "k1", "other")).isEqualTo(done("bobk1other"));
        assertThat(effects()).containsExactly("annk1digest", "bobk1other");
    }

    /** As if the process had died: nothing of the change stays, and the key is free. */
    @Test
    void aRequestThatBreaksInTheMiddleLeavesNeitherEffectNorKey() throws Exception {
        assertThatThrownBy(() ->
                        replay.once(
                                "ann",
                                "k1",
                                "digest",
                                () -> {
                                    made("half");
                                    throw new IllegalStateException("died");
                                },
                                (String made) -> new Answer(201, "", made)))
                .hasMessage("died");
        assertThatThrownBy(() ->
                        replay.once(
                                "ann",
                                "k1",
                                "digest",
                                () -> made("half"),
                                made -> {
                                    throw new IllegalStateException("died later");
                                }))
                .hasMessage("died later");
        assertThat(effects()).isEmpty();
        assertThat(once("ann", "k1", "digest")).isEqualTo(done("annk1digest"));
    }

    @Test
    void answersAreForgottenAfterADay() throws Exception {
        once("ann", "k1", "digest");
        now = NOON.plus(Replay.KEPT);
        assertThat(once("ann", "k1", "digest")).isEqualTo(answered("annk1digest"));
        now = now.plusMillis(1);
        assertThatThrownBy(() -> once("ann", "k1", "digest"))
                .as("it is carried out again")
                .isInstanceOf(IOException.class);
    }

    @Test
    void aHolderFillsOnlyItsOwnRoom() throws Exception {
        once("ann", "first", "digest");
        database.record(open -> {
            for (int i = 0; i < Replay.MAX_KEYS; i++) {
                open.update(
                        "INSERT INTO replay VALUES ('bob', ?, 'digest', ?, 200, '', '')",
                        "k" + i,
                        now.toEpochMilli() + i);
            }
            return 0;
        });
        now = now.plusSeconds(2);
        once("bob", "last", "digest");
        assertThat(
                        database.reads()
                                .query(
                                        row -> row.getInt(1),
                                        "SELECT COUNT(*) FROM replay WHERE holder = 'bob'"))
                .containsExactly(Replay.MAX_KEYS);
        assertThat(once("bob", "k1", "digest")).isInstanceOf(Outcome.Answered.class);
        assertThat(once("ann", "first", "digest")).isInstanceOf(Outcome.Answered.class);
        assertThat(once("bob", "k0", "digest")).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void ofManyAtOnceOneIsCarriedOut() throws Exception {
        try (Database second = store.open();
                ExecutorService workers = Executors.newFixedThreadPool(6)) {
            List<Callable<Outcome<Integer>>> work = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                Database one = i % 2 == 0 ? database : second;
                work.add(() ->
                        new Replay(one, () -> now)
                                .once(
                                        "ann",
                                        "k1",
                                        "digest",
                                        () -> one.record(ReplayTest::addOne),
                                        made -> new Answer(201, "", "")));
            }
            List<Outcome<Integer>> outcomes = new ArrayList<>();
            for (Future<Outcome<Integer>> done : workers.invokeAll(work)) {
                outcomes.add(done.get());
            }
            assertThat(outcomes).containsOnlyOnce(new Outcome.Done<>(1));
            assertThat(outcomes)
                    .containsOnly(
                            new Outcome.Done<>(1), new Outcome.Answered<>(new Answer(201, "", "")));
        }
        assertThat(effects()).containsExactly("x");
    }

    private static Integer addOne(Transaction open) throws IOException {
        return open.update(
                "INSERT INTO node (name, heard_at, emergency_version) VALUES ('x', 0, 0)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "line\nbreak", "\u00e9"})
    void aKeyIsVisibleText(String key) {
        assertThatThrownBy(() -> once("ann", key, "digest"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Idempotency-Key");
    }
}
