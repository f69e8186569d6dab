package io.sallyport.sync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeFileTest {
    @TempDir Path directory;

    private NodeFile read(String yaml) throws IOException {
        Path file = directory.resolve("node.yaml");
        Files.writeString(file, yaml);
        return NodeFile.read(file);
    }

    @Test
    void limitsThatAreLeftOutHaveTheirDefaults() throws IOException {
        Limits limits =
                read("limits:\n  queries-per-second: 50\n  new-names-per-minute: 0\n").limits();

        assertThat(limits)
                .isEqualTo(
                        Limits.DEFAULT
                                .with(Limit.QUERIES_PER_SECOND, 50)
                                .with(Limit.NEW_NAMES_PER_MINUTE, 0));
        assertThat(NodeFile.defaults().limits()).isEqualTo(Limits.DEFAULT);
    }

    @Test
    void limitsThatNobodyKnowsAreErrors() {
        assertThatThrownBy(() -> read("limits:\n  queries: 50\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("queries");
        assertThatThrownBy(() -> read("limits:\n  query-burst: -1\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("query-burst");
    }
}
