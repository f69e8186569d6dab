package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What is carried over to an engine, and that nothing is left behind. */
class SecurityTest {
    private static Security of(String values, String more) {
        JsonNode pod = Chart.nodePod(Chart.render(values));
        JsonNode node = Chart.container(pod, "node");
        Chart.merged(node.path("securityContext"), Chart.YAML.readTree(more));
        return Security.of(pod, node);
    }

    @Test
    void everyFieldBecomesAFlag() {
        assertThat(of("{}", "{}").flags())
                .containsExactlyInAnyOrder(
                        "--user=65532:65532",
                        "--group-add=65532",
                        "--read-only",
                        "--cap-drop=ALL",
                        "--cap-add=NET_ADMIN",
                        "--cap-add=NET_BIND_SERVICE");
        assertThat(of("node: {runAs: root}", "{}").flags())
                .contains("--user=0:0", "--security-opt=no-new-privileges");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {seLinuxOptions: {type: spc_t}}                                      | seLinuxOptions
                    {procMount: Unmasked}                                                | procMount
                    {capabilities: {ambient: [NET_RAW]}}                                 | ambient
                    {seccompProfile: {type: Unconfined}}                                 | RuntimeDefault
                    {seccompProfile: {type: RuntimeDefault, localhostProfile: mine}}     | localhostProfile
                    {privileged: true}                                                   | privileged
                    {runAsUser: 0}                                                       | runAsNonRoot
                    {runAsGroup: null}                                                   | who it runs as
                    """)
    void whatCannotBeCarriedOverIsAnError(String more, String word) {
        assertThatThrownBy(() -> of("{}", more))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(word);
    }
}
