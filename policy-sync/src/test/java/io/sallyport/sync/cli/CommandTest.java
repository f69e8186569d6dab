package io.sallyport.sync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.cli.Commands.Ran;
import io.sallyport.sync.document.Document;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An installation with the org acme, and commands that are run on it. */
abstract class CommandTest {
    @TempDir Path temporary;

    Path data = Path.of(".");

    @BeforeEach
    void createAnOrg() {
        data = temporary.resolve("data");
        assertThat(run("org create acme").exit()).isZero();
    }

    /** Words separated by spaces; {@code --data} is added. */
    Ran run(String words) {
        return run(List.of(words.split(" ", -1)));
    }

    Ran run(List<String> words) {
        List<String> arguments = new ArrayList<>(words);
        arguments.addAll(List.of("--data", data.toString()));
        return Commands.run(arguments);
    }

    /** For commands that need no installation. */
    static Ran runPlain(String words) {
        return Commands.run(List.of(words.split(" ", -1)));
    }

    Document.Fields json(String words) {
        Ran ran = run(words + " --json");
        assertThat(ran.exit()).as(ran.err()).isZero();
        return Document.json(ran.out().strip()).fields();
    }
}
