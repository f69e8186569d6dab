package io.sallyport.resolver.cache;

import static io.sallyport.resolver.cache.Answers.counter;
import static io.sallyport.resolver.cache.Answers.question;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Octets, not entries; CVE-2023-2828 and CVE-2024-1737 are caches that count something else. */
class BoundsTest {
    private static final long NOW = 1;
    private static final int OCTETS = 1 << 20;

    /** What a cache may be full of. */
    enum Shape {
        ADDRESS,
        DENIAL,
        FAILURE,
        MANY_ADDRESSES,
        SIGNED;

        private Answer answer() {
            return switch (this) {
                case ADDRESS -> Answers.address(300, NOW);
                case DENIAL -> Answers.denial(3, 300, NOW);
                case FAILURE -> Answers.failure(22, NOW);
                case MANY_ADDRESSES -> large(64 * 16, 64);
                case SIGNED -> large(1800, 0);
            };
        }
    }

    private final AnswerCache cache = new AnswerCache(OCTETS, true);

    /** The weight that is counted against what a heap full of entries really takes. */
    @ParameterizedTest
    @EnumSource
    void heapTakesNoMoreThanIsCounted(Shape shape) {
        AnswerCache large = new AnswerCache(1L << 32, true);
        int entries = 20_000;
        long before = used();
        for (int i = 0; i < entries; i++) {
            large.settle(
                    large.key(question("name-number-" + i + ".example.com")), shape.answer(), NOW);
        }
        long taken = used() - before;
        assertThat(counter(large, "entries")).isEqualTo(entries);
        double counted = (double) counter(large, "bytes") / taken;
        assertThat(counted).as("%d octets an entry", taken / entries).isBetween(0.95, 1.6);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void randomNamesStayWithinTheBoundAndLeaveTheHotOnes(boolean denied) {
        Random random = new Random(7);
        int hotHits = 0;
        int hotAsks = 0;
        for (int i = 0; i < 120_000; i++) {
            Answer answer = denied ? Answers.denial(3, 300, NOW) : Answers.address(300, NOW);
            ask("r" + random.nextLong() + ".wild.example", answer);
            if (i % 20 == 0) {
                boolean hit = ask("hot" + i % 200 + ".example.com", Answers.address(300, NOW));
                if (i > 20_000) {
                    hotAsks++;
                    hotHits += hit ? 1 : 0;
                }
            }
            if (i % 1000 == 0) {
                assertThat(counter(cache, "bytes")).isLessThanOrEqualTo(OCTETS);
            }
        }
        assertThat(hotHits).isGreaterThan(hotAsks * 99 / 100);
        assertThat(counter(cache, "entries")).isBetween(1000L, 8000L);
    }

    @Test
    void denialsAndFailuresTakeAQuarterAtMost() {
        for (int i = 0; i < 30_000; i++) {
            Answer answer =
                    switch (i % 3) {
                        case 0 -> Answers.denial(3, 300, NOW);
                        case 1 -> Answers.denial(0, 300, NOW);
                        default -> Answers.failure(22, NOW);
                    };
            ask("n" + i + ".example.com", answer);
        }
        assertThat(counter(cache, "negative_bytes")).isBetween(OCTETS / 5L, OCTETS / 4L);
        assertThat(counter(cache, "bytes")).isLessThan(OCTETS / 4 + OCTETS / 64);
    }

    @Test
    void oneQuestionHasOnePlace() {
        ask("www.example.com", Answers.denial(3, 300, NOW));
        AnswerCache.Key key = cache.key(question("www.example.com"));
        cache.settle(key, Answers.address(300, NOW), NOW);
        assertThat(counter(cache, "entries")).isEqualTo(1);
        assertThat(Objects.requireNonNull(cache.peek(key, NOW)).rcode()).isZero();

        cache.settle(key, Answers.denial(3, 300, NOW), NOW);
        assertThat(counter(cache, "entries")).isEqualTo(1);
        assertThat(Objects.requireNonNull(cache.peek(key, NOW)).rcode()).isEqualTo(3);
    }

    @Test
    void giantIsToldButNotKeptAndEndsWhatWasKnown() {
        AnswerCache.Key key = cache.key(question("www.example.com"));
        cache.settle(key, Answers.address(300, NOW), NOW);
        Answer giant = large(17_000, 0);

        assertThat(cache.settle(key, giant, NOW)).isSameAs(giant);
        assertThat(cache.peek(key, NOW)).isNull();
        assertThat(counter(cache, "entries")).isZero();
    }

    @Test
    void cacheOfNothingKeepsNothing() {
        AnswerCache none = new AnswerCache(0, true);
        AnswerCache.Key key = none.key(question("www.example.com"));
        none.settle(key, Answers.address(300, NOW), NOW);

        assertThat(none.peek(key, NOW)).isNull();
    }

    private boolean ask(String name, Answer answer) {
        AnswerCache.Key key = cache.key(question(name));
        boolean hit = cache.fresh(key, NOW, due -> {}) != null;
        if (!hit) {
            cache.settle(key, answer, NOW);
        }
        return hit;
    }

    private static Answer large(int octets, int addresses) {
        byte[][] all = new byte[addresses][];
        for (int i = 0; i < addresses; i++) {
            all[i] = new byte[4];
        }
        int[] offsets = new int[Math.max(4, addresses)];
        return new Answer(
                0,
                false,
                offsets.length,
                0,
                new byte[octets],
                offsets,
                offsets.clone(),
                300,
                NOW,
                all,
                -1,
                "");
    }

    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least =
                    Math.min(
                            least,
                            Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }
}
