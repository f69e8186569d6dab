package io.sallyport.sync.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Difference;
import io.sallyport.sync.settings.Settings.Internal;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.settings.Settings.Port;
import io.sallyport.sync.settings.Settings.RecordType;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
    private static final Settings NEW = Settings.forNewOrg();

    @Test
    void newOrgHasPackageManagersAndTheDefaults() {
        assertThat(NEW.internet()).isTrue();
        assertThat(NEW.level()).isEqualTo(Level.PACKAGE_MANAGERS);
        assertThat(NEW.allow()).isEmpty();
        assertThat(NEW.deny()).isEmpty();
        assertThat(NEW.ports())
                .extracting(Port::toString)
                .containsExactly("tcp/22", "tcp/80", "tcp/443", "udp/443");
        assertThat(NEW.types())
                .extracting(RecordType::toString)
                .containsExactly("A", "CNAME", "PTR", "AAAA");
        assertThat(NEW.ancestors()).isEqualTo(Ancestors.NXDOMAIN);
    }

    @Test
    void importedOrgKeepsEveryDomain() {
        assertThat(Settings.forImportedOrg()).isEqualTo(NEW.with(new Change.SetLevel(Level.ALL)));
    }

    @ParameterizedTest
    @CsvSource({
        "none,NONE",
        "connections,CONNECTIONS",
        "package-managers,PACKAGE_MANAGERS",
        "common-dependencies,COMMON_DEPENDENCIES",
        " ALL ,ALL"
    })
    void readsLevels(String text, Level level) {
        assertThat(Level.parse(text)).isEqualTo(level);
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void levelsAreReadBackFromTheirText(Level level) {
        assertThat(Level.parse(level.text())).isEqualTo(level);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "package_managers", "everything"})
    void namesTheLevelsWhereOneIsUnknown(String text) {
        assertThatThrownBy(() -> Level.parse(text))
                .hasMessageContaining(
                        "none, connections, package-managers, common-dependencies, all");
    }

    @ParameterizedTest
    @CsvSource({
        "tcp/443,tcp/443",
        "UDP/53,udp/53",
        "8080,tcp/8080",
        "443/udp,udp/443",
        "tcp/65535,tcp/65535",
        "1,tcp/1"
    })
    void readsPorts(String text, String canonical) {
        assertThat(Port.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "65536",
                "tcp",
                "tcp/",
                "sctp/1",
                "tcp/1/tcp",
                "1-2",
                "-1",
                "tcp/٤"
            })
    void refusesOtherPorts(String text) {
        assertThatThrownBy(() -> Port.parse(text)).hasMessageContaining("tcp/443 or udp/443");
    }

    @Test
    void packsPortsAsTheResolverReadsThem() {
        assertThat(Port.parse("tcp/443").packed()).isEqualTo(6 << 16 | 443);
        assertThat(Port.parse("udp/443").packed()).isEqualTo(17 << 16 | 443);
    }

    @ParameterizedTest
    @CsvSource({
        "a,1,A",
        "AAAA,28,AAAA",
        "TXT,16,TXT",
        "TYPE33,33,SRV",
        "type1234,1234,TYPE1234",
        "https,65,HTTPS"
    })
    void readsRecordTypes(String text, int number, String canonical) {
        assertThat(RecordType.parse(text)).isEqualTo(new RecordType(number)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ANY",
                "AXFR",
                "TYPE255",
                "TYPE252",
                "TYPE41",
                "TYPE0",
                "TYPE65535",
                "TYPE99999",
                "B"
            })
    void refusesOtherRecordTypes(String text) {
        assertThatThrownBy(() -> RecordType.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    .corp.example=10.1.0.0/16            | .corp.example=10.1.0.0/16
                    db.corp.example=192.168.3.4          | db.corp.example=192.168.3.4/32
                    *.x.example=172.16.0.0/12,10.0.0.0/8 | *.x.example=172.16.0.0/12,10.0.0.0/8
                    .v.example=100.64.0.0/24             | .v.example=100.64.0.0/24
                    """)
    void readsInternalDomains(String text, String canonical) {
        assertThat(Internal.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    .c.example                        | equals sign
                    .c.example=                       | 1 to 16
                    .c.example=169.254.169.254        | never metadata
                    .c.example=169.254.0.0/16         | never metadata
                    .c.example=fe80::/10              | never metadata
                    .c.example=127.0.0.1              | never metadata
                    .c.example=::1                    | never metadata
                    .c.example=0.0.0.0/0              | private address space
                    .c.example=::/0                   | private address space
                    .c.example=8.8.8.8                | private address space
                    .c.example=::ffff:169.254.169.254 | never metadata
                    .c.example=224.0.0.0/4            | private address space
                    .c.example=fd00::/8               | metadata service
                    .c.example=fd00:ec2::/32          | metadata service
                    .c.example=fd00:c1::/32           | metadata service
                    .c.example=100.64.0.0/10          | metadata service
                    .c.example=10.0.0.1/8             | host bits
                    .c.example:443=10.0.0.0/8         | no port here
                    c..example=10.0.0.0/8             | c..example
                    """)
    void refusesInternalDomainsThatCouldReachMore(String text, String complaint) {
        assertThatThrownBy(() -> Internal.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void listsAreSortedAndWithoutRepetition() {
        Settings one =
                NEW.with(
                        new Change.Allow(
                                patterns("b.example, .a.example, b.example, *.a.example")));
        Settings other =
                NEW.with(new Change.Allow(patterns("*.a.example b.example")))
                        .with(new Change.Allow(patterns(".a.example")));
        assertThat(one).isEqualTo(other);
        assertThat(one.allow())
                .extracting(DomainPattern::toString)
                .containsExactly("*.a.example", ".a.example", "b.example");
    }

    @Test
    void aListWithOneBadEntryIsRefusedWholeAndTheEntryIsNamed() {
        assertThatThrownBy(() -> Settings.patterns("good.example, bad..example, fine.example"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bad..example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ", ,\n"})
    void anEmptyListIsRefused(String text) {
        assertThatThrownBy(() -> Settings.patterns(text)).hasMessageContaining("no domain");
    }

    @Test
    void aPatternMayStandOnBothListsAndRemoveTakesItFromBoth() {
        Settings both =
                NEW.with(new Change.Allow(patterns("a.example b.example")))
                        .with(new Change.Deny(patterns("a.example")));
        Settings removed = both.with(new Change.Remove(patterns("a.example")));
        assertThat(removed).isEqualTo(NEW.with(new Change.Allow(patterns("b.example"))));
    }

    @Test
    void aPatternWithAPortIsAnotherThanTheOneWithout() {
        Settings settings =
                NEW.with(new Change.Allow(patterns("db.example:5432 db.example")))
                        .with(new Change.Remove(patterns("db.example")));
        assertThat(settings.allow())
                .extracting(DomainPattern::toString)
                .containsExactly("db.example:5432");
    }

    @Test
    void aDeniedDomainHasNoPort() {
        assertThatThrownBy(() -> NEW.with(new Change.Deny(patterns("db.example:5432"))))
                .hasMessageContaining("no port");
    }

    @Test
    void portsAndTypesCannotBeEmptied() {
        assertThatThrownBy(() -> NEW.with(new Change.SetPorts(List.of())))
                .hasMessageContaining("ports");
        assertThatThrownBy(() -> NEW.with(new Change.SetTypes(List.of())))
                .hasMessageContaining("types");
    }

    @Test
    void listsAreBounded() {
        List<DomainPattern> many =
                IntStream.rangeClosed(0, Settings.MAX_PATTERNS)
                        .mapToObj(i -> DomainPattern.parse("n" + i + ".example"))
                        .toList();
        assertThatThrownBy(() -> NEW.with(new Change.Allow(many)))
                .hasMessageContaining("the most is 10000");
    }

    @Test
    void anInternalDomainIsReplacedByItsPattern() {
        Settings settings =
                NEW.with(new Change.SetInternal(Internal.parse(".c.example=10.0.0.0/8")))
                        .with(new Change.SetInternal(Internal.parse(".c.example=192.168.0.0/16")));
        assertThat(settings.internal()).hasToString("[.c.example=192.168.0.0/16]");
        assertThat(settings.with(new Change.RemoveInternal(DomainPattern.parse(".c.example"))))
                .isEqualTo(NEW);
    }

    @Test
    void aChangeThatChangesNothingGivesEqualSettings() {
        Settings settings = NEW.with(new Change.Allow(patterns("a.example")));
        assertThat(settings.with(new Change.Allow(patterns("A.Example.")))).isEqualTo(settings);
        assertThat(settings.with(new Change.SetInternet(true))).isEqualTo(settings);
        assertThat(
                        settings.with(
                                new Change.SetPorts(
                                        List.of(
                                                Port.parse("udp/443"),
                                                Port.parse("443"),
                                                Port.parse("80"),
                                                Port.parse("22")))))
                .isEqualTo(settings);
        assertThat(settings.since(settings)).isEmpty();
    }

    @Test
    void tellsWhatCameAndWent() {
        Settings before = NEW.with(new Change.Allow(patterns("a.example b.example")));
        Settings after =
                before.with(new Change.SetInternet(false))
                        .with(new Change.SetLevel(Level.NONE))
                        .with(new Change.Remove(patterns("a.example")))
                        .with(new Change.Allow(patterns("c.example")))
                        .with(new Change.SetAncestors(Ancestors.NODATA));
        assertThat(after.since(before))
                .containsExactly(
                        new Difference("internet-access", List.of("on"), List.of("off")),
                        new Difference("level", List.of("package-managers"), List.of("none")),
                        new Difference("allow", List.of("a.example"), List.of("c.example")),
                        new Difference("ancestors", List.of("nxdomain"), List.of("nodata")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    *.github.io       | -              | .github.io
                    .github.io        | -              | .github.io
                    *.acme.github.io  | -              | -
                    x.example         | .example.org   | -
                    a.example.org     | .example.org   | deny wins
                    *.a.example.org   | *.example.org  | deny wins
                    .example.org      | *.example.org  | -
                    example.org       | *.example.org  | -
                    """)
    void warnsOfWhatIsAllowedAndPerhapsNotMeant(String allow, String deny, String warning) {
        Settings settings = NEW.with(new Change.Allow(patterns(allow)));
        if (deny != null) {
            settings = settings.with(new Change.Deny(patterns(deny)));
        }
        if (warning == null) {
            assertThat(settings.warnings()).isEmpty();
        } else {
            assertThat(settings.warnings())
                    .singleElement()
                    .asString()
                    .contains(allow)
                    .contains(warning);
        }
    }

    @Test
    void warnsOfAnInternalDomainThatNothingAllows() {
        Settings settings =
                NEW.with(new Change.SetInternal(Internal.parse("db.corp.example=10.0.0.0/8")));
        assertThat(settings.warnings()).singleElement().asString().contains("db.corp.example");
        assertThat(settings.with(new Change.Allow(patterns(".corp.example"))).warnings()).isEmpty();
        assertThat(settings.with(new Change.SetLevel(Level.ALL)).warnings())
                .noneMatch(warning -> warning.contains("internal domain"));
    }

    @Test
    void saysWhatLevelAllMeansAsLongAsItIsInForce() {
        assertThat(Settings.forImportedOrg().warnings())
                .singleElement()
                .asString()
                .contains("planted instruction", "code and secrets", "malware", "licence");
        assertThat(Settings.forImportedOrg().with(new Change.SetInternet(false)).warnings())
                .isEmpty();
        assertThat(NEW.warnings()).isEmpty();
    }

    @Test
    void isReadBackFromItsDocument() {
        Settings settings =
                NEW.with(new Change.Allow(patterns("*.a.example db.example:5432")))
                        .with(new Change.Deny(patterns(".bad.example")))
                        .with(
                                new Change.SetInternal(
                                        Internal.parse(".c.example=10.0.0.0/8,192.168.0.0/16")))
                        .with(
                                new Change.SetTypes(
                                        List.of(
                                                RecordType.parse("TXT"),
                                                RecordType.parse("TYPE999"))))
                        .with(new Change.SetAncestors(Ancestors.NODATA));
        String json = Document.canonical(settings.document());
        Document.Fields fields = Document.json(json).fields();
        assertThat(Settings.read(fields)).isEqualTo(settings);
        fields.end();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"level":"none"}                                                     | "internet-access" is missing
                    {"internet-access":true}                                             | "level" is missing
                    {"internet-access":"yes","level":"none"}                             | internet-access: must be on or off
                    {"internet-access":true,"level":"some"}                              | level: "some" is not a level
                    {"internet-access":true,"level":"none","allow":"a.example"}          | allow: is text, but must be a list
                    {"internet-access":true,"level":"none","allow":["a.example","b..c"]} | allow[1]:
                    {"internet-access":true,"level":"none","ports":[0]}                  | ports[0]:
                    {"internet-access":true,"level":"none","ports":[]}                   | at least one
                    {"internet-access":true,"level":"none","types":["ANY"]}              | types[0]:
                    {"internet-access":true,"level":"none","ancestors":"servfail"}       | write nxdomain or nodata
                    {"internet-access":true,"level":"none","internal":{".c.example":[]}} | internal..c.example:
                    {"internet-access":null,"level":"none"}                              | internet-access: must be on or off
                    """)
    void refusesADocumentWithTheFieldThatIsWrong(String json, String complaint) {
        assertThatThrownBy(() -> Settings.read(Document.json(json).fields()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(complaint);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "acme", "Acme-1.prod_2", "0", "0b6f2a0e-8f0b-4c53-9df4-9a4bd4d0f1c2"})
    void takesNamesOfOrgs(String name) {
        assertThat(Settings.org(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "-a",
                "a/b",
                "a b",
                "a\n",
                "ä",
                "../etc",
                "a\u0000",
                "\u001b[31m"
            })
    void refusesNamesThatCouldMeanSomethingElsewhere(String name) {
        assertThatThrownBy(() -> Settings.org(name))
                .hasMessageContaining("name of an org")
                .message()
                .doesNotContainPattern("\\p{Cntrl}");
        assertThatThrownBy(() -> Settings.agent(name)).hasMessageContaining("name of an agent");
    }

    private static List<DomainPattern> patterns(String text) {
        return Settings.patterns(text);
    }
}
