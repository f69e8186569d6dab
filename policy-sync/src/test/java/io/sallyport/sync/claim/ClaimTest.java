package io.sallyport.sync.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.document.Document;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClaimTest {
    private static final Claim.Keys KEYS =
            new Claim.Keys(
                    List.of("sallyport.io/org", "sandbox.users.io/org"),
                    List.of("sallyport.io/agent"));

    private static Map<String, String> texts(String text) {
        Map<String, String> texts = new HashMap<>();
        for (String pair : text.split(" ", -1)) {
            if (pair.contains("=")) {
                texts.put(
                        pair.substring(0, pair.indexOf('=')),
                        pair.substring(pair.indexOf('=') + 1));
            }
        }
        return texts;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    app=x                                          | app=y                     | -     | -
                    sallyport.io/org=acme                          | app=y                     | acme  | -
                    app=x                                          | sallyport.io/org=acme     | acme  | -
                    sandbox.users.io/org=acme sallyport.io/agent=a | sallyport.io/org=acme     | acme  | a
                    sallyport.io/org=                              | sandbox.users.io/org=acme | acme  | -
                    sallyport.io/org=acme sallyport.io/agent=a     | sallyport.io/agent=b      | error | -
                    sallyport.io/org=acme                          | sallyport.io/org=beta     | error | -
                    sallyport.io/org=acme sandbox.users.io/org=b   | app=y                     | error | -
                    sallyport.io/org=a/../b                        | app=y                     | error | -
                    """)
    void podNamesOneOrgOrNone(String labels, String annotations, String org, String agent) {
        if ("error".equals(org)) {
            assertThatThrownBy(() -> Claim.read(KEYS, texts(labels), texts(annotations)))
                    .isInstanceOf(IllegalArgumentException.class);
        } else {
            Claim claim = Claim.read(KEYS, texts(labels), texts(annotations));
            assertThat(claim.org().orElse(null)).isEqualTo(org);
            assertThat(claim.agent().orElse(null)).isEqualTo(agent);
        }
    }

    @Test
    void keysAreThoseOfLabels() {
        assertThat(Claim.Keys.read(Document.yaml("{}").fields())).isEqualTo(Claim.Keys.DEFAULT);
        assertThat(
                        Claim.Keys.read(Document.yaml("org-keys: [tenant, a.example/org]").fields())
                                .org())
                .containsExactly("tenant", "a.example/org");
        assertThatThrownBy(() -> Claim.Keys.read(Document.yaml("org-keys: [a/b/c]").fields()))
                .hasMessageContaining("label's key");
    }
}
