package io.sallyport.resolver.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.name.WireName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.dnssec.TrustAnchorStore;
import org.xbill.DNS.dnssec.ValidatingResolver;

class AnchorsTest {
    private static final String ROOT_DS =
            ". IN DS 1 13 2 "
                    + "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";

    @TempDir private Path directory;

    @Test
    void publicRootHasItsTwoKeys() throws Exception {
        assertThat(root(store(Validator.Config.PUBLIC)).rrs())
                .extracting(Object::toString)
                .anyMatch(line -> line.contains("20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D084"))
                .anyMatch(line -> line.contains("38696 8 2 683D2D0ACB8C9B712A1948B27F741219"))
                .hasSize(2);
    }

    @Test
    void rootOfTheFileReplacesThePublicOne() throws Exception {
        assertThat(root(store(file(ROOT_DS))).rrs())
                .singleElement()
                .asString()
                .contains("1 13 2 00112233");
    }

    @Test
    void otherNamesOfTheFileAreAdded() throws Exception {
        TrustAnchorStore store = store(file(ROOT_DS.replace(". IN", "corp.example. IN")));

        assertThat(root(store).rrs()).hasSize(2);
        assertThat(store.find(Name.fromConstantString("www.corp.example."), DClass.IN).getName())
                .hasToString("corp.example.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # file                          | sentence
                    ; nothing                       | has no trust anchor
                    . IN A 192.0.2.1                | type A; trust anchors are DS or DNSKEY
                    . IN DS nonsense                | trust anchors in
                    """)
    void fileThatHoldsNoneIsRefused(String text, String sentence) throws IOException {
        Validator.Config config = file(text + "\n");

        assertThatThrownBy(() -> store(config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void rootIsNoNegativeAnchor() {
        assertThatThrownBy(() -> new Validator.Config(Optional.empty(), List.of(WireName.ROOT)))
                .hasMessageContaining("no validation");
    }

    private static RRset root(TrustAnchorStore store) {
        return store.find(Name.root, DClass.IN);
    }

    private Validator.Config file(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("anchors"), text);
        return new Validator.Config(Optional.of(file), List.of());
    }

    private static TrustAnchorStore store(Validator.Config config) throws IOException {
        Resolver nobody = new SimpleResolver("127.0.0.1");
        TrustAnchorStore store = new ValidatingResolver(nobody).getTrustAnchors();
        Anchors.load(store, config);
        return store;
    }
}
