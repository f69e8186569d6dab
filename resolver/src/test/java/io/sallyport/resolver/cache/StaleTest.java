package io.sallyport.resolver.cache;

import static io.sallyport.resolver.cache.Answers.counter;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 8767, one condition at a time; the class of CVE-2026-46582, 55717 and 56444. */
class StaleTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long DAY = TimeUnit.DAYS.toNanos(1);
    private static final long NOW = Long.MAX_VALUE - 10 * SECOND; // overflows on the way
    private static final long OVER = NOW + 60 * SECOND;
    private static final int SILENT = 22;

    private final AnswerCache cache = new AnswerCache(1 << 20, true);
    private final AnswerCache.Key www = cache.key(Answers.question("www.example.com"));
    private final Answer answer = Answers.address(60, NOW);

    @Test
    void expiredAnswerIsToldWhenTheUpstreamsFail() {
        cache.settle(www, answer, NOW);
        Answer told = fail(OVER);

        assertThat(told.rcode()).isZero();
        assertThat(told.extendedError()).isEqualTo(3);
        assertThat(told.ttl()).isEqualTo(30);
        assertThat(told.bornNanos()).isEqualTo(OVER);
        assertThat(told.addresses()).isEqualTo(answer.addresses());
        assertThat(counter(cache, "stale_total")).isEqualTo(1);
    }

    @Test
    void everyRecordSaysThirtySecondsAndTheKeptAnswerIsUntouched() {
        cache.settle(www, answer, NOW);
        Answer told = fail(OVER);

        assertThat(Arrays.copyOfRange(told.body(), 6, 10)).containsExactly(0, 0, 0, 30);
        assertThat(Arrays.copyOfRange(answer.body(), 6, 10)).containsExactly(0, 0, 0, 60);
        assertThat(told.body()).hasSameSizeAs(answer.body());
    }

    @Test
    void signaturesThatMayHaveExpiredAreVouchedForByNobody() {
        cache.settle(www, answer, NOW);

        assertThat(answer.authenticated()).isTrue();
        assertThat(fail(OVER).authenticated()).isFalse();
    }

    @Test
    void staleDenialHasItsOwnError() {
        cache.settle(www, Answers.denial(3, 60, NOW), NOW);
        Answer told = fail(OVER);

        assertThat(told.rcode()).isEqualTo(3);
        assertThat(told.extendedError()).isEqualTo(19);
    }

    @Test
    void expiredAnswerAloneIsNotTold() {
        cache.settle(www, answer, NOW);

        assertThat(fresh(OVER)).as("nobody has been asked yet").isNull();
        assertThat(counter(cache, "stale_total")).isZero();
    }

    @Test
    void freshAnswerIsNotMadeStaleByAFailedRefresh() {
        cache.settle(www, answer, NOW);
        cache.settle(www, Answers.failure(SILENT, OVER - SECOND), OVER - SECOND);

        assertThat(fresh(OVER - SECOND)).usingRecursiveComparison().isEqualTo(answer);
        assertThat(fresh(OVER)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"0, true", "86399, true", "86400, false", "900000, false"})
    void staleForADayAndNoLonger(long secondsOver, boolean told) {
        cache.settle(www, answer, NOW);

        assertThat(fail(OVER + secondsOver * SECOND).isStale()).isEqualTo(told);
        assertThat(Entry.KEPT_STALE_NANOS).isEqualTo(DAY);
    }

    /** RFC 8914: what DNSSEC, policy or a broken chain refuse is refused; silence is not. */
    @ParameterizedTest
    @CsvSource({
        "22, true",
        "23, true",
        "24, true",
        "0, false",
        "5, false",
        "6, false",
        "7, false",
        "9, false",
        "10, false",
        "12, false",
        "15, false",
        "25, false"
    })
    void onlySilenceAndNonsenseMayBeCoveredUp(int extendedError, boolean told) {
        cache.settle(www, answer, NOW);
        Answer failure = Answers.failure(extendedError, OVER);

        assertThat(cache.settle(www, failure, OVER).isStale()).isEqualTo(told);
    }

    @Test
    void bogusAnswerEndsWhatWasKnown() {
        cache.settle(www, answer, NOW);
        cache.settle(www, Answers.failure(6, OVER), OVER);

        assertThat(fail(OVER + 5 * SECOND).isStale()).isFalse();
    }

    @Test
    void ownOverloadIsNeitherCoveredUpNorKept() {
        cache.settle(www, answer, NOW);
        Answer overload = Answer.overload("too many", OVER);

        assertThat(cache.settle(www, overload, OVER)).isSameAs(overload);
        assertThat(fresh(OVER)).isNull();
        assertThat(fail(OVER).isStale()).as("what was known still is").isTrue();
    }

    @Test
    void failureIsLookedAtAgainAfterThirtySeconds() {
        cache.settle(www, answer, NOW);
        Answer told = fail(OVER);

        assertThat(fresh(OVER + 30 * SECOND - 1)).usingRecursiveComparison().isEqualTo(told);
        assertThat(fresh(OVER + 30 * SECOND)).isNull();
        assertThat(fail(OVER + 30 * SECOND).bornNanos()).isEqualTo(OVER + 30 * SECOND);
        assertThat(fresh(OVER + 59 * SECOND)).isNotNull();
    }

    @Test
    void lateAnswerReplacesTheStaleOneAtOnce() {
        cache.settle(www, answer, NOW);
        Answer told = Objects.requireNonNull(cache.stale(www, OVER));
        assertThat(told.extendedError()).isEqualTo(3);
        assertThat(fresh(OVER)).usingRecursiveComparison().isEqualTo(told);

        Answer late = Answers.address(60, OVER + SECOND);
        assertThat(cache.settle(www, late, OVER + SECOND)).isSameAs(late);
        assertThat(fresh(OVER + SECOND)).usingRecursiveComparison().isEqualTo(late);
    }

    @Test
    void lateFailureLeavesTheStaleAnswer() {
        cache.settle(www, answer, NOW);
        cache.stale(www, OVER);

        assertThat(fail(OVER + 2 * SECOND).isStale()).isTrue();
        assertThat(fresh(OVER + 31 * SECOND)).isNotNull();
    }

    @Test
    void answerThatIsForNobodyElseEndsWhatWasKnown() {
        cache.settle(www, answer, NOW);
        cache.settle(www, Answers.address(0, OVER), OVER);

        assertThat(fail(OVER).isStale()).isFalse();
    }

    @Test
    void staleAnswerDoesNotLiveOnStaleness() {
        cache.settle(www, answer, NOW);
        long at = OVER;
        while (at < OVER + DAY) {
            assertThat(fail(at).isStale()).isTrue();
            at += 600 * SECOND;
        }
        assertThat(fail(at).isStale()).as("its age is that of the data").isFalse();
    }

    @Test
    void refusalOfTheFilterIsNotData() {
        Answer emptied =
                new Answer(
                        0,
                        false,
                        0,
                        0,
                        new byte[0],
                        new int[0],
                        new int[0],
                        5,
                        NOW,
                        new byte[0][],
                        15,
                        "rebinding");
        cache.settle(www, emptied, NOW);

        assertThat(fail(OVER).rcode()).isEqualTo(2);
    }

    @Test
    void nothingIsStaleWhereThatIsNotWanted() {
        AnswerCache honest = new AnswerCache(1 << 20, false);
        AnswerCache.Key key = honest.key(Answers.question("www.example.com"));
        honest.settle(key, answer, NOW);

        assertThat(honest.keepsGood(key)).isFalse();
        assertThat(honest.stale(key, OVER)).isNull();
        assertThat(honest.settle(key, Answers.failure(SILENT, OVER), OVER).rcode()).isEqualTo(2);
    }

    private Answer fail(long now) {
        return cache.settle(www, Answers.failure(SILENT, now), now);
    }

    private @Nullable Answer fresh(long now) {
        return cache.fresh(www, now, due -> {});
    }
}
