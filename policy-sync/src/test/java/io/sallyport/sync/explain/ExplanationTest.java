package io.sallyport.sync.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.name.WireName;
import io.sallyport.sync.explain.Explanation.Advice;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.snapshot.Snapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExplanationTest {
    private static final Presets PRESETS = Presets.shipped();

    private static Explanation explain(String origin, String level, String name) {
        Settings settings =
                Settings.of(Level.parse(level))
                        .with(new Change.Allow(Settings.patterns("*.a.example db.example:5432")))
                        .with(new Change.Deny(Settings.patterns("*.bad.example .ubuntu.com")));
        Snapshot snapshot = Snapshot.of("acme", null, 4, origin, settings, PRESETS);
        return Explanation.of(snapshot, Explanation.name(name), PRESETS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    package-managers    | www.ruby-lang.org | .ruby-lang.org  | preset package-managers, group ruby         | tcp/22, tcp/80, tcp/443, udp/443
                    common-dependencies | api.github.com    | .github.com     | preset common-dependencies, group git-hosts | tcp/22, tcp/80, tcp/443, udp/443
                    none                | x.y.a.example     | *.a.example     | custom domain                               | tcp/22, tcp/80, tcp/443, udp/443
                    none                | db.example        | db.example:5432 | custom domain                               | tcp/5432
                    """)
    void namesTheEntryThatAllowsAndWhereItComesFrom(
            String level, String name, String pattern, String source, String ports) {
        Explanation explanation = explain("settings", level, name);
        assertThat(explanation.allowed()).isTrue();
        assertThat(explanation.pattern()).isEqualTo(pattern);
        assertThat(explanation.source()).isEqualTo(source);
        assertThat(String.join(", ", explanation.ports())).isEqualTo(ports);
        assertThat(explanation.sentence())
                .contains(name + " is allowed by " + pattern, source, ports);
        assertThat(commands(explanation)).containsExactly("sallyport org deny acme " + name);
    }

    @Test
    void levelAllOpensEveryPort() {
        Explanation explanation = explain("settings", "all", "www.example.net");
        assertThat(explanation.allowed()).isTrue();
        assertThat(explanation.ports()).isEmpty();
        assertThat(explanation.sentence()).contains("every port of public addresses");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    package-managers | www.example.net | not-allowed     | sallyport org allow acme www.example.net
                    none             | a.example       | not-allowed     | sallyport org allow acme .a.example
                    none             | www.ruby-lang.org | not-allowed   | sallyport org set acme --level package-managers
                    none             | docs.google.com | not-allowed     | sallyport org set acme --level common-dependencies
                    all              | x.bad.example   | denied-domain   | sallyport org remove acme '*.bad.example'
                    package-managers | www.ubuntu.com  | denied-domain   | sallyport org remove acme .ubuntu.com
                    """)
    void namesTheReasonAndTheCommandThatChangesIt(
            String level, String name, String reason, String command) {
        Explanation explanation = explain("settings", level, name);
        assertThat(explanation.allowed()).isFalse();
        assertThat(explanation.reason()).isEqualTo(reason);
        assertThat(explanation.sentence()).startsWith(name + " is denied: ");
        assertThat(commands(explanation)).contains(command);
        assertThat(explanation.advice())
                .extracting(Advice::text)
                .anyMatch(text -> text.contains("new sessions"));
    }

    @Test
    void aPublicResolverHasNoCommandThatOpensIt() {
        Explanation explanation = explain("settings", "all", "dns.google");
        assertThat(explanation.reason()).isEqualTo("public-resolver");
        assertThat(commands(explanation)).isEmpty();
    }

    @Test
    void internetOffComesFirst() {
        Settings off = Settings.of(Level.ALL).with(new Change.SetInternet(false));
        Explanation explanation =
                Explanation.of(
                        Snapshot.of("acme", null, 1, "settings", off, PRESETS),
                        WireName.parse("a.example"),
                        PRESETS);
        assertThat(explanation.reason()).isEqualTo("internet-off");
        assertThat(commands(explanation)).containsExactly("sallyport org set acme --internet on");
    }

    @Test
    void saysWhereAnyoneMayPublish() {
        assertThat(explain("settings", "connections", "gist.github.com").userContent()).isTrue();
        assertThat(explain("settings", "package-managers", "www.ruby-lang.org").userContent())
                .isFalse();
        Explanation custom = explain("settings", "all", "www.pastebin.com");
        assertThat(custom.allowed()).isTrue();
        assertThat(custom.userContent()).isTrue();
        Explanation denied = explain("settings", "none", "me.pastebin.com");
        assertThat(denied.userContent()).isTrue();
        assertThat(denied.advice())
                .extracting(Advice::text)
                .anyMatch(text -> text.contains("anyone may publish"));
    }

    @ParameterizedTest
    @CsvSource({
        "printer.local, no setting sends it to a name server, false",
        "db.corp.internal, if you have name servers of your own, true"
    })
    void aSpecialNameIsNotSaidToResolve(String name, String advice, boolean command) {
        Explanation explanation = explain("settings", "all", name);
        assertThat(explanation.allowed()).isFalse();
        assertThat(explanation.reason()).isEqualTo("special-name");
        assertThat(explanation.sentence()).contains("the resolver answers it itself");
        assertThat(explanation.advice().getFirst().text()).startsWith(advice);
        assertThat(commands(explanation).isEmpty()).isNotEqualTo(command);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    www.example.net | add "www.example.net" to orgs.acme.allow
                    x.bad.example   | remove it from orgs.acme.deny
                    docs.google.com | write level: common-dependencies under orgs.acme
                    """)
    void adviceOnAPolicyFileNamesThePlaceInIt(String name, String place) {
        Explanation explanation = explain("policy-file", "none", name);
        assertThat(commands(explanation)).isEmpty();
        assertThat(explanation.advice())
                .extracting(Advice::text)
                .anyMatch(text -> text.contains(place));
    }

    @Test
    void optionsAreAddedToEveryCommand() {
        Explanation explanation =
                explain("settings", "none", "www.ruby-lang.org").withOptions(" --data d");
        assertThat(commands(explanation))
                .isNotEmpty()
                .allMatch(command -> command.endsWith(" --data d"));
    }

    @ParameterizedTest
    @CsvSource({
        "API.Example.com.,api.example.com",
        " a_b.example ,a_b.example",
        "bücher.example,xn--bcher-kva.example"
    })
    void readsANameAsPeopleWriteIt(String text, String name) {
        assertThat(Explanation.name(text)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*.example.com",
                ".example.com",
                "a.example:443",
                "https://a.example/x",
                "10.0.0.1",
                "",
                "a b"
            })
    void refusesWhatIsNotOneName(String text) {
        assertThatThrownBy(() -> Explanation.name(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static java.util.List<String> commands(Explanation explanation) {
        return explanation.advice().stream()
                .map(Advice::command)
                .filter(command -> !command.isEmpty())
                .toList();
    }
}
