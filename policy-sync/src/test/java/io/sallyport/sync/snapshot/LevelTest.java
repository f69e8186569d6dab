package io.sallyport.sync.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.preset.Presets.Entry;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each level promises to an admin who chooses it. */
final class LevelTest {
    private static final Presets PRESETS = Presets.shipped();

    private static boolean allows(Settings settings, String name) {
        return Snapshot.of("acme", null, 1, "settings", settings, PRESETS)
                        .policy()
                        .judge(WireName.parse(name))
                instanceof Policy.Allow;
    }

    /** Every name of an entry of any preset, and one of nobody's. */
    private static Stream<String> names() {
        return Stream.concat(
                Stream.of("www.example.com"),
                PRESETS.all().stream()
                        .flatMap(preset -> preset.entries().stream())
                        .map(Entry::pattern)
                        .flatMap(pattern ->
                                Stream.of(pattern.name().toString(), "x." + pattern.name())));
    }

    @ParameterizedTest
    @CsvSource({
        "none, connections",
        "none, package-managers",
        "connections, common-dependencies",
        "package-managers, all",
        "common-dependencies, all"
    })
    void stricterLevelAllowsNothingThatAWiderOneDoesNot(String strict, String wide) {
        Settings stricter = Settings.of(Level.parse(strict));
        Settings wider = Settings.of(Level.parse(wide));
        Policy one = Snapshot.of("a", null, 1, "settings", stricter, PRESETS).policy();
        Policy other = Snapshot.of("a", null, 1, "settings", wider, PRESETS).policy();
        assertThat(names().map(WireName::parse))
                .allMatch(name ->
                        !(one.judge(name) instanceof Policy.Allow)
                                || other.judge(name) instanceof Policy.Allow);
        assertThat(names().map(WireName::parse))
                .anyMatch(name ->
                        other.judge(name) instanceof Policy.Allow
                                && !(one.judge(name) instanceof Policy.Allow));
    }

    @Test
    void noneWithoutCustomDomainsReachesNothing() {
        assertThat(names()).noneMatch(name -> allows(Settings.of(Level.NONE), name));
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void customDomainsAddToEveryLevelAndOffClosesEveryLevel(Level level) {
        Settings settings =
                Settings.of(level)
                        .with(
                                new Change.Allow(
                                        Settings.patterns("api.example.com, *.example.org")));
        assertThat(allows(settings, "api.example.com")).isTrue();
        assertThat(allows(settings, "a.example.org")).isTrue();
        Settings off = settings.with(new Change.SetInternet(false));
        assertThat(allows(off, "api.example.com")).isFalse();
        assertThat(names().limit(20)).noneMatch(name -> allows(off, name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "github.com", // clone, fetch, push by HTTPS and SSH
                "ssh.github.com", // SSH by port 443
                "api.github.com", // pull requests
                "uploads.github.com",
                "codeload.github.com", // archives
                "lfs.github.com",
                "objects.githubusercontent.com",
                "raw.githubusercontent.com"
            })
    void connectionsCloneRepositoriesAndOpenPullRequests(String name) {
        assertThat(allows(Settings.of(Level.CONNECTIONS), name)).isTrue();
        assertThat(allows(Settings.of(Level.COMMON_DEPENDENCIES), name)).isTrue();
        assertThat(allows(Settings.of(Level.PACKAGE_MANAGERS), name)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {".pypi.org", ".npmjs.org", ".gitlab.com", ".example.com"})
    void connectionsReachNothingElse(String domain) {
        assertThat(allows(Settings.of(Level.CONNECTIONS), "www" + domain)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".pypi.org",
                ".pythonhosted.org", // pip install
                ".npmjs.org", // npm install
                ".apache.org",
                ".maven.org",
                ".gradle.org", // mvn, gradle
                ".golang.org", // go get
                ".crates.io",
                ".rust-lang.org", // cargo, rustup
                ".rubygems.org", // gem install
                ".packagist.org", // composer
                ".nuget.org", // dotnet restore
                ".debian.org", // apt-get install
                ".ubuntu.com",
                ".alpinelinux.org", // apk add
                ".anaconda.org",
                ".anaconda.com", // conda install
                ".r-project.org" // install.packages
            })
    void packageManagersInstallWithoutFullAccess(String domain) {
        Settings settings = Settings.of(Level.PACKAGE_MANAGERS);
        assertThat(allows(settings, domain.substring(1))).isTrue();
        assertThat(allows(settings, "some" + domain)).isTrue();
        assertThat(allows(settings, "www.example.com")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    api.example.com                   | api.example.com | example.com www.example.com x.api.example.com badapi.example.com
                    .example.com                      | example.com api.example.com www.example.com a.b.example.com | badexample.com example.com.evil.net
                    api.example.com, .cdn.example.com | api.example.com cdn.example.com x.cdn.example.com | example.com www.example.com
                    *.example.com                     | api.example.com a.b.example.com | example.com badexample.com
                    """)
    void customListAllowsWhatItsFormSaysAndNoMore(String list, String allowed, String denied) {
        Settings settings = Settings.of(Level.NONE).with(new Change.Allow(Settings.patterns(list)));
        assertThat(words(allowed)).allMatch(name -> allows(settings, name));
        assertThat(words(denied)).noneMatch(name -> allows(settings, name));
    }

    private static List<String> words(String text) {
        return Arrays.asList(text.split(" "));
    }
}
