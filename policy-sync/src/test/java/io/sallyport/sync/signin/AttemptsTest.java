package io.sallyport.sync.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.signin.Attempts.Attempt;
import io.sallyport.sync.signin.SignIn.Refused;
import io.sallyport.sync.store.Database;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttemptsTest {
    @TempDir Path directory;
    private final House.ManualClock clock = new House.ManualClock();

    @Test
    void areBoundedAndMakeRoomWhenTheyAreOld() throws Exception {
        try (Database database = Database.open(directory)) {
            Attempts attempts = new Attempts(database, clock, 3);
            Secret browser = Secret.fresh();
            for (int i = 0; i < 3; i++) {
                attempts.begin(browser, "/");
            }
            assertThatThrownBy(() -> attempts.begin(browser, "/")).isInstanceOf(Refused.class);

            clock.pass(Attempts.LIFE.plusSeconds(1));
            Attempt attempt = attempts.begin(browser, "/console/");

            assertThat(attempts.take(attempt.state(), browser)).contains(attempt);
        }
    }

    @Test
    void ofManyThatTakeOneStateOnlyOneGetsIt() throws Exception {
        try (Database database = Database.open(directory)) {
            Attempts attempts = new Attempts(database, clock);
            Secret browser = Secret.fresh();
            Attempt attempt = attempts.begin(browser, "/");
            Callable<Optional<Attempt>> take = () -> attempts.take(attempt.state(), browser);
            int got = 0;
            try (var threads = Executors.newFixedThreadPool(8)) {
                for (Future<Optional<Attempt>> taken :
                        threads.invokeAll(Collections.nCopies(8, take))) {
                    got += taken.get().isPresent() ? 1 : 0;
                }
            }
            assertThat(got).isEqualTo(1);
        }
    }

    @Test
    void aStateInAnotherBrowserIsUsedUp() throws Exception {
        try (Database database = Database.open(directory)) {
            Attempts attempts = new Attempts(database, clock);
            Secret browser = Secret.fresh();
            Attempt attempt = attempts.begin(browser, "/");

            assertThat(attempts.take(attempt.state(), Secret.fresh())).isEmpty();
            assertThat(attempts.take(attempt.state(), browser)).isEmpty();
        }
    }
}
