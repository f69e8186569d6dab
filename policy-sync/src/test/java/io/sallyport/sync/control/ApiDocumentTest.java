package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.control.Running.Who;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of {@code docs/api.md}, run in order as one script. */
@Needs({"curl"})
class ApiDocumentTest {
    private static final Pattern EXAMPLE =
            Pattern.compile("(?m)^```sh\\n(.*?)^```$", Pattern.DOTALL);

    @TempDir private Path directory;

    @Test
    void everyExampleWorks() throws Exception {
        StringBuilder script = new StringBuilder("set -eu\n");
        Matcher example = EXAMPLE.matcher(Files.readString(Path.of("../docs/api.md")));
        int found = 0;
        for (; example.find(); found++) {
            // the fixture has an acme of its own
            script.append(example.group(1).replace("acme", "documented"));
        }
        assertThat(found).isGreaterThan(3);
        try (Running server = Running.start(directory)) {
            Files.writeString(directory.resolve("admin.token"), server.secret(Who.PLATFORM));
            ProcessBuilder shell = new ProcessBuilder("sh", "-c", script.toString());
            shell.environment().put("CONTROL", server.url());
            shell.environment().put("DIR", directory.toString());
            Path output = directory.resolve("output");
            Process run = shell.redirectErrorStream(true).redirectOutput(output.toFile()).start();
            assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(run.exitValue()).as(() -> read(output)).isZero();
            assertThat(read(output)).contains("\"intact\":true");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
