package io.sallyport.sync.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.decision.Decisions.Added;
import io.sallyport.sync.decision.Decisions.Decision;
import io.sallyport.sync.decision.Decisions.Domain;
import io.sallyport.sync.decision.Decisions.Judged;
import io.sallyport.sync.decision.Decisions.Point;
import io.sallyport.sync.decision.Decisions.Seen;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.EachStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DecisionsTest extends EachStore {
    private static final Instant EVER = Instant.EPOCH;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Decisions decisions;

    DecisionsTest(Backend backend) {
        super(backend);
    }

    @BeforeEach
    void open() {
        decisions = new Decisions(database, () -> now);
    }

    private Decision denied(String session, String name, long count) {
        return new Decision("acme", session, name, Verdict.DENIED, "not-allowed", count, now, now);
    }

    private Decision of(Verdict verdict, String session, String name, long count) {
        return new Decision("acme", session, name, verdict, "", count, now, now);
    }

    @Test
    void countsOfOneNameAddUp() throws Exception {
        decisions.add(
                "n1", List.of(denied("s1", "a.example.com", 2), denied("s2", "a.example.com", 1)));
        now = NOON.plus(Duration.ofHours(20)); // the next day
        decisions.add("n2", List.of(denied("s1", "a.example.com", 4)));
        assertThat(decisions.denied("acme", EVER, 9))
                .containsExactly(
                        new Domain(
                                "example.com",
                                7,
                                NOON,
                                now,
                                List.of(new Seen("a.example.com", 7, NOON, now))));
        assertThat(decisions.denied("acme", now, 9).getFirst().count()).isEqualTo(4);
        assertThat(decisions.denied("other", EVER, 9)).isEmpty();
    }

    @Test
    void deniedNamesAreGatheredByTheDomainThatSomebodyRegistered() throws Exception {
        decisions.add(
                "n1",
                List.of(
                        denied("s1", "a.example.co.uk", 1),
                        denied("s1", "b.c.example.co.uk", 5),
                        denied("s1", "ann.github.io", 3),
                        denied("s1", "x.ann.github.io", 1),
                        denied("s1", "bob.github.io", 2),
                        denied("s1", "_dmarc.example.org", 1),
                        denied("s1", "localhost", 1),
                        of(Verdict.ALLOWED, "s1", "www.python.org", 99)));
        List<Domain> domains = decisions.denied("acme", EVER, 99);
        assertThat(domains)
                .extracting(domain -> domain.domain() + " " + domain.count())
                .containsExactly(
                        "example.co.uk 6",
                        "ann.github.io 4",
                        "bob.github.io 2",
                        "example.org 1",
                        "localhost 1");
        assertThat(domains.getFirst().names())
                .extracting(Seen::name)
                .containsExactly("b.c.example.co.uk", "a.example.co.uk");
        assertThat(decisions.denied("acme", EVER, 2)).hasSize(2);
    }

    @Test
    void aLineHasNoGaps() throws Exception {
        decisions.add(
                "n1",
                List.of(of(Verdict.ALLOWED, "s1", "a.example", 3), denied("s1", "b.example", 1)));
        now = NOON.plus(Duration.ofMinutes(12));
        decisions.add("n1", List.of(of(Verdict.OBSERVED, "s1", "c.example", 7)));
        assertThat(decisions.series("acme", NOON, Duration.ofMinutes(5)))
                .containsExactly(
                        new Point(NOON, 3, 1, 0),
                        new Point(NOON.plus(Duration.ofMinutes(5)), 0, 0, 0),
                        new Point(NOON.plus(Duration.ofMinutes(10)), 0, 0, 7));
        assertThatThrownBy(() -> decisions.series("acme", NOON, Duration.ofSeconds(7)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> decisions.series("acme", EVER, Duration.ofMinutes(1)))
                .hasMessageContaining("points");
    }

    @Test
    void namesAreToldWithEachVerdict() throws Exception {
        decisions.add("n1", List.of(denied("s1", "a.example", 1)));
        decisions.add("n1", List.of(of(Verdict.ALLOWED, "s2", "a.example", 5)));
        assertThat(decisions.names("acme", EVER, 9))
                .containsExactly(
                        new Judged(new Seen("a.example", 5, NOON, NOON), Verdict.ALLOWED, ""),
                        new Judged(
                                new Seen("a.example", 1, NOON, NOON),
                                Verdict.DENIED,
                                "not-allowed"));
    }

    @Test
    void whatWasObservedIsToldOfOneSessionOrAll() throws Exception {
        decisions.add(
                "n1",
                List.of(
                        of(Verdict.OBSERVED, "s1", "a.example", 1),
                        of(Verdict.OBSERVED, "s2", "b.example", 2),
                        denied("s1", "c.example", 1)));
        assertThat(decisions.seen("acme", Verdict.OBSERVED, Optional.empty(), EVER, 9))
                .extracting(Seen::name)
                .containsExactly("b.example", "a.example");
        assertThat(decisions.seen("acme", Verdict.OBSERVED, Optional.of("s1"), EVER, 9))
                .extracting(Seen::name)
                .containsExactly("a.example");
    }

    @Test
    void aSessionThatMakesNamesUpFillsOnlyItsOwnRoom() throws Exception {
        List<Decision> flood = new ArrayList<>();
        for (int i = 0; i < Decisions.MAX_BATCH; i++) {
            flood.add(denied("hostile", "n" + i + ".example.com", 1));
        }
        assertThat(decisions.add("n1", flood))
                .isEqualTo(
                        new Added(Decisions.MAX_NAMES, Decisions.MAX_BATCH - Decisions.MAX_NAMES));
        assertThat(decisions.add("n1", List.of(denied("hostile", "one.more.example.com", 1))))
                .isEqualTo(new Added(0, 1));
        assertThat(decisions.add("n1", List.of(denied("quiet", "one.more.example.com", 1))))
                .isEqualTo(new Added(1, 0));
        assertThat(decisions.add("n1", List.of(flood.getFirst()))).isEqualTo(new Added(1, 0));
        assertThat(decisions.series("acme", NOON, Duration.ofMinutes(1)).getFirst().denied())
                .isEqualTo(Decisions.MAX_BATCH + 3L);
    }

    @Test
    void theDaysThatArePastGo() throws Exception {
        decisions.add("n1", List.of(denied("s1", "old.example", 1)));
        now = NOON.plus(Duration.ofDays(Decisions.DAYS_KEPT + 1));
        decisions.add("n1", List.of(denied("s1", "new.example", 1)));
        assertThat(decisions.denied("acme", EVER, 9))
                .extracting(Domain::domain)
                .containsExactly("new.example");
        Decision late = new Decision("acme", "s1", "x.example", Verdict.DENIED, "", 1, NOON, NOON);
        assertThat(decisions.add("n1", List.of(late))).isEqualTo(new Added(0, 1));
    }

    @Test
    void aClockThatIsAheadDoesNotReachIntoTheFuture() throws Exception {
        Instant future = NOON.plus(Duration.ofDays(9));
        decisions.add(
                "n1",
                List.of(
                        new Decision(
                                "acme", "s1", "x.example", Verdict.DENIED, "", 1, future, future)));
        Domain only = decisions.denied("acme", EVER, 9).getFirst();
        assertThat(only.last()).isEqualTo(NOON);
        assertThat(only.first()).isEqualTo(NOON);
    }

    @Test
    void reportsOfManyNodesAtOnceLoseNothing() throws Exception {
        try (Database second = store.open();
                ExecutorService workers = Executors.newFixedThreadPool(6)) {
            Decisions other = new Decisions(second, () -> now);
            List<Callable<Added>> work = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                Decisions one = i % 2 == 0 ? decisions : other;
                List<Decision> batch =
                        new ArrayList<>(
                                List.of(
                                        denied("s1", "a.example", 1),
                                        denied("s1", "b.example", 1),
                                        denied("s2", "c.example", 1)));
                if (i % 3 == 0) {
                    batch = batch.reversed();
                }
                List<Decision> sent = List.copyOf(batch);
                work.add(() -> one.add("n", sent));
            }
            for (Future<Added> done : workers.invokeAll(work)) {
                assertThat(done.get()).isEqualTo(new Added(3, 0));
            }
        }
        assertThat(decisions.denied("acme", EVER, 9))
                .extracting(Domain::count)
                .containsExactly(30L, 30L, 30L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "line\nbreak", "nul\u0000", "umlaut-\u00e4"})
    void aNameIsPrintable(String name) {
        assertThatThrownBy(() -> denied("s1", name, 1)).hasMessageStartingWith("name: ");
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> denied("s 1", "a.example", 1)).hasMessageStartingWith("session: ");
        assertThatThrownBy(() -> denied("s1", "a.example", 0)).hasMessageStartingWith("count: ");
        assertThatThrownBy(() -> new Decision("a b", "s", "a", Verdict.DENIED, "", 1, now, now))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Decision("a", "s", "a", Verdict.DENIED, "<b>", 1, now, now))
                .hasMessageStartingWith("reason: ");
        assertThatThrownBy(() ->
                        decisions.add(
                                "n1",
                                java.util.Collections.nCopies(
                                        Decisions.MAX_BATCH + 1, denied("s1", "a", 1))))
                .hasMessageContaining("at most");
    }

    /** A node may say what it likes; what it says must still add up, for it and for all others. */
    @Test
    void countsEndWhereSumsWouldNot() throws Exception {
        for (int i = 0; i < 3; i++) {
            decisions.add("n1", List.of(denied("s1", "a.example.com", Decisions.MAX_COUNT)));
        }
        assertThat(decisions.denied("acme", EVER, 9))
                .singleElement()
                .satisfies(domain -> assertThat(domain.count()).isEqualTo(Decisions.MAX_COUNT));
        assertThat(decisions.series("acme", now, Duration.ofMinutes(1)))
                .last()
                .satisfies(point -> assertThat(point.denied()).isEqualTo(Decisions.MAX_COUNT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1000000000-01-01T00:00:00Z", "1969-12-31T23:59:59Z"})
    void aTimeThatNoClockShowsIsRefused(String first) {
        assertThatThrownBy(() ->
                        new Decision(
                                "acme",
                                "s1",
                                "a.example.com",
                                Verdict.DENIED,
                                "",
                                1,
                                Instant.parse(first),
                                now))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
