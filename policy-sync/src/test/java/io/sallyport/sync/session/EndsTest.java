package io.sallyport.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndsTest {
    @TempDir private Path directory;

    private Journal journal;
    private Ends ends;

    @BeforeEach
    void open() throws IOException {
        journal = Journal.open(directory);
        ends = new Ends(journal);
    }

    private Ends restarted() throws IOException {
        Ends again = new Ends(Journal.open(directory));
        again.restore();
        return again;
    }

    @Test
    void endsAreRememberedWithinABound() {
        for (int i = 0; i <= Ends.MOST; i++) {
            ends.add("s-" + i);
        }
        assertThat(ends.has("s-0")).isFalse();
        assertThat(ends.has("s-1")).isTrue();
        ends.add("s-1");
        ends.add("s-new");
        assertThat(ends.has("s-1")).as("told again, it is the youngest").isTrue();
        assertThat(ends.has("s-2")).isFalse();
    }

    @Test
    void podsOfEndedSessionsAreRememberedOverARestart() throws IOException {
        ends.addPod("pod-1");

        assertThat(restarted().hasPod("pod-1")).isTrue();
        assertThat(restarted().hasPod("pod-2")).isFalse();
    }

    @Test
    void theOldestPodsAreForgottenOnDiskToo() throws IOException {
        for (int i = 0; i < Ends.MOST; i++) {
            Path file = Files.createFile(directory.resolve("pod-" + i + ".ended"));
            Files.setLastModifiedTime(file, FileTime.fromMillis(1_000L * i));
        }
        Ends full = restarted();
        assertThat(full.hasPod("pod-0")).isTrue();

        full.addPod("pod-new");

        assertThat(full.hasPod("pod-0")).isFalse();
        assertThat(journal.endedPods())
                .hasSize(Ends.MOST)
                .contains("pod-new")
                .first()
                .isEqualTo("pod-1");
    }

    /** A disk that is full must not keep a session from its end. */
    @Test
    void aPodThatCannotBeWrittenDownIsRememberedUntilTheRestart() throws IOException {
        Files.delete(directory);

        ends.addPod("pod-1");

        assertThat(ends.hasPod("pod-1")).isTrue();
    }
}
