package io.sallyport.sync.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the ways stand for, and the page that lists them. */
class HolesTest {
    @Test
    void pageListsEveryWay() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "probe.md"));
        for (String way : Holes.ways()) {
            assertThat(page).contains("| `" + way + "`");
        }
    }

    @Test
    void familyAndAddressFollowTheName() {
        assertThat(Holes.of("icmp-echo-host-v6")).isEqualTo("ping of the host");
        assertThat(Holes.of("icmp-echo-v4")).isEqualTo("tunnel by ping");
        assertThat(Holes.of("dns-tcp-to-2001:db8::1")).isEqualTo("another server over TCP");
        assertThatThrownBy(() -> Holes.of("new-way")).isInstanceOf(IllegalArgumentException.class);
    }
}
