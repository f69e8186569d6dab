package io.sallyport.sync.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much the systemd units in docs/ let a process do, as systemd counts it. */
@Needs("systemd-analyze")
class UnitsTest {
    @ParameterizedTest
    @CsvSource({"node, 30", "standby, 30", "control, 20"})
    void exposesLittle(String name, int tenths) {
        Result exposure =
                Netns.host(
                        "systemd-analyze",
                        "security",
                        "--offline=true",
                        "--threshold=" + tenths,
                        "../docs/systemd/sallyport-" + name + ".service");

        assertThat(exposure.exit()).as(exposure.output()).isZero();
    }
}
