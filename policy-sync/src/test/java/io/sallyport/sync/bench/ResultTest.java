package io.sallyport.sync.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.bench.Result.Measured;
import io.sallyport.sync.bench.Result.Turn;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTest {
    @Test
    void reportsTheMedianTheSpreadAndEveryLoss() {
        Measured measured =
                Result.measured(
                        "unbound",
                        List.of(
                                new Turn(6.5, 100, 90, 200, 20, 1, 0),
                                new Turn(5.5, 300, 70, 900, 22, 2, 0),
                                new Turn(6.0, 200, 80, 300, 21, 0, 1)));

        assertThat(measured)
                .isEqualTo(new Measured("unbound", 6.0, 5.5, 6.5, 200, 80, 300, 21, 3, 1));
    }

    @Test
    void takesTheMiddleOfAnEvenNumberOfRounds() {
        Turn fast = new Turn(4, 100, 10, 20, 1, 0, 0);
        Turn slow = new Turn(6, 300, 30, 40, 3, 0, 0);

        assertThat(Result.measured("kresd", List.of(slow, fast)).cpuMicros()).isEqualTo(5);
    }

    @Test
    void theBestPeerIsNeitherOursNorTheReflector() {
        assertThat(Sample.DENIED.bestPeer()).hasValue(6.25);
        assertThat(Sample.DENIED.reflector()).hasValue(4.0);
    }
}
