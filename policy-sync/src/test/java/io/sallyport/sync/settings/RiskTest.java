package io.sallyport.sync.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.settings.Settings.Risk;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What asks for a word before it is done, and what does not. */
final class RiskTest {
    private static final Presets PRESETS = Presets.shipped();

    /** Settings in words: {@code off}, a level, {@code +allowed}, {@code -denied}. */
    private static Settings settings(String words) {
        Settings settings = Settings.of(Level.NONE);
        for (String word : words.split(" ", -1)) {
            List<DomainPattern> patterns =
                    word.matches("[+-].*") ? Settings.patterns(word.substring(1)) : List.of();
            settings =
                    settings.with(
                            switch (word.charAt(0)) {
                                case '+' -> new Change.Allow(patterns);
                                case '-' -> new Change.Deny(patterns);
                                default ->
                                        word.equals("off")
                                                ? new Change.SetInternet(false)
                                                : new Change.SetLevel(Level.parse(word));
                            });
        }
        return settings;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    none                  | all                            | all-domains
                    none                  | all off                        | -
                    all off               | all                            | all-domains
                    all                   | all +a.example.com             | -
                    all                   | all +*.github.io               | -
                    all                   | none +*.github.io              | -
                    none                  | package-managers               | -
                    package-managers      | common-dependencies            | -
                    none                  | none +a.example.com            | -
                    none                  | none +*.example.com            | -
                    none                  | none +*.github.io              | shared-suffix *.github.io
                    none                  | none +.github.io               | shared-suffix .github.io
                    none                  | none +*.me.github.io           | user-content *.me.github.io
                    none                  | none +*.s3.amazonaws.com       | shared-suffix *.s3.amazonaws.com
                    none                  | none +.amazonaws.com           | user-content .amazonaws.com
                    none                  | none +gist.github.com          | user-content gist.github.com
                    none                  | none +.google.com              | user-content .google.com
                    none                  | none +www.pastebin.com:8443    | user-content www.pastebin.com:8443
                    none                  | none +slack.com                | user-content slack.com
                    package-managers      | package-managers +.pypi.org    | -
                    connections           | connections +gist.github.com   | -
                    connections           | none +gist.github.com          | -
                    none +.github.io      | none +.github.io +*.github.io  | -
                    none +.github.io off  | none +.github.io               | shared-suffix .github.io
                    none +.github.io -.github.io | none +.github.io        | shared-suffix .github.io
                    none                  | none +.github.io -.github.io   | -
                    none +slack.com       | package-managers +slack.com    | -
                    all -slack.com        | all                            | user-content slack.com
                    all -slack.com        | all -.slack.com                | -
                    all -slack.com        | all off                        | -
                    all -slack.com        | none                           | -
                    all -a.example.com    | all                            | -
                    none -slack.com       | none                           | -
                    none -slack.com       | all                            | all-domains,user-content slack.com
                    none -slack.com       | none +slack.com                | user-content slack.com
                    connections -gist.github.com | connections             | user-content gist.github.com
                    connections -.github.com | connections                 | user-content .github.com
                    none +api.slack.com -.slack.com | none +api.slack.com  | user-content api.slack.com,user-content .slack.com
                    none                  | all +.github.io +slack.com     | all-domains,shared-suffix .github.io,user-content slack.com
                    """)
    void wideThingsThatAChangeOpensAskForAWord(String before, String after, String risks) {
        assertThat(settings(after).risksSince(settings(before), PRESETS))
                .extracting(risk -> (risk.code().text() + " " + risk.pattern()).strip())
                .containsExactly(risks.equals("-") ? new String[0] : risks.split(","));
    }

    @Test
    void saysWhatCanHappenAndToWhat() {
        Settings wide = settings("all +*.github.io +gist.github.com");
        List<Risk> risks = wide.risksSince(settings("none"), PRESETS);
        assertThat(risks).hasSize(3);
        assertThat(risks.get(0).text()).contains("any public address on any port", "stay closed");
        assertThat(risks.get(1).text())
                .contains("gist.github.com lies in .github.com", "anyone may");
        assertThat(risks.get(2).text()).contains("every customer of github.io", "yours.github.io");
        assertThat(Document.canonical(risks.get(0).document()))
                .startsWith("{\"code\":\"all-domains\",\"text\":")
                .doesNotContain("pattern");
        assertThat(Document.canonical(risks.get(2).document()))
                .contains("\"pattern\":\"*.github.io\"");
    }

    @ParameterizedTest
    @EnumSource(Risk.Code.class)
    void codesAreReadBackFromTheirText(Risk.Code code) {
        assertThat(Risk.Code.parse(code.text())).isEqualTo(code);
    }

    @Test
    void namesTheCodesWhereOneIsUnknown() {
        assertThatThrownBy(() -> Risk.Code.parse("everything"))
                .hasMessageContaining("all-domains, shared-suffix, user-content");
    }

    @Test
    void looksThroughTheLongestListsWithoutComparingThemWithEachOther() {
        Settings before = longest("a");
        Settings after = longest("b").with(new Change.Deny(longest("b").allow()));
        assertThat(after.risksSince(before, PRESETS)).isEmpty();
        assertThat(longest("b").risksSince(before, PRESETS)).hasSize(Settings.MAX_PATTERNS);
    }

    private static Settings longest(String prefix) {
        return Settings.of(Level.NONE)
                .with(
                        new Change.Allow(
                                IntStream.range(0, Settings.MAX_PATTERNS)
                                        .mapToObj(i ->
                                                DomainPattern.parse(prefix + i + ".pastebin.com"))
                                        .toList()));
    }

    /** Looked up for many at once, it is what each alone would say. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "none off",
                "all",
                "common-dependencies",
                "none +.github.io -s3.amazonaws.com",
                "package-managers +*.me.github.io -.github.com"
            })
    void whatManyEntriesWouldOpenIsWhatEachAloneWould(String words) {
        Settings now = settings(words);
        List<DomainPattern> many =
                Settings.patterns(
                        "*.github.io .github.io *.me.github.io a.example.com .s3.amazonaws.com"
                                + " s3.amazonaws.com .github.com gist.github.com .pypi.org");
        for (DomainPattern one : many) {
            List<Risk> alone = now.with(new Change.Allow(List.of(one))).risksSince(now, PRESETS);
            assertThat(Stream.ofNullable(now.risksOfAllowing(many, PRESETS).get(one)).toList())
                    .as(one.toString())
                    .isEqualTo(alone);
        }
    }
}
