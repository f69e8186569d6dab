package io.sallyport.sync.impact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.traffic.Traffic;
import io.sallyport.sync.traffic.Traffic.Asked;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImpactTest {
    private static final Presets PRESETS = Presets.shipped();
    private static final Instant DAY = Instant.parse("2026-05-01T00:00:00Z");

    private static Traffic traffic(String names) {
        List<Asked> asked = new java.util.ArrayList<>();
        for (String name : names.split(" ", -1)) {
            asked.add(new Asked(name, 1, DAY, DAY));
        }
        return Traffic.of(asked);
    }

    /** Settings in words: {@code off}, a level, {@code +allowed}, {@code -denied}. */
    private static Settings settings(String words) {
        Settings settings = Settings.of(Level.NONE);
        for (String word : words.split(" ", -1)) {
            settings =
                    settings.with(
                            switch (word.charAt(0)) {
                                case '+' ->
                                        new Change.Allow(
                                                List.of(DomainPattern.parse(word.substring(1))));
                                case '-' ->
                                        new Change.Deny(
                                                List.of(DomainPattern.parse(word.substring(1))));
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
                    none              | none +a.example.com         | a.example.com | -
                    none +.example.com | none +*.example.com        | - | example.com
                    none +.example.com | none +.example.com -b.example.com | - | b.example.com
                    none              | package-managers            | www.ruby-lang.org www.python.org | -
                    package-managers  | common-dependencies         | docs.google.com | www.python.org
                    package-managers  | all                         | example.com a.example.com b.example.com docs.google.com | -
                    all               | package-managers off        | - | example.com a.example.com b.example.com docs.google.com www.ruby-lang.org www.python.org
                    none off          | all off                     | - | -
                    all               | all -.example.com           | - | example.com a.example.com b.example.com
                    all               | all +.example.com           | - | -
                    none              | none +dns.google            | - | -
                    none              | none +db.internal           | db.internal | -
                    none              | none +x.localhost           | - | -
                    """)
    void tellsWhichNamesChangeSides(String before, String after, String allowed, String denied) {
        Impact impact =
                Impact.of(
                        "acme",
                        new Impact.Edit(settings(before), settings(after)),
                        List.of(),
                        traffic(
                                "example.com a.example.com b.example.com docs.google.com www.ruby-lang.org"
                                        + " www.python.org dns.google db.internal x.localhost"),
                        PRESETS);
        assertThat(names(impact.newlyAllowed().stream())).containsExactlyInAnyOrder(words(allowed));
        assertThat(names(impact.newlyDenied().stream())).containsExactlyInAnyOrder(words(denied));
        assertThat(impact.unchanged())
                .isEqualTo(9 - impact.newlyAllowed().size() - impact.newlyDenied().size());
    }

    private static String[] words(String text) {
        return text.equals("-") ? new String[0] : text.split(" ");
    }

    private static List<String> names(Stream<Traffic.Name> names) {
        return names.map(name -> name.name().toString()).toList();
    }

    @Test
    void theMostAskedForComesFirstWithItsCount() {
        Traffic traffic =
                Traffic.of(
                        List.of(
                                new Asked("rare.example.com", 1, DAY, DAY),
                                new Asked("often.example.com", 7, DAY, DAY.plusSeconds(9)),
                                new Asked("bad.example.com", 9, DAY, DAY),
                                new Asked("strange\\.example.com", 1, DAY, DAY)));
        Impact impact =
                Impact.of(
                        "acme",
                        new Impact.Edit(settings("none"), settings("none +.example.com")),
                        List.of(
                                new Policy.Entry(
                                        DomainPattern.parse("bad.example.com"), "platform")),
                        traffic,
                        PRESETS);
        assertThat(Document.canonical(impact.document()))
                .isEqualTo(
                        """
                        {"newly-allowed":[\
                        {"count":7,"first":"2026-05-01T00:00:00Z","last":"2026-05-01T00:00:09Z","name":"often.example.com"},\
                        {"count":1,"first":"2026-05-01T00:00:00Z","last":"2026-05-01T00:00:00Z","name":"rare.example.com"}],\
                        "newly-denied":[],"unchanged":1,"unread":1}\
                        """);
    }
}
