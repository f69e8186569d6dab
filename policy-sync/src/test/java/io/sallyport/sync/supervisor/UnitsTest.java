package io.sallyport.sync.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The systemd units in docs/, as systemd itself reads them. */
@Needs("systemd-analyze")
class UnitsTest {
    private static final Path UNITS = Path.of("..", "docs", "systemd");

    @TempDir private Path directory;

    @ParameterizedTest
    @CsvSource({"node, 30", "standby, 30", "control, 20"})
    void isUnderstoodAndExposesLittle(String name, int tenths) throws IOException {
        Path unit = directory.resolve("sallyport-" + name + ".service");
        String text = Files.readString(UNITS.resolve(unit.getFileName()));
        // Only what is there can be verified.
        Files.writeString(unit, text.replaceAll("/usr/bin/sallyport[a-z-]*", "/bin/true"));

        Result verified =
                Netns.host(
                        "env",
                        "SYSTEMD_UNIT_PATH=" + directory + ":",
                        "systemd-analyze",
                        "verify",
                        "--man=no",
                        unit.toString());
        Result exposure =
                Netns.host(
                        "systemd-analyze",
                        "security",
                        "--offline=true",
                        "--threshold=" + tenths,
                        unit.toString());

        assertThat(verified.output()).doesNotContain(unit.getFileName().toString());
        assertThat(verified.exit()).isZero();
        assertThat(exposure.exit()).as(exposure.output()).isZero();
    }
}
