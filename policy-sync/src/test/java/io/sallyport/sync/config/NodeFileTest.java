package io.sallyport.sync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.validate.Validator;
import io.sallyport.sync.control.Control;
import io.sallyport.sync.limit.RateLimit.Rate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How answers are kept and checked and what a network may spend, as a file says it. */
class NodeFileTest {
    @TempDir private Path directory;

    @Test
    void staleAnswersAreServedAndSignaturesLeftToTheUpstreamsUnlessSaidOtherwise() {
        assertThat(NodeFile.defaults().serveStale()).isTrue();
        assertThat(NodeFile.defaults().validation()).isEmpty();
    }

    @Test
    void validationHasItsAnchors() throws IOException {
        NodeFile file =
                read(
                        """
                        serve-stale: false
                        dnssec: validate
                        trust-anchor: /etc/sallyport/root.ds
                        negative-trust-anchors: [corp.example, Broken.Example.]
                        """);

        assertThat(file.serveStale()).isFalse();
        assertThat(file.validation())
                .contains(
                        new Validator.Config(
                                Optional.of(Path.of("/etc/sallyport/root.ds")),
                                List.of(
                                        WireName.parse("corp.example"),
                                        WireName.parse("broken.example"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    serve-stale: perhaps                                   | serve-stale
                    dnssec: maybe                                          | must be pass or validate
                    trust-anchor: /nowhere                                 | dnssec: validate
                    negative-trust-anchors: [corp.example]                 | dnssec: validate
                    {dnssec: validate, negative-trust-anchors: ['.']}      | say that instead
                    {dnssec: validate, negative-trust-anchors: ['a..b']}   | empty label
                    """)
    void whatMakesNoSenseIsASentence(String yaml, String sentence) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    private NodeFile read(String yaml) throws IOException {
        return NodeFile.read(Files.writeString(directory.resolve("node.yaml"), yaml));
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
    void theControlServersLimitsHaveKeysAndDefaults() throws IOException {
        Control.Limits limits =
                read("""
                control-limits:
                  person-per-second: 7
                  node-burst: 9
                  list-kib: 512
                """)
                        .control()
                        .limits();
        Control.Limits usual = NodeFile.defaults().control().limits();
        assertThat(limits.rates().person())
                .isEqualTo(new Rate(usual.rates().person().burst(), 7, Duration.ofSeconds(1)));
        assertThat(limits.rates().node())
                .isEqualTo(new Rate(9, usual.rates().node().count(), Duration.ofSeconds(1)));
        assertThat(limits.rates().address()).isEqualTo(usual.rates().address());
        assertThat(limits.sizes()).isEqualTo(new Control.Sizes(64 << 10, 512 << 10));
        assertThat(usual).isEqualTo(Control.Limits.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    control-limits: {person-per-second: 0}       | person-per-second
                    control-limits: {list-kib: 9000}             | list-kib
                    control-limits: {persons: 5}                 | persons
                    sign-in: {idle-minutes: 0}                   | idle-minutes
                    sign-in: {session-hours: 1, idle-minutes: 61} | write less
                    """)
    void aLimitThatCannotBeIsASentence(String yaml, String sentence) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
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
