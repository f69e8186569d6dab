package io.sallyport.resolver.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.budget.Budget.Event;
import io.sallyport.resolver.budget.Budget.Kind;
import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.budget.Budget.Passage;
import io.sallyport.resolver.budget.Budget.Toll;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private static final long SECOND = 1_000_000_000L;
    private static final byte[] EXACT = {1, 'a', 4, 't', 'e', 's', 't', 0};

    private final List<Event> events = new ArrayList<>();
    private long now = -5; // a clock that has any value, as nanoTime has

    private Budget budget(Limits limits) {
        return new Budget("n1", limits, events::add);
    }

    private static Limits queries(int perSecond, int burst) {
        return Limits.DEFAULT
                .with(Limit.QUERIES_PER_SECOND, perSecond)
                .with(Limit.QUERY_BURST, burst);
    }

    private Passage depart(Budget budget) {
        return budget.depart(EXACT, EXACT.length, 0, "a.test", now);
    }

    private static int count(int tries, BooleanSupplier action) {
        int done = 0;
        for (int i = 0; i < tries; i++) {
            done += action.getAsBoolean() ? 1 : 0;
        }
        return done;
    }

    @Test
    void aBurstPassesThenTheRate() {
        Budget budget = budget(queries(100, 50));

        assertThat(count(500, () -> budget.query(now) == Toll.PAID)).isEqualTo(50);
        now += SECOND / 10;
        assertThat(count(500, () -> budget.query(now) == Toll.PAID)).isEqualTo(10);
        now += 60 * SECOND;
        assertThat(count(500, () -> budget.query(now) == Toll.PAID)).isEqualTo(50);
    }

    @Test
    void tellsAFewRefusalsASecondAndIsSilentAboutTheRest() {
        Budget budget = budget(queries(1, 1));
        budget.query(now);

        assertThat(count(1000, () -> budget.query(now) == Toll.TELL)).isEqualTo(20);
        assertThat(budget.query(now)).isEqualTo(Toll.SILENCE);
        now += SECOND / 2;
        assertThat(count(1000, () -> budget.query(now) == Toll.TELL)).isEqualTo(5);
    }

    @Test
    void aLoopWhoseClockIsBehindSpendsNoMore() {
        Budget budget = budget(queries(100, 10));
        now += 10 * SECOND;
        assertThat(count(100, () -> budget.query(now) == Toll.PAID)).isEqualTo(10);
        now -= SECOND / 100;

        assertThat(budget.query(now)).isNotEqualTo(Toll.PAID);
    }

    @Test
    void aFloodingNetworkDoesNotTakeFromAnother() {
        Budget flooding = budget(Limits.DEFAULT);
        Budget quiet = new Budget("n2", Limits.DEFAULT, events::add);
        count(100_000, () -> flooding.query(now) == Toll.PAID);
        count(100_000, () -> depart(flooding) == Passage.GO);
        count(1_000, () -> flooding.connect(now));

        assertThat(flooding.query(now)).isEqualTo(Toll.SILENCE);
        assertThat(quiet.query(now)).isEqualTo(Toll.PAID);
        assertThat(depart(quiet)).isEqualTo(Passage.GO);
        assertThat(quiet.connect(now)).isTrue();
        assertThat(events).extracting(Event::network).containsOnly("n1");
    }

    @Test
    void questionsInFlightComeBack() {
        Budget budget = budget(Limits.DEFAULT.with(Limit.QUESTIONS_IN_FLIGHT, 3));

        assertThat(count(10, () -> depart(budget) == Passage.GO)).isEqualTo(3);
        assertThat(depart(budget)).isEqualTo(Passage.TOO_MANY_AT_ONCE);
        budget.arrived();
        assertThat(count(10, () -> depart(budget) == Passage.GO)).isEqualTo(1);
    }

    @Test
    void upstreamQueriesHaveARateOfTheirOwn() {
        Budget budget =
                budget(
                        Limits.DEFAULT
                                .with(Limit.UPSTREAM_QUERIES_PER_SECOND, 10)
                                .with(Limit.UPSTREAM_QUERY_BURST, 5)
                                .with(Limit.QUESTIONS_IN_FLIGHT, 0));

        assertThat(count(100, () -> depart(budget) == Passage.GO)).isEqualTo(5);
        assertThat(depart(budget)).isEqualTo(Passage.TOO_FAST);
        assertThat(budget.query(now)).as("cached answers go on").isEqualTo(Toll.PAID);
    }

    @Test
    void connectionsComeBack() {
        Budget budget = budget(Limits.DEFAULT.with(Limit.TCP_CONNECTIONS, 2));

        assertThat(count(5, () -> budget.connect(now))).isEqualTo(2);
        budget.disconnected();
        assertThat(count(5, () -> budget.connect(now))).isEqualTo(1);
    }

    @Test
    void eachBudgetIsToldOnceAMinute() {
        Budget budget = budget(queries(1, 1).with(Limit.TCP_CONNECTIONS, 1));
        count(1000, () -> budget.query(now) == Toll.PAID);
        count(10, () -> budget.connect(now));
        now += 59 * SECOND;
        count(1000, () -> budget.query(now) == Toll.PAID);
        assertThat(events)
                .containsExactly(
                        new Event(Kind.QUERIES, "n1", "", 0, 0),
                        new Event(Kind.TCP_CONNECTIONS, "n1", "", 0, 0));

        now += SECOND;
        count(1000, () -> budget.query(now) == Toll.PAID);
        assertThat(events).hasSize(3);
    }

    @Test
    void zeroIsNoLimit() {
        Budget budget = budget(Limits.NONE);

        assertThat(count(50_000, () -> budget.query(now) == Toll.PAID)).isEqualTo(50_000);
        assertThat(count(50_000, () -> depart(budget) == Passage.GO)).isEqualTo(50_000);
        assertThat(count(50_000, () -> budget.connect(now))).isEqualTo(50_000);
    }

    @Test
    void limitsSayWhatTheyAreAndRefuseWhatTheyCannotBe() {
        assertThat(Limits.DEFAULT.with(Limit.QUERY_BURST, 7).toString())
                .startsWith("queries-per-second=1000 query-burst=7 ");
        assertThatThrownBy(() -> Limits.DEFAULT.with(Limit.QUERY_BURST, -1))
                .hasMessage("query-burst is a number of 0 (no limit) to 1000000");
        for (Limit limit : Limit.values()) {
            assertThat(Limit.named(limit.key())).contains(limit);
        }
        assertThat(Limit.named("queries")).isEmpty();
    }

    /** A rate without a burst would let nothing pass. */
    @Test
    void aRateLetsAtLeastOneQueryPass() {
        Budget budget = budget(queries(5, 0));

        assertThat(budget.query(now)).isEqualTo(Toll.PAID);
        assertThat(budget.query(now)).isNotEqualTo(Toll.PAID);
    }

    @Test
    void threadsTogetherSpendWhatThereIsAndNoMore() throws InterruptedException {
        Budget budget =
                budget(
                        queries(1, 10_000)
                                .with(Limit.QUESTIONS_IN_FLIGHT, 100)
                                .with(Limit.UPSTREAM_QUERIES_PER_SECOND, 0));
        AtomicInteger paid = new AtomicInteger();
        AtomicInteger flying = new AtomicInteger();
        AtomicInteger tooMany = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(4);
        for (int thread = 0; thread < 4; thread++) {
            Thread.ofPlatform()
                    .start(() -> {
                        for (int i = 0; i < 20_000; i++) {
                            paid.addAndGet(budget.query(0) == Toll.PAID ? 1 : 0);
                            if (depart(budget) == Passage.GO) {
                                tooMany.addAndGet(flying.incrementAndGet() > 100 ? 1 : 0);
                                flying.decrementAndGet();
                                budget.arrived();
                            }
                        }
                        done.countDown();
                    });
        }
        done.await();

        assertThat(paid).hasValue(10_000);
        assertThat(tooMany).hasValue(0);
        assertThat(count(200, () -> depart(budget) == Passage.GO))
                .as("every place came back")
                .isEqualTo(100);
    }
}
