package io.sallyport.sync.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ReportsTest {
    /** A timer drops work that throws, and with it every order that would have come. */
    @Test
    void noFaultEndsTheReports() {
        AtomicLong failed = new AtomicLong();
        for (Throwable fault :
                List.of(new IllegalStateException(), new OutOfMemoryError("of a test"))) {
            Reports.enduring(() -> fail(fault), failed).run();
        }
        assertThat(failed).hasValue(2);
    }

    private static void fail(Throwable fault) {
        switch (fault) {
            case RuntimeException fails -> throw fails;
            case Error fails -> throw fails;
            default -> throw new AssertionError(fault);
        }
    }
}
