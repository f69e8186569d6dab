package io.sallyport.sync.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.limit.RateLimit.Rate;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
    private static final Rate FIVE_THEN_ONE_A_SECOND = new Rate(5, 1, Duration.ofSeconds(1));

    /** Near the end of the numbers, where a clock that only counts may well be. */
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000_000_000);

    private RateLimit limit(int mostKeys) {
        return new RateLimit(FIVE_THEN_ONE_A_SECOND, mostKeys, now::get);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static int taken(RateLimit limit, String key, int tries) {
        return (int) IntStream.range(0, tries).filter(_ -> limit.take(key) == 0).count();
    }

    @Test
    void givesTheBurstAndThenTheRate() {
        RateLimit limit = limit(10);

        assertThat(taken(limit, "a", 20)).isEqualTo(5);
        pass(Duration.ofSeconds(3));
        assertThat(taken(limit, "a", 20)).isEqualTo(3);
        pass(Duration.ofHours(1));
        assertThat(taken(limit, "a", 20)).as("no more than the burst, ever").isEqualTo(5);
    }

    @Test
    void saysAfterHowManySecondsToAskAgain() {
        RateLimit limit = new RateLimit(new Rate(1, 1, Duration.ofSeconds(90)), 10, now::get);
        limit.take("a");

        assertThat(limit.take("a")).isEqualTo(90);
        pass(Duration.ofMillis(89_500));
        assertThat(limit.take("a")).isEqualTo(1);
        pass(Duration.ofMillis(500));
        assertThat(limit.take("a")).isZero();
    }

    @Test
    void askingWhileRefusedDoesNotMakeItLonger() {
        RateLimit limit = limit(10);
        taken(limit, "a", 1_000);

        pass(Duration.ofSeconds(1));

        assertThat(limit.take("a")).isZero();
    }

    @Test
    void keepsCallersApart() {
        RateLimit limit = limit(10);

        assertThat(taken(limit, "a", 20)).isEqualTo(5);
        assertThat(taken(limit, "b", 20)).isEqualTo(5);
    }

    @Test
    void madeUpKeysGainNothingWhenTheMapIsFull() {
        RateLimit limit = limit(100);
        long taken =
                IntStream.range(0, 100_000).filter(i -> limit.take("made-up-" + i) == 0).count();

        assertThat(taken).isEqualTo(100 + 5);
        assertThat(limit.size()).isEqualTo(100);
        assertThat(limit.shared()).isEqualTo(100_000 - 100);
        assertThat(limit.take("made-up-0")).as("who has a bucket keeps it").isZero();
    }

    @Test
    void forgetsFullBucketsToMakeRoom() {
        RateLimit limit = limit(100);
        IntStream.range(0, 100).forEach(i -> limit.take("early-" + i));

        pass(Duration.ofSeconds(2));

        assertThat(taken(limit, "late", 20)).isEqualTo(5);
        assertThat(limit.size()).isEqualTo(1);
    }

    @Test
    void manyThreadsTogetherGetNoMoreThanOne() throws Exception {
        RateLimit limit = new RateLimit(new Rate(1_000, 1, Duration.ofDays(1)), 10);
        AtomicLong taken = new AtomicLong();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                threads.execute(() -> taken.addAndGet(taken(limit, "a", 1_000)));
            }
        }

        assertThat(taken).hasValue(1_000);
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    192.0.2.1           | 192.0.2.1
                    2001:db8:1:2:3::4   | 2001:db8:1:2::/64
                    2001:db8:1:2:ffff:: | 2001:db8:1:2::/64
                    2001:db8:1:3::      | 2001:db8:1:3::/64
                    ::ffff:192.0.2.1    | 192.0.2.1
                    ::1                 | ::/64
                    """,
            delimiter = '|')
    void anIpv6NetworkIsOneCaller(String address, String key) {
        assertThat(RateLimit.key(InetAddress.ofLiteral(address))).isEqualTo(key);
    }

    @Test
    void refusesRatesThatLimitNothing() {
        assertThatThrownBy(() -> new Rate(0, 1, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Rate(1, 1, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Rate(1, 2, Duration.ofNanos(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
