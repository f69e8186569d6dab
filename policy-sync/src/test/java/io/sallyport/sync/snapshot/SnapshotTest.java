package io.sallyport.sync.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Internal;
import io.sallyport.sync.settings.Settings.Level;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class SnapshotTest {
    private static final Presets PRESETS = Presets.shipped();

    /**
     * What format 1 is, to the octet: a running session's digest hangs on it. Never edit it; add a
     * format.
     */
    private static final String GOLDEN =
            """
            {"allow":["*.a.example","db.example:5432"],"ancestors":"nodata","deny":[".bad.example"],"format":1,\
            "internal":{".corp.example":["10.1.0.0/16"]},"internet-access":true,"level":"connections","org":"acme",\
            "origin":"settings","ports":["tcp/443","udp/443"],"presets":{"connections":{"groups":{"github":\
            [".github.com",".githubassets.com",".githubusercontent.com"]},"user-content":[".github.com",\
            ".githubusercontent.com"],"version":1}},"types":["A","AAAA"],"version":7}\
            """;

    private static final String GOLDEN_DIGEST =
            "14bf89f0df7b322eb633328fd7af94182ebf59025c084f2ac0e7ef76ca1e7a9e";

    private static Settings settings() {
        return Settings.of(Level.CONNECTIONS)
                .with(new Change.Allow(Settings.patterns("db.example:5432 *.A.Example.")))
                .with(new Change.Deny(Settings.patterns(".bad.example")))
                .with(new Change.SetInternal(Internal.parse(".corp.example=10.1.0.0/16")))
                .with(
                        new Change.SetPorts(
                                java.util.List.of(
                                        Settings.Port.parse("udp/443"),
                                        Settings.Port.parse("443"))))
                .with(
                        new Change.SetTypes(
                                java.util.List.of(
                                        Settings.RecordType.parse("AAAA"),
                                        Settings.RecordType.parse("A"))))
                .with(new Change.SetAncestors(Ancestors.NODATA));
    }

    private static Snapshot snapshot() {
        return Snapshot.of("acme", null, 7, "settings", settings(), PRESETS);
    }

    private static Snapshot level(Level level) {
        return Snapshot.of("acme", null, 1, "settings", Settings.of(level), PRESETS);
    }

    @Test
    void hasTheOneCanonicalText() {
        assertThat(snapshot().json()).isEqualTo(GOLDEN);
        assertThat(snapshot().digest()).isEqualTo(GOLDEN_DIGEST);
    }

    @Test
    void isReadBackWithTheSameDigest() {
        assertThat(Snapshot.parse(GOLDEN)).isEqualTo(snapshot());
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void everyLevelIsReadBack(Level level) {
        Snapshot snapshot = level(level);
        Snapshot again = Snapshot.parse(snapshot.json());
        assertThat(again).isEqualTo(snapshot);
        assertThat(again.level()).isEqualTo(level.text());
        assertThat(again.settings()).isEqualTo(Settings.of(level));
    }

    @Test
    void aStrangersTextIsMadeCanonical() {
        Snapshot snapshot =
                Snapshot.parse(
                        """
                        { "org": "acme", "format": 1, "level": "none", "internet-access": true,
                          "allow": ["B.example.", "a.example", "b.example"], "version": 3 }
                        """);
        assertThat(snapshot.json())
                .startsWith(
                        "{\"allow\":[\"a.example\",\"b.example\"],\"ancestors\":\"nxdomain\",\"deny\":[],\"format\":1,")
                .contains("\"origin\":\"api\"");
        assertThat(Snapshot.parse(snapshot.json())).isEqualTo(snapshot);
    }

    @Test
    void equalSettingsHaveEqualDigestsWhateverTheirOrder() {
        Settings one =
                Settings.forNewOrg()
                        .with(new Change.Allow(Settings.patterns("a.example b.example")));
        Settings other =
                Settings.forNewOrg()
                        .with(new Change.Allow(Settings.patterns("b.example")))
                        .with(new Change.Allow(Settings.patterns("a.example")));
        assertThat(Snapshot.of("acme", null, 2, "settings", one, PRESETS))
                .isEqualTo(Snapshot.of("acme", null, 2, "settings", other, Presets.shipped()));
    }

    @Test
    void everyDifferenceChangesTheDigest() {
        Snapshot base = level(Level.NONE);
        Settings none = Settings.of(Level.NONE);
        assertThat(
                        java.util.List.of(
                                Snapshot.of("acme2", null, 1, "settings", none, PRESETS).digest(),
                                Snapshot.of("acme", "bob", 1, "settings", none, PRESETS).digest(),
                                Snapshot.of("acme", null, 2, "settings", none, PRESETS).digest(),
                                Snapshot.of("acme", null, 1, "policy-file", none, PRESETS).digest(),
                                Snapshot.of(
                                                "acme",
                                                null,
                                                1,
                                                "settings",
                                                none.with(new Change.SetInternet(false)),
                                                PRESETS)
                                        .digest(),
                                level(Level.ALL).digest(),
                                base.digest()))
                .doesNotHaveDuplicates();
    }

    @Test
    void saysWhatItHolds() {
        Snapshot snapshot = Snapshot.of("acme", "bob", 7, "settings", settings(), PRESETS);
        assertThat(snapshot.org()).isEqualTo("acme");
        assertThat(snapshot.agent()).isEqualTo("bob");
        assertThat(snapshot.level()).isEqualTo("connections");
        assertThat(snapshot.internet()).isTrue();
        assertThat(snapshot.version()).isEqualTo(7);
        assertThat(snapshot.origin()).isEqualTo("settings");
        assertThat(snapshot.name()).hasSize(8).isEqualTo(snapshot.digest().substring(0, 8));
        assertThat(snapshot.internalBlocks()).containsExactly(Cidr.parse("10.1.0.0/16"));
        assertThat(snapshot.isUserContent(".github.com")).isTrue();
        assertThat(snapshot.isUserContent(".githubassets.com")).isFalse();
        assertThat(snapshot().agent()).isNull();
    }

    @Test
    void cannotBeMadeWithAnotherDigestOrAnotherText() {
        assertThatThrownBy(() -> new Snapshot("0".repeat(64), GOLDEN))
                .hasMessageContaining("SHA-256");
        assertThatThrownBy(() -> new Snapshot(GOLDEN_DIGEST, GOLDEN + " "))
                .hasMessageContaining("canonical");
        assertThatThrownBy(() -> new Snapshot("", "")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSwappedOctetIsNoticed() {
        String changed = GOLDEN.replace("db.example:5432", "db.example:5433");
        assertThatThrownBy(() -> new Snapshot(GOLDEN_DIGEST, changed))
                .hasMessageContaining("was changed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {}                                                                                     | "format" is missing
                    {"format":2,"org":"a","internet-access":true,"level":"none"}                           | format: must be
                    {"format":"1","org":"a","internet-access":true,"level":"none"}                         | format: must be
                    {"format":1,"internet-access":true,"level":"none"}                                     | "org" is missing
                    {"format":1,"org":"../x","internet-access":true,"level":"none"}                        | org: "../x"
                    {"format":1,"org":"a","level":"none"}                                                  | "internet-access" is missing
                    {"format":1,"org":"a","internet-access":true}                                          | "level" is missing
                    {"format":1,"org":"a","internet-access":true,"level":"none","x":1}                     | x: this key is not known
                    {"format":1,"org":"a","internet-access":true,"level":"none","org":"b"}                 | stands here twice
                    {"format":1,"org":"a","internet-access":true,"level":"none","version":-1}              | version: must be
                    {"format":1,"org":"a","internet-access":true,"level":"none","origin":"A b"}            | origin: must be
                    {"format":1,"org":"a","internet-access":true,"level":"none","allow":["*"]}             | allow[0]:
                    {"format":1,"org":"a","internet-access":true,"level":"none","allow":[7]}               | allow[0]: is a number
                    {"format":1,"org":"a","internet-access":true,"level":"none","internal":{".c.example":["169.254.169.254"]}} | never metadata
                    {"format":1,"org":"a","internet-access":true,"level":"package-managers"}               | needs the entries
                    {"format":1,"org":"a","internet-access":true,"level":"all","presets":{"p":{"version":1,"groups":{}}}} | leave them out
                    {"format":1,"org":"a","internet-access":true,"level":"connections","presets":{"P":{"version":1,"groups":{}}}} | presets.P:
                    {"format":1,"org":"a","internet-access":true,"level":"connections","presets":{"p":{"groups":{}}}} | "version" is missing
                    {"format":1,"org":"a","internet-access":true,"level":"connections","presets":{"p":{"version":1,"groups":{"g":["..x"]}}}} | presets.p.groups.g[0]:
                    [1]                                                                                    | must hold keys
                    7                                                                                      | must hold keys
                    """)
    void refusesWithTheFieldThatIsWrong(String json, String complaint) {
        assertThatThrownBy(() -> Snapshot.parse(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void everyTruncationIsRefusedWithASentence() {
        for (int length = 0; length < GOLDEN.length(); length++) {
            String cut = GOLDEN.substring(0, length);
            assertThatThrownBy(() -> Snapshot.parse(cut))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("(?s).+");
        }
    }

    @Test
    void aMutatedTextIsReadOrRefusedAndNothingElse() {
        Random random = new Random(20_260_503);
        int refused = 0;
        for (int round = 0; round < 5_000; round++) {
            byte[] octets = GOLDEN.getBytes(StandardCharsets.UTF_8);
            for (int i = random.nextInt(3); i >= 0; i--) {
                octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
            }
            String text = new String(octets, StandardCharsets.UTF_8);
            try {
                Snapshot snapshot = Snapshot.parse(text);
                assertThat(Snapshot.parse(snapshot.json())).isEqualTo(snapshot);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(2_500);
    }

    @Test
    void swappedPiecesAreReadOrRefusedAndNothingElse() {
        Random random = new Random(7);
        String[] pieces = {
            "{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1", "1e9", "\\u0000", "\"org\"",
            "{\"a\":", "*"
        };
        for (int round = 0; round < 5_000; round++) {
            StringBuilder text = new StringBuilder(GOLDEN);
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextInt(text.length());
                int end = Math.min(text.length(), at + random.nextInt(20));
                text.replace(at, end, pieces[random.nextInt(pieces.length)]);
            }
            try {
                Snapshot snapshot = Snapshot.parse(text.toString());
                assertThat(snapshot.policy()).isNotNull();
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    none                | www.ruby-lang.org   | deny
                    none                | github.com          | deny
                    connections         | github.com          | allow
                    connections         | api.github.com      | allow
                    connections         | www.ruby-lang.org   | deny
                    package-managers    | www.ruby-lang.org   | allow
                    package-managers    | forge.rust-lang.org | allow
                    package-managers    | github.com          | deny
                    common-dependencies | www.ruby-lang.org   | allow
                    common-dependencies | github.com          | allow
                    common-dependencies | evilgithub.com      | deny
                    common-dependencies | www.example.net     | deny
                    all                 | www.example.net     | allow
                    """)
    void judgesByItsLevel(String level, String name, String verdict) {
        Policy.Verdict judged = level(Level.parse(level)).policy().judge(WireName.parse(name));
        assertThat(judged instanceof Policy.Allow).isEqualTo(verdict.equals("allow"));
    }

    @Test
    void customDomainsAddToTheLevelAndDenialsBeatBoth() {
        Policy policy = snapshot().policy();
        assertThat(policy.judge(WireName.parse("x.a.example")))
                .isInstanceOfSatisfying(
                        Policy.Allow.class,
                        allow -> {
                            assertThat(allow.pattern()).isEqualTo("*.a.example");
                            assertThat(allow.source()).isEqualTo("custom domain");
                            assertThat(allow.ports())
                                    .containsExactlyInAnyOrder(6 << 16 | 443, 17 << 16 | 443);
                        });
        assertThat(policy.judge(WireName.parse("db.example")))
                .isInstanceOfSatisfying(
                        Policy.Allow.class,
                        allow -> assertThat(allow.ports()).containsExactly(6 << 16 | 5432));
        assertThat(policy.judge(WireName.parse("gist.github.com")))
                .isInstanceOfSatisfying(
                        Policy.Allow.class,
                        allow ->
                                assertThat(allow.source())
                                        .isEqualTo("preset connections, group github"));
        assertThat(policy.judge(WireName.parse("a.example"))).isInstanceOf(Policy.Deny.class);
        Policy denying =
                Snapshot.of(
                                "acme",
                                null,
                                1,
                                "settings",
                                Settings.forImportedOrg()
                                        .with(new Change.Deny(Settings.patterns(".bad.example"))),
                                PRESETS)
                        .policy();
        assertThat(denying.judge(WireName.parse("x.bad.example")))
                .isInstanceOfSatisfying(
                        Policy.Deny.class,
                        deny -> assertThat(deny.reason()).isEqualTo(Policy.Reason.DENIED_DOMAIN));
    }

    @Test
    void internetOffDeniesEverything() {
        Settings off =
                settings().with(new Change.SetInternet(false)).with(new Change.SetLevel(Level.ALL));
        Snapshot snapshot = Snapshot.of("acme", null, 1, "settings", off, PRESETS);
        assertThat(snapshot.internet()).isFalse();
        assertThat(snapshot.policy().judge(WireName.parse("x.a.example")))
                .isInstanceOfSatisfying(
                        Policy.Deny.class,
                        deny -> assertThat(deny.reason()).isEqualTo(Policy.Reason.INTERNET_OFF));
    }

    @Test
    void labelsItsPolicyWithOrgLevelAndName() {
        assertThat(snapshot().rules().label())
                .isEqualTo("org acme, level connections, snapshot " + snapshot().name());
        assertThat(snapshot().rules().types()).containsExactlyInAnyOrder(1, 28);
        assertThat(snapshot().rules().ancestors()).isEqualTo(Ancestors.NODATA);
        assertThat(snapshot().rules().internal()).hasSize(1);
        assertThat(snapshot().rules().emergency()).isEmpty();
    }

    @Test
    void isOneObjectWhoeverToldIt() {
        Snapshot one = snapshot();
        assertThat(Snapshot.parse(one.json())).isSameAs(one);
        assertThat(snapshot()).isSameAs(one);
    }

    @Test
    void compilesOnceForEachDigest() {
        Snapshot one = snapshot();
        assertThat(Snapshot.parse(one.json()).policy()).isSameAs(one.policy());
        assertThat(level(Level.ALL).policy()).isNotSameAs(one.policy());
    }
}
