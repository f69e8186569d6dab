package io.sallyport.sync.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.emergency.Emergencies.Denial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class KeepingTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Emergencies FIRST = list(1, "one.example.com");
    private static final Emergencies SECOND = list(2, "two.example.com");

    @TempDir Path directory;

    @Test
    void listIsOnTheDiskOnReturn() throws IOException {
        Keeping keeping = new Keeping(file());

        keeping.keep(FIRST);
        keeping.await(LONG);
        assertThat(Emergencies.load(file())).isEqualTo(FIRST);
        keeping.keep(SECOND);
        keeping.await(LONG);
        assertThat(Emergencies.load(file())).isEqualTo(SECOND);
    }

    @Test
    void whatTheDiskRefusedIsWrittenWhenItCanBe() throws IOException {
        Path later = directory.resolve("later");
        Keeping keeping = new Keeping(later.resolve("emergency.json"));

        keeping.keep(FIRST);
        keeping.await(LONG);
        assertThat(later).doesNotExist();
        Files.createDirectory(later);
        keeping.again();
        keeping.await(LONG);

        assertThat(Emergencies.load(later.resolve("emergency.json"))).isEqualTo(FIRST);
    }

    /** Opening a pipe that nobody reads hangs, as a disk may. */
    @Test
    @Timeout(20)
    void diskThatHangsHoldsUpNobodyAndTheLastListIsWrittenInTheEnd() throws Exception {
        Path pipe = directory.resolve("emergency.json.new");
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
        Keeping keeping = new Keeping(file());

        keeping.keep(FIRST);
        keeping.keep(SECOND);
        assertThat(file()).doesNotExist();
        try (var _ = Files.newInputStream(pipe)) {
            Files.delete(pipe);
            keeping.await(LONG);
        }
        keeping.again();
        keeping.await(LONG);

        assertThat(Emergencies.load(file())).isEqualTo(SECOND);
    }

    private Path file() {
        return directory.resolve("emergency.json");
    }

    private static Emergencies list(long version, String pattern) {
        return Emergencies.of(version, List.of(new Denial(DomainPattern.parse(pattern), null)));
    }
}
