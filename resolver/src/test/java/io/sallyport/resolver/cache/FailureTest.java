package io.sallyport.resolver.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** RFC 9520 §3.2: failures are kept, longer while they go on, and poison nothing. */
class FailureTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NOW = Long.MAX_VALUE - 10 * SECOND;

    private final AnswerCache cache = new AnswerCache(1 << 20, true);
    private final AnswerCache.Key www = cache.key(Answers.question("www.example.com"));

    @Test
    void failureIsKeptTwiceAsLongEachTimeUpToAMinute() {
        long at = NOW;
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
            assertThat(fresh(at)).as("%d s", seconds).isNull();
            Answer failure = Answers.failure(22, at);
            cache.settle(www, failure, at);
            assertThat(fresh(at + seconds * SECOND - 1))
                    .usingRecursiveComparison()
                    .isEqualTo(failure);
            at += seconds * SECOND;
        }
    }

    @Test
    void firstGoodAnswerClears() {
        cache.settle(www, Answers.failure(22, NOW), NOW);
        cache.settle(www, Answers.failure(22, NOW), NOW + SECOND);
        Answer good = Answers.address(5, NOW + 3 * SECOND);
        cache.settle(www, good, NOW + 3 * SECOND);
        assertThat(fresh(NOW + 3 * SECOND)).usingRecursiveComparison().isEqualTo(good);

        long later = NOW + 9 * SECOND;
        cache.settle(www, Answers.failure(6, later), later);
        assertThat(fresh(later + SECOND)).as("a first failure again").isNull();
    }

    @Test
    void failureAMinuteAfterTheLastIsAFirstOne() {
        cache.settle(www, Answers.failure(22, NOW), NOW);
        long later = NOW + SECOND + 60 * SECOND;
        cache.settle(www, Answers.failure(22, later), later);

        assertThat(fresh(later + SECOND)).isNull();
    }

    @Test
    void ownLimitsSayNothingOfTheName() {
        cache.settle(www, Answer.overload("too many questions in flight", NOW), NOW);

        assertThat(fresh(NOW)).isNull();
        assertThat(Answers.counter(cache, "entries")).isZero();
    }

    @Test
    void failureOfOneQuestionIsNotThatOfAnother() {
        cache.settle(www, Answers.failure(22, NOW), NOW);
        AnswerCache.Key other = cache.key(Answers.question("example.com"));

        assertThat(cache.fresh(other, NOW, due -> {})).isNull();
    }

    private @Nullable Answer fresh(long now) {
        return cache.fresh(www, now, due -> {});
    }
}
