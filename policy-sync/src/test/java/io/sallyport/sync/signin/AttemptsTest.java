package io.sallyport.sync.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.signin.Attempts.Attempt;
import io.sallyport.sync.signin.SignIn.Refused;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.EachStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class AttemptsTest extends EachStore {
    private final Secret browser = Secret.fresh();

    AttemptsTest(Backend backend) {
        super(backend);
    }

    private Attempts attempts(Database in) {
        return new Attempts(in, () -> now);
    }

    @Test
    void areBoundedAndMakeRoomWhenTheyAreOld() throws Exception {
        Attempts attempts = new Attempts(database, () -> now, 3);
        for (int i = 0; i < 3; i++) {
            attempts.begin(browser, "/");
        }
        assertThatThrownBy(() -> attempts.begin(browser, "/")).isInstanceOf(Refused.class);

        now = NOON.plus(Attempts.LIFE).plusSeconds(1);
        Attempt attempt = attempts.begin(browser, "/console/");

        assertThat(attempts.take(attempt.state(), browser)).contains(attempt);
    }

    @Test
    void ofManyThatTakeOneStateOnlyOneGetsIt() throws Exception {
        Attempt attempt = attempts(database).begin(browser, "/");
        int got = 0;
        try (Database second = store.open();
                var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Optional<Attempt>>> takers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Attempts one = attempts(i % 2 == 0 ? database : second);
                takers.add(() -> one.take(attempt.state(), browser));
            }
            for (Future<Optional<Attempt>> taken : threads.invokeAll(takers)) {
                got += taken.get().isPresent() ? 1 : 0;
            }
        }
        assertThat(got).isEqualTo(1);
    }

    @Test
    void aStateInAnotherBrowserIsUsedUp() throws Exception {
        Attempts attempts = attempts(database);
        Attempt attempt = attempts.begin(browser, "/");

        assertThat(attempts.take(attempt.state(), Secret.fresh())).isEmpty();
        assertThat(attempts.take(attempt.state(), browser)).isEmpty();
    }
}
