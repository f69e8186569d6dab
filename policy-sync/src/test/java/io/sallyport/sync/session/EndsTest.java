package io.sallyport.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndsTest {
    @TempDir private Path directory;

    private Ends ends;

    @BeforeEach
    void open() throws IOException {
        ends = new Ends(Journal.open(directory));
    }

    private Ends restarted() throws IOException {
        Journal before = Journal.open(directory);
        Ends again = new Ends(before);
        again.restore(before.read().ended());
        return again;
    }

    @Test
    void podsOfEndedSessionsAreRememberedOverARestart() throws IOException {
        ends.addPod("pod-1");

        assertThat(restarted().hasPod("pod-1")).isTrue();
        assertThat(restarted().hasPod("pod-2")).isFalse();
    }

    /** A disk that is full must not keep a session from its end. */
    @Test
    void aPodThatCannotBeWrittenDownIsRememberedUntilTheRestart() throws IOException {
        Files.delete(directory);

        ends.addPod("pod-1");

        assertThat(ends.hasPod("pod-1")).isTrue();
    }

    @Test
    void whatTheDiskRefusedIsWrittenWhenItIsToldAgain() throws IOException {
        Files.delete(directory);
        ends.add("run-1");
        Files.createDirectory(directory);
        assertThat(restarted().has("run-1")).isFalse();

        ends.add("run-1");

        assertThat(restarted().has("run-1")).isTrue();
    }
}
