package io.sallyport.sync.proposal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.proposal.Proposal.Item;
import io.sallyport.sync.proposal.Proposal.Kind;
import io.sallyport.sync.proposal.Proposal.Seen;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.settings.Settings.Risk;
import io.sallyport.sync.traffic.Traffic;
import io.sallyport.sync.traffic.Traffic.Asked;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProposalTest {
    private static final Presets PRESETS = Presets.shipped();
    private static final Instant DAY = Instant.parse("2026-05-01T00:00:00Z");

    private static Traffic traffic(String names) {
        List<Asked> asked = new ArrayList<>();
        for (String name : names.split(" ", -1)) {
            asked.add(new Asked(name, 1, DAY, DAY));
        }
        return Traffic.of(asked);
    }

    private static Proposal propose(Settings settings, String names) {
        return propose(settings, traffic(names), NOBODY);
    }

    private static final Traffic NOBODY = Traffic.of(List.of());

    private static Proposal propose(Settings settings, Traffic observed, Traffic answered) {
        Proposal.Seeking seeking = new Proposal.Seeking(observed, answered);
        return Proposal.of("acme", settings, List.of(), seeking, PRESETS);
    }

    private static List<String> values(Proposal proposal) {
        return proposal.items().stream().map(Item::value).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    none | a.example.com | a.example.com
                    none | a.example.com b.example.com c.example.com d.example.com | a.example.com b.example.com c.example.com d.example.com
                    none | a.example.com b.example.com c.example.com d.example.com e.example.com | *.example.com
                    none | example.com b.example.com c.example.com d.example.com e.example.com f.example.com | .example.com
                    none | example.com b.example.com c.example.com d.example.com e.example.com | b.example.com c.example.com d.example.com e.example.com example.com
                    none | a.eu.example.com b.eu.example.com c.eu.example.com d.eu.example.com e.eu.example.com www.example.com | *.eu.example.com www.example.com
                    none | a.co.uk b.co.uk c.co.uk d.co.uk e.co.uk | a.co.uk b.co.uk c.co.uk d.co.uk e.co.uk
                    none | a.github.io b.github.io c.github.io d.github.io e.github.io | a.github.io b.github.io c.github.io d.github.io e.github.io
                    none | a.pastebin.com b.pastebin.com c.pastebin.com d.pastebin.com e.pastebin.com | a.pastebin.com b.pastebin.com c.pastebin.com d.pastebin.com e.pastebin.com
                    none | a.amazonaws.com b.amazonaws.com c.amazonaws.com d.amazonaws.com e.amazonaws.com | a.amazonaws.com b.amazonaws.com c.amazonaws.com d.amazonaws.com e.amazonaws.com
                    none | www.ruby-lang.org www.swift.org | www.ruby-lang.org www.swift.org
                    none | www.ruby-lang.org www.swift.org www.nodejs.org | package-managers
                    none | www.ruby-lang.org www.swift.org www.nodejs.org a.example.com | package-managers a.example.com
                    none | github.com api.github.com codeload.github.com raw.githubusercontent.com | api.github.com codeload.github.com github.com raw.githubusercontent.com
                    package-managers | www.ruby-lang.org docs.google.com drive.google.com mail.google.com | docs.google.com drive.google.com mail.google.com
                    package-managers | www.ruby-lang.org | -
                    package-managers | www.google.com www.azure.com www.oracle.com www.python.org | www.azure.com www.google.com www.oracle.com
                    package-managers | www.google.com www.azure.com www.oracle.com www.rvm.io www.python.org | common-dependencies www.python.org
                    common-dependencies | www.python.org nixos.org astral.sh | astral.sh nixos.org www.python.org
                    all | a.example.com | none a.example.com
                    all | www.ruby-lang.org www.nodejs.org www.gradle.org | package-managers
                    """)
    void proposesTheSmallestListThatLetsTheNamesThrough(
            String level, String names, String expected) {
        Proposal proposal = propose(Settings.of(Level.parse(level)), names);
        assertThat(String.join(" ", values(proposal)))
                .isEqualTo(expected.equals("-") ? "" : expected);
        assertThat(proposal.leftOut()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    paste.example.net     | denied-domain
                    dns.google            | public-resolver
                    printer.local         | special-name
                    db.internal           | special-name
                    localhost             | special-name
                    1.0.0.10.in-addr.arpa | special-name
                    co.uk                 | suffix
                    com                   | suffix
                    fileserver            | suffix
                    *.example.com         | no-host-name
                    a\\.b.example.com     | no-host-name
                    """)
    void leavesOutWhatAListCannotOrMustNotOpen(String name, String reason) {
        Settings settings =
                Settings.of(Level.NONE)
                        .with(new Change.Deny(Settings.patterns(".paste.example.net")));
        Proposal proposal = propose(settings, name.replace("\\\\", "\\") + " a.example.com");
        assertThat(values(proposal)).containsExactly("a.example.com");
        assertThat(proposal.leftOut())
                .singleElement()
                .satisfies(left -> {
                    assertThat(left.name()).isEqualTo(name.replace("\\\\", "\\"));
                    assertThat(left.reason().text()).isEqualTo(reason);
                    assertThat(left.reason().sentence()).isNotBlank();
                });
    }

    @Test
    void internetThatIsOffStaysOff() {
        Settings off = Settings.of(Level.ALL).with(new Change.SetInternet(false));
        Proposal proposal = propose(off, "a.example.com");
        assertThat(proposal.changes()).isEmpty();
        assertThat(proposal.settings()).isEqualTo(off);
        assertThat(proposal.leftOut())
                .extracting(left -> left.reason().text())
                .containsExactly("internet-off");
    }

    @Test
    void nothingSeenProvesNothingNotEvenAtLevelAll() {
        Proposal proposal = propose(Settings.of(Level.ALL), NOBODY, NOBODY);
        assertThat(proposal.changes()).isEmpty();
        assertThat(proposal.items()).isEmpty();
    }

    @Test
    void namesThatTheOrgNamedItselfMayBeSpecial() {
        Settings settings =
                Settings.of(Level.NONE).with(new Change.Allow(Settings.patterns(".corp.internal")));
        Proposal proposal = propose(settings, "db.corp.internal");
        assertThat(proposal.changes()).isEmpty();
        assertThat(proposal.allowed()).extracting(Seen::name).containsExactly("db.corp.internal");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    all              | | a.example.com www.ruby-lang.org www.gradle.org www.nodejs.org | package-managers a.example.com
                    package-managers | www.azure.com www.google.com www.oracle.com www.rvm.io | www.python.org | common-dependencies www.python.org
                    package-managers | a.example.com | closed.example.net www.python.org | a.example.com
                    none             | | closed.example.net | ''
                    """)
    void keepsWhatWasAnsweredAndIsStillOpen(
            String level, String observed, String answered, String expected) {
        Proposal proposal =
                propose(
                        Settings.of(Level.parse(level)),
                        observed == null ? NOBODY : traffic(observed),
                        traffic(answered));
        assertThat(String.join(" ", values(proposal))).isEqualTo(expected);
        assertThat(proposal.leftOut()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"none, closed.example.net", "all, ''", "package-managers, www.google.com"})
    void neverProposesWhatIsDeniedInAnEmergency(String level, String observed) {
        List<Policy.Entry> emergency =
                List.of(
                        new Policy.Entry(DomainPattern.parse(".example.net"), "platform"),
                        new Policy.Entry(DomainPattern.parse("www.google.com"), "org acme"));
        Proposal proposal =
                Proposal.of(
                        "acme",
                        Settings.of(Level.parse(level)),
                        emergency,
                        new Proposal.Seeking(
                                traffic(("a.example.com " + observed).strip()),
                                traffic("b.example.com closed.example.net www.google.com")),
                        PRESETS);
        assertThat(values(proposal)).contains("a.example.com");
        assertThat(Document.canonical(proposal.settings().document()))
                .doesNotContain("example.net", "google");
        assertThat(proposal.leftOut())
                .extracting(left -> left.name() + " " + left.reason().text())
                .containsExactlyElementsOf(
                        observed.isEmpty() ? List.of() : List.of(observed + " emergency"));
    }

    @Test
    void namesThatFoundNoPlaceInTheRecordAreToldOf() {
        Traffic traffic =
                Traffic.of(
                        List.of(
                                new Asked("a.example.com", 1, DAY, DAY),
                                new Asked("(other names)", 70, DAY, DAY)));
        assertThat(propose(Settings.of(Level.NONE), traffic, NOBODY).leftOut())
                .extracting(left -> left.reason().text())
                .containsExactly("not-recorded");
    }

    @Test
    void flagsHostsWhereAnyoneMayPublishAndAsksForAWord() {
        Proposal proposal =
                propose(
                        Settings.of(Level.NONE),
                        "docs.google.com me.github.io a.example.com s3.amazonaws.com");
        assertThat(proposal.items())
                .extracting(Item::value, Item::userContent)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a.example.com", false),
                        org.assertj.core.groups.Tuple.tuple("docs.google.com", true),
                        org.assertj.core.groups.Tuple.tuple("me.github.io", true),
                        org.assertj.core.groups.Tuple.tuple("s3.amazonaws.com", true));
        assertThat(proposal.items().get(0).notes()).isEmpty();
        assertThat(proposal.items().get(1).notes().getFirst()).contains("data can leave");
        assertThat(proposal.risks())
                .extracting(Risk::pattern)
                .containsExactly("docs.google.com", "me.github.io", "s3.amazonaws.com");
    }

    @Test
    void aWildcardSaysWhatItMeansAndATunnelLooksLikeOne() {
        String hosts =
                String.join(
                        " ",
                        IntStream.range(0, UserContent.LIKE_A_TUNNEL)
                                .mapToObj(i -> "x" + i + ".example.com")
                                .toList());
        Item wildcard = propose(Settings.of(Level.NONE), hosts).items().getFirst();
        assertThat(wildcard.kind()).isEqualTo(Kind.WILDCARD);
        assertThat(wildcard.notes())
                .anyMatch(note -> note.contains("whoever runs example.com can be told things"))
                .anyMatch(note -> note.contains("tunnel"));
    }

    @Test
    void anotherLevelSaysWhatItDoesNotHave() {
        Item level =
                propose(
                                Settings.of(Level.PACKAGE_MANAGERS),
                                "www.google.com www.azure.com www.oracle.com")
                        .items()
                        .getFirst();
        assertThat(level.kind()).isEqualTo(Kind.LEVEL);
        assertThat(level.names())
                .extracting(Seen::name)
                .containsExactly("www.azure.com", "www.google.com", "www.oracle.com");
        assertThat(level.notes())
                .anyMatch(note -> note.contains("domains of level package-managers"))
                .anyMatch(note -> note.contains("anyone may publish"));
    }

    @Test
    void theListIsNeverLongerThanAListMayBe() {
        List<DomainPattern> many =
                IntStream.range(0, Settings.MAX_PATTERNS - 1)
                        .mapToObj(i -> DomainPattern.parse("h" + i + ".example.com"))
                        .toList();
        Settings settings = Settings.of(Level.NONE).with(new Change.Allow(many));
        Proposal proposal =
                propose(
                        settings,
                        Traffic.of(
                                List.of(
                                        new Asked("often.example.net", 5, DAY, DAY),
                                        new Asked("rare.example.org", 1, DAY, DAY))),
                        NOBODY);
        assertThat(values(proposal)).containsExactly("often.example.net");
        assertThat(proposal.leftOut())
                .extracting(left -> left.reason().text())
                .containsExactly("list-full");
    }

    @Test
    void theDocumentHasTheSettingsToBePutAndTheCodesToConfirm() {
        Proposal proposal = propose(Settings.of(Level.NONE), "docs.google.com dns.google");
        String json = Document.canonical(proposal.document());
        assertThat(json)
                .contains("\"kind\":\"name\"", "\"value\":\"docs.google.com\"")
                .contains("\"user-content\":true", "\"reason\":\"public-resolver\"")
                .contains("\"code\":\"user-content\"", "\"changed\":true");
        Document.Fields settings = Document.json(json).fields().required("settings").fields();
        assertThat(Settings.read(settings)).isEqualTo(proposal.settings());
    }
}
