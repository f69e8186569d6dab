package io.sallyport.sync.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource.Refused;
import io.sallyport.sync.uplink.Uplink;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/policy-service.md, as it stands there. */
@Needs("python3")
class PolicyServiceTest {
    private static final String TOKEN = "spt_0123456789";

    @TempDir private Path directory;

    @Test
    void serviceInTheDocumentServesSessions() throws Exception {
        String page = Files.readString(Path.of("../docs/policy-service.md"));
        int from = page.indexOf("```python\n") + "```python\n".length();
        Path token = directory.resolve("token");
        Files.writeString(token, TOKEN);
        Path program = directory.resolve("settings.py");
        Files.writeString(program, page.substring(from, page.indexOf("```", from)));
        ProcessBuilder python = new ProcessBuilder("python3", program.toString());
        python.environment().put("SETTINGS_TOKEN", TOKEN);
        python.environment().put("PORT", "0");
        Process service = python.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (BufferedReader said = service.inputReader(StandardCharsets.UTF_8);
                PolicySource source =
                        PolicySource.http(
                                Uplink.Config.of(
                                        "http://127.0.0.1:" + said.readLine().replaceAll("\\D", ""),
                                        token,
                                        Optional.empty()))) {
            Snapshot snapshot = source.pull("acme", "builder");

            assertThat(snapshot.version()).isEqualTo(7);
            assertThat(snapshot.settings().allow())
                    .extracting(Object::toString)
                    .containsExactlyInAnyOrder("api.example.com", ".cdn.example.com");
            assertThat(source.pull("closed", null).internet()).isFalse();
            assertThatThrownBy(() -> source.pull("acme", "reporter"))
                    .isInstanceOf(Refused.class)
                    .hasMessage("agent reporter has code execution off");
            assertThatThrownBy(() -> source.pull("nobody", null))
                    .isInstanceOf(Refused.class)
                    .hasMessage("there is no org nobody");
        } finally {
            service.destroyForcibly();
        }
    }
}
