package io.sallyport.sync.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which servers the engine asks from the host's namespace. */
class ForwardingTest {
    @TempDir private Path directory;

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            delimiter = '|',
            textBlock =
                    """
                    10.0.0.2               | 10.0.0.2  | -         | -         | -
                    127.0.0.1              | 10.0.0.2  | -         | -         | 127.0.0.1
                    10.0.0.2 127.0.0.1     | 10.0.0.2  | -         | -         | 127.0.0.1
                    127.0.0.53             | 10.0.0.2  | -         | -         | -
                    127.0.0.53             | 127.0.0.1 | -         | -         | 127.0.0.1
                    127.0.0.53 10.0.0.2    | 10.0.0.2  | -         | -         | 127.0.0.53
                    ::1                    | 10.0.0.2  | -         | -         | ::1
                    127.0.0.1              | 10.0.0.2  | 127.0.0.1 | -         | -
                    127.0.0.1              | 10.0.0.2  | -         | 10.0.0.9  | -
                    -                      | -         | -         | -         | -
                    """)
    void onlyTheHostsOwnLoopbackIsAskedPastTheGate(
            String resolv, String resolved, String own, String configured, String past)
            throws IOException {
        Forwarding forwarding =
                new Forwarding(
                        file("resolv.conf", resolv),
                        file("resolved.conf", resolved),
                        configured == null
                                ? directory.resolve("none")
                                : Files.writeString(
                                        directory.resolve("daemon.json"),
                                        "{\"dns\":[\"" + configured + "\"]}"));
        assertThat(forwarding.pastTheGate(own == null ? List.of() : List.of(own)))
                .isEqualTo(Optional.ofNullable(past));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"dns\":7}", "\0\1\2"})
    void configurationThatMakesNoSenseVouchesForNothing(String json) throws IOException {
        Forwarding forwarding =
                new Forwarding(
                        file("resolv.conf", "127.0.0.1"),
                        directory.resolve("none"),
                        Files.writeString(directory.resolve("daemon.json"), json));
        assertThat(forwarding.pastTheGate(List.of())).contains("127.0.0.1");
    }

    private Path file(String name, String servers) throws IOException {
        String text =
                servers == null
                        ? "search example.com\n"
                        : "# comment\nnameserver\n"
                                + String.join(
                                        "",
                                        List.of(servers.split(" ")).stream()
                                                .map(server -> "nameserver  " + server + "\n")
                                                .toList());
        return Files.writeString(directory.resolve(name), text);
    }
}
