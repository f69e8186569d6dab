package io.sallyport.sync.underway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UnderWayTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final UnderWay calls = new UnderWay();

    @Test
    void whereNothingIsUnderWayNobodyWaits() {
        calls.begin();
        calls.end();

        assertThat(calls.awaitNone(Duration.ZERO)).isTrue();
    }

    @Test
    void whatDoesNotEndIsSaid() {
        calls.begin();

        assertThat(calls.awaitNone(Duration.ofMillis(20))).isFalse();
    }

    @Test
    void theLastOfThemIsWaitedForAlsoByOneWhoIsInterrupted() throws Exception {
        calls.begin();
        calls.begin();
        CompletableFuture<Boolean> waited = new CompletableFuture<>();
        Thread closing =
                Thread.ofPlatform()
                        .start(() ->
                                waited.complete(
                                        calls.awaitNone(LONG)
                                                && Thread.currentThread().isInterrupted()));
        closing.interrupt();
        calls.end();
        assertThat(waited.isDone()).isFalse();

        calls.end();

        assertThat(waited.get(20, TimeUnit.SECONDS)).isTrue();
    }
}
