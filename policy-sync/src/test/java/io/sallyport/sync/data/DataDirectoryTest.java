package io.sallyport.sync.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir private Path base;

    @Test
    void isItsOwnersOnly() throws IOException {
        Path made = new DataDirectory(base.resolve("a/b")).create().path();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rwx------");
    }

    @Test
    void refusesADirectoryThatOthersMayWriteInto() throws IOException {
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(() -> new DataDirectory(base).create())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("chmod 700");
    }

    @Test
    void saysWhatIsInTheWayWithoutNamesOfClasses() throws IOException {
        Path file = Files.createFile(base.resolve("file"));

        assertThatThrownBy(() -> new DataDirectory(file.resolve("data")).create())
                .isInstanceOf(IOException.class)
                .message()
                .doesNotContain("Exception")
                .contains(file.toString());
    }

    @Test
    void keepsTheNameOfTheInstallation() throws IOException {
        DataDirectory data = new DataDirectory(base.resolve("data")).create();
        String first = data.installation();

        assertThat(first).matches("[a-z0-9]{5}");
        assertThat(new DataDirectory(data.path()).installation()).isEqualTo(first);
    }

    @Test
    void nodeThatWasKilledDoesNotRun() throws IOException {
        DataDirectory data = new DataDirectory(base);
        Files.createFile(data.socket());

        assertThat(data.nodeRuns()).isFalse();
    }
}
