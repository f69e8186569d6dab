package io.sallyport.resolver.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sallyport.resolver.name.WireName;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Any text as a name, as a pattern and as a list of patterns: a value, or a harmless sentence. */
class NameFuzzTest {

    @FuzzTest
    void readsNamesAndPatternsOrSaysWhyNot(byte[] octets) {
        String text = new String(octets, StandardCharsets.UTF_8);
        name(text);
        pattern(text);
        list(text);
    }

    private static void name(String text) {
        try {
            WireName name = WireName.parse(text);
            assertWellFormed(name);
            assertThat(name.length()).isLessThanOrEqualTo(text.length() + 2);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }

    private static void pattern(String text) {
        try {
            DomainPattern pattern = DomainPattern.parse(text);
            assertWellFormed(pattern.name());
            assertThat(DomainPattern.parse(pattern.toString()))
                    .as("canonical text is read as the same pattern")
                    .isEqualTo(pattern);
        } catch (IllegalArgumentException e) {
            assertHarmless(e);
        }
    }

    private static void list(String text) {
        try {
            List<DomainPattern> patterns = DomainPattern.parseList(text);
            assertThat(patterns).doesNotHaveDuplicates();
            patterns.forEach(pattern -> assertWellFormed(pattern.name()));
        } catch (IllegalArgumentException e) {
            assertHarmless(e);
        }
    }

    private static void assertWellFormed(WireName name) {
        byte[] octets = name.octets();
        assertThat(octets.length).isBetween(1, WireName.MAX_OCTETS);
        int at = 0;
        while (octets[at] != 0) {
            assertThat(octets[at]).isBetween((byte) 1, (byte) WireName.MAX_LABEL);
            for (int end = at++ + octets[at - 1]; at <= end; at++) {
                assertThat(octets[at]).isBetween((byte) '!', (byte) '~').isNotIn('A', 'Z');
            }
        }
        assertThat(at).isEqualTo(octets.length - 1);
    }

    /** It is printed on terminals and pages. */
    private static void assertHarmless(IllegalArgumentException e) {
        assertThat(e).message().isNotBlank().doesNotMatch("(?s).*\\p{Cntrl}.*");
    }
}
