package io.sallyport.sync.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WaitingTest {
    private static boolean waitForNothing(CountDownLatch begun) throws IOException {
        begun.countDown();
        try {
            Thread.sleep(60_000);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("gave up", e);
        }
    }

    @Test
    void whoWaitsGivesUpAndDoesTheRestUndisturbed() throws Exception {
        Waiting waiting = new Waiting();
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<String> ended = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        ended.complete("waited: " + waiting.during(() -> waitForNothing(begun)));
                    } catch (IOException | Cni.Refused e) {
                        ended.complete(e.getMessage() + Thread.currentThread().isInterrupted());
                    }
                });
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

        waiting.end();

        assertThat(ended.get(20, TimeUnit.SECONDS)).isEqualTo("gave upfalse");
        waiting.end();
    }

    @Test
    void whoComesAfterTheEndDoesNotWaitUntilItBeginsAgain() throws Exception {
        Waiting waiting = new Waiting();
        waiting.end();
        assertThatThrownBy(() -> waiting.during(() -> waitForNothing(new CountDownLatch(1))))
                .hasMessage("gave up");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();

        waiting.again();
        boolean interrupted = waiting.during(() -> Thread.currentThread().isInterrupted());
        assertThat(interrupted).isFalse();
    }
}
