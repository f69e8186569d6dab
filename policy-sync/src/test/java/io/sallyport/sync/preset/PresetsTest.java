package io.sallyport.sync.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.preset.Presets.Entry;
import io.sallyport.sync.preset.Presets.Preset;
import io.sallyport.sync.settings.Settings.Level;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PresetsTest {
    private static final Presets SHIPPED = Presets.shipped();

    @Test
    void commonDependenciesHoldsEveryPromisedDomainAndNoOther() throws IOException {
        assertThat(entries("common-dependencies")).containsExactlyInAnyOrderElementsOf(promised());
    }

    @Test
    void commonDependenciesBringsTheConnections() {
        assertThat(SHIPPED.withIncluded(List.of("common-dependencies")))
                .extracting(Preset::name)
                .containsExactly("common-dependencies", "connections");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".pypi.org",
                ".pythonhosted.org",
                ".astral.sh",
                ".pytorch.org",
                ".anaconda.org",
                ".npmjs.org",
                ".nodejs.org",
                ".bun.sh",
                ".jsr.io",
                ".deno.land",
                ".playwright.dev",
                ".maven.org",
                ".gradle.org",
                ".jitpack.io",
                ".golang.org",
                ".go.dev",
                ".crates.io",
                ".rust-lang.org",
                ".rubygems.org",
                ".packagist.org",
                ".nuget.org",
                ".haskell.org",
                ".hex.pm",
                ".cpan.org",
                ".swift.org",
                ".pub.dev",
                ".r-project.org",
                ".debian.org",
                ".ubuntu.com",
                ".alpinelinux.org",
                ".fedoraproject.org",
                ".centos.org",
                ".archlinux.org",
                ".nixos.org",
                ".docker.io",
                ".ghcr.io",
                ".ecr.aws",
                ".huggingface.co",
                ".lencr.org"
            })
    void packageManagersHoldsWhatToolsNeed(String domain) {
        assertThat(entries("package-managers")).contains(domain);
    }

    @ParameterizedTest
    @ValueSource(strings = {".github.com", ".githubusercontent.com"})
    void connectionsHoldsWhatACloneNeeds(String domain) {
        assertThat(entries("connections")).contains(domain);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {".google.com", ".azure.com", ".microsoft.com", ".oracle.com", ".github.com"})
    void packageManagersLeavesOutWholeVendorsAndCodeHosts(String domain) {
        assertThat(entries("package-managers")).doesNotContain(domain);
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void everyLevelIsMadeOfPresetsThatThereAre(Level level) {
        boolean listed = level != Level.NONE && level != Level.ALL;
        assertThat(SHIPPED.withIncluded(level.presets()).isEmpty()).isEqualTo(!listed);
    }

    @Test
    void entriesAreDomainsWithALeadingDot() {
        for (Preset preset : SHIPPED.all()) {
            assertThat(preset.entries())
                    .extracting(entry -> entry.pattern().scope())
                    .containsOnly(DomainPattern.Scope.AT_OR_BELOW);
        }
    }

    @Test
    void flagsDomainsWhereAnyoneMayPublish() {
        for (Preset preset : SHIPPED.all()) {
            assertThat(preset.entries().stream().filter(Entry::userContent)).isNotEmpty();
        }
        assertThat(userContent("common-dependencies"))
                .contains(
                        ".github.com",
                        ".gitlab.com",
                        ".bitbucket.org",
                        ".sourceforge.net",
                        ".google.com",
                        ".azure.com")
                .doesNotContain(".ruby-lang.org");
    }

    @ParameterizedTest
    @CsvSource({
        "gist.github.com, .github.com",
        ".pypi.org, .pypi.org",
        "x.pastebin.com, .pastebin.com",
        "*.google.com, .google.com",
        "hooks.slack.com:443, .hooks.slack.com",
        "*.telegram.org, .api.telegram.org",
        "telegram.org, -",
        "www.ruby-lang.org, -",
        "notpastebin.com, -",
        "www.example.com, -"
    })
    void knowsWhereAnyoneMayPublish(String pattern, String entry) {
        assertThat(
                        SHIPPED.publishing(DomainPattern.parse(pattern))
                                .map(found -> found.pattern().toString())
                                .orElse("-"))
                .isEqualTo(entry);
    }

    @Test
    void hostsThatAreOnlyWatchedBelongToNoPreset() {
        assertThat(SHIPPED.all())
                .extracting(Preset::name)
                .containsExactly("connections", "package-managers", "common-dependencies");
        assertThat(
                        SHIPPED.all().stream()
                                .flatMap(preset -> preset.entries().stream())
                                .map(entry -> entry.pattern().toString()))
                .doesNotContain(".pastebin.com", ".webhook.site");
    }

    @Test
    void readsPlainAndFlaggedEntries() {
        Preset preset =
                Presets.of(
                                Map.of(
                                        "p",
                                        file(
                                                "[.a.example, {domain: .b.example, user-content: true, note: n}]")))
                        .all()
                        .iterator()
                        .next();
        assertThat(preset.entries())
                .containsExactly(
                        new Entry(DomainPattern.parse(".a.example"), false, ""),
                        new Entry(DomainPattern.parse(".b.example"), true, "n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    [.a.example, .a.example]                     | ".a.example" stands in this file twice
                    [a.example]                                  | "a.example" must be a domain with a leading dot
                    ["*.a.example"]                              | "*.a.example" must be a domain with a leading dot
                    [".a.example:443"]                           | must be a domain with a leading dot and no port
                    [.A.example]                                 | ".A.example" must be written .a.example
                    [.a..example]                                | groups.g.entries[0]
                    [{domain: .a.example, user-contents: true}]  | user-contents: this key is not known
                    [{domain: .a.example, user-content: yes}]    | must be true or false
                    [{user-content: true}]                       | "domain" is missing
                    .a.example                                   | must be a list
                    """)
    void refusesADamagedFileWithItsNameAndEntry(String entries, String complaint) {
        assertThatThrownBy(() -> Presets.of(Map.of("p", file(entries))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("presets/p.yaml: line ")
                .hasMessageContaining(complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    name: q\\nversion: 1\\ndescription: d\\ngroups: {}              | must be the name of its file
                    name: p\\ndescription: d\\ngroups: {}                          | "version" is missing
                    name: p\\nversion: 0\\ndescription: d\\ngroups: {}              | whole number of 1
                    name: p\\nversion: 1\\ndescription: d\\ngroups: {}\\nowner: me    | owner: this key is not known
                    name: p\\nversion: 1\\ndescription: d\\ngroups: {g: {}}         | "description" is missing
                    name: p\\nversion: 1\\ndescription: d\\nincludes: [x]\\ngroups: {} | there is no preset "x"
                    """)
    void refusesAWrongHead(String text, String complaint) {
        assertThatThrownBy(() -> Presets.of(Map.of("p", text.replace("\\n", "\n"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(complaint);
    }

    private static String file(String entries) {
        return "name: p\nversion: 1\ndescription: d\ngroups:\n  g:\n    description: d\n    entries: "
                + entries
                + "\n";
    }

    private static List<String> entries(String preset) {
        return SHIPPED.withIncluded(List.of(preset)).getFirst().entries().stream()
                .map(entry -> entry.pattern().toString())
                .toList();
    }

    private static List<String> userContent(String preset) {
        return SHIPPED.withIncluded(List.of(preset)).getFirst().entries().stream()
                .filter(Entry::userContent)
                .map(entry -> entry.pattern().toString())
                .toList();
    }

    private static List<String> promised() throws IOException {
        try (InputStream in =
                PresetsTest.class.getResourceAsStream("/preset/required-common-dependencies.txt")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
        }
    }
}
