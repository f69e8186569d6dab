package io.sallyport.sync.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.emergency.Emergencies.Denial;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EmergenciesTest {
    private static final Policy ALL =
            Snapshot.of("acme", null, 1, "settings", Settings.of(Level.ALL), Presets.shipped())
                    .policy();

    private static Emergencies read(String denied) {
        return Emergencies.read(Document.json("{\"version\":9,\"denied\":[" + denied + "]}"));
    }

    private static boolean denies(Emergencies list, String org, String name) {
        return ALL.withEmergency(list.of(org)).judge(WireName.parse(name))
                        instanceof Policy.Deny deny
                && deny.reason() == Policy.Reason.EMERGENCY;
    }

    @Test
    void anEntryConcernsItsOrgOrAll() {
        Emergencies list =
                read(
                        "{\"pattern\":\".bad.example\",\"org\":null},"
                                + "{\"pattern\":\"b.example\",\"org\":\"acme\"}");
        assertThat(denies(list, "acme", "b.example")).isTrue();
        assertThat(denies(list, "other", "b.example")).isFalse();
        assertThat(denies(list, "other", "x.bad.example")).isTrue();
        assertThat(denies(list, "acme", "good.example")).isFalse();
        assertThat(list.problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"pattern":"*","org":"acme"}       | acme
                    {"pattern":"a..b","org":"acme"}    | acme
                    {"org":"acme"}                     | acme
                    {"pattern":7,"org":"acme"}         | acme
                    {"pattern":"*","org":null}         | acme other
                    {"pattern":"*"}                    | acme other
                    {"pattern":"a.example","org":"/"}  | acme other
                    {"pattern":"a.example","org":{}}   | acme other
                    7                                  | acme other
                    {"pattern":".","org":"acme"}       | acme
                    """)
    void whatCannotBeReadClosesWhomItConcerns(String entry, String closed) {
        Emergencies list = read("{\"pattern\":\"b.example\"}," + entry);
        for (String org : List.of("acme", "other")) {
            assertThat(denies(list, org, "www.example.com"))
                    .as(org)
                    .isEqualTo(closed.contains(org));
            assertThat(denies(list, org, "b.example")).isTrue();
        }
    }

    @Test
    void moreThanANodeHoldsClosesWhomTheRestConcerns() {
        List<Denial> many = new ArrayList<>();
        for (int i = 0; i < Emergencies.MOST; i++) {
            many.add(new Denial(DomainPattern.parse("n" + i + ".example"), "acme"));
        }
        assertThat(Emergencies.of(3, many).problems()).isEmpty();
        many.add(new Denial(DomainPattern.parse("one.more.example"), "other"));
        Emergencies list = Emergencies.of(3, many);

        assertThat(denies(list, "acme", "n7.example")).isTrue();
        assertThat(denies(list, "acme", "www.example.com")).isFalse();
        assertThat(denies(list, "other", "www.example.com")).isTrue();
        assertThat(list.problems()).singleElement().asString().startsWith("1 denials are more");
        many.add(new Denial(DomainPattern.parse("last.example"), null));
        assertThat(denies(Emergencies.of(3, many), "acme", "www.example.com")).isTrue();
    }

    @Test
    void listOutlivesARestart(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("emergency.json");
        assertThat(Emergencies.load(file)).isEqualTo(Emergencies.NONE);
        Emergencies list =
                read(
                        "{\"pattern\":\".bad.example\",\"org\":null},"
                                + "{\"pattern\":\"b.example\",\"org\":\"acme\"}");
        list.save(file);

        assertThat(Emergencies.load(file)).isEqualTo(list);
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
        Files.writeString(file, "{\"version\":9");
        assertThatThrownBy(() -> Emergencies.load(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("mend it, or remove it");
    }

    @Test
    void whatIsClosedStaysSoAfterARestartAndIsAskedForAgain(@TempDir Path directory)
            throws IOException {
        Path file = directory.resolve("emergency.json");
        read("{\"pattern\":\"*\",\"org\":\"acme\"}").save(file);
        Emergencies again = Emergencies.load(file);

        assertThat(denies(again, "acme", "www.example.com")).isTrue();
        assertThat(denies(again, "other", "www.example.com")).isFalse();
        assertThat(again.version()).isZero();
    }
}
