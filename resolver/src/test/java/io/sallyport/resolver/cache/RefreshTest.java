package io.sallyport.resolver.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a hit is also a reason to ask again. */
class RefreshTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NOW = Long.MAX_VALUE - 10 * SECOND;

    private final AnswerCache cache = new AnswerCache(1 << 20, true);
    private final AnswerCache.Key www = cache.key(Answers.question("www.example.com"));
    private final List<AnswerCache.Key> due = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        // TTL, hits before, second of the last hit, refreshes
        "100, 9, 89, 0",
        "100, 9, 90, 1",
        "100, 9, 99, 1",
        "100, 9, 100, 0",
        "100, 2, 95, 1",
        "100, 1, 95, 0",
        "100, 0, 95, 0",
        "10, 5, 9, 1",
        "9, 5, 8, 0",
        "0, 5, 0, 0",
    })
    void popularAnswerWithATenthOfItsTimeLeft(int ttl, int before, int second, int refreshes) {
        cache.settle(www, Answers.address(ttl, NOW), NOW);
        for (int i = 0; i < before; i++) {
            hit(0);
        }
        assertThat(due).isEmpty();
        hit(second);

        assertThat(due).hasSize(refreshes);
    }

    @Test
    void onceInALifeWhateverBecameOfIt() {
        cache.settle(www, Answers.address(100, NOW), NOW);
        for (int i = 0; i < 50; i++) {
            hit(95);
        }
        assertThat(due).containsExactly(www);

        cache.settle(www, Answers.failure(22, NOW), NOW + 96 * SECOND);
        hit(97);
        assertThat(due).hasSize(1);
    }

    @Test
    void refreshedAnswerHasToBecomePopularAgain() {
        cache.settle(www, Answers.address(100, NOW), NOW);
        for (int i = 0; i < 5; i++) {
            hit(95);
        }
        cache.settle(www, Answers.address(100, NOW + 96 * SECOND), NOW + 96 * SECOND);
        hit(195);
        hit(195);
        assertThat(due).as("nobody cared until now").hasSize(1);
    }

    @Test
    void denialsAndFailuresAndStaleAnswersAreNot() {
        Answer denial = Answers.denial(3, 100, NOW);
        cache.settle(www, denial, NOW);
        for (int i = 0; i < 9; i++) {
            hit(95);
        }
        cache.settle(www, Answers.failure(22, NOW), NOW + 100 * SECOND);
        for (int i = 0; i < 9; i++) {
            hit(129);
        }
        assertThat(due).isEmpty();
    }

    private void hit(int second) {
        cache.fresh(www, NOW + second * SECOND, due::add);
    }
}
