package io.sallyport.resolver.rate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void burstIsWholeAtTheStartAndComesBackByTheRate() {
        TokenBucket bucket = new TokenBucket(500, 2000);

        assertThat(spent(bucket, 5)).isEqualTo(2000);
        assertThat(spent(bucket, 5 + SECOND)).isEqualTo(500);
        assertThat(spent(bucket, 5 + 1000 * SECOND)).isEqualTo(2000);
    }

    private static int spent(TokenBucket bucket, long nowNanos) {
        int count = 0;
        while (bucket.spend(nowNanos)) {
            count++;
        }
        return count;
    }
}
