package io.sallyport.sync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.decision.Decisions.Decision;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.store.Database;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The org, agent and explain commands as a person runs them. */
final class SettingsCommandsTest {
    @TempDir private Path temporary;

    private Path data;

    /** What a command left behind. */
    private record Ran(int exit, String out, String err) {}

    @BeforeEach
    void createAnOrg() {
        data = temporary.resolve("data");
        assertThat(run("org create acme").exit()).isZero();
    }

    /** Words separated by spaces; {@code --data} is added. */
    private Ran run(String words) {
        return run(List.of(words.split(" ", -1)));
    }

    private Ran run(List<String> words) {
        List<String> arguments = new ArrayList<>(words);
        arguments.addAll(List.of("--data", data.toString()));
        return runAsIs(arguments);
    }

    /** For commands that need no installation. */
    private static Ran runPlain(String words) {
        return runAsIs(List.of(words.split(" ", -1)));
    }

    private static Ran runAsIs(List<String> arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
            int exit = Cli.run(arguments.toArray(String[]::new));
            return new Ran(
                    exit,
                    printed.toString(StandardCharsets.UTF_8),
                    complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private Document.Fields json(String words) {
        Ran ran = run(words + " --json");
        assertThat(ran.exit()).as(ran.err()).isZero();
        return Document.json(ran.out().strip()).fields();
    }

    @Test
    void aNewOrgHasPackageManagersAndAnImportedOneAllDomains() {
        assertThat(run("org show acme").out())
                .contains("internet access   on", "package-managers", "none");
        run("org create old --imported");
        assertThat(run("org show old").out())
                .contains("all", "every domain that is not denied", "every port");
        assertThat(run("org list").out().lines()).hasSize(2);
    }

    @Test
    void showNamesWhatALevelContainsAndWhoChangedIt() {
        run(
                List.of(
                        "org",
                        "set",
                        "acme",
                        "--level",
                        "common-dependencies",
                        "--by",
                        "ann",
                        "--why",
                        "builds need it"));
        assertThat(run("org show acme").out())
                .contains(
                        "preset common-dependencies version 1: 71 domains",
                        "preset connections version 1: 3 domains in 1 group\n",
                        "git-hosts, python",
                        "tcp/22, tcp/80, tcp/443, udp/443",
                        "A, CNAME, PTR, AAAA",
                        "by ann: builds need it",
                        "new sessions get ");
    }

    @Test
    void allowTakesListsAndSaysWhatChangedAndForWhom() {
        Ran ran =
                run(
                        List.of(
                                "org",
                                "allow",
                                "acme",
                                "API.Example.com., *.example.org",
                                ".c.example"));
        assertThat(ran.exit()).isZero();
        assertThat(ran.out())
                .contains(
                        "version 2",
                        "allow: + api.example.com",
                        "allow: + *.example.org",
                        "allow: + .c.example")
                .contains("new sessions get this; running sessions keep what they started with");
    }

    @Test
    void allowWarnsOfASharedSuffixOnce() {
        assertThat(run("org allow acme *.github.io --confirm shared-suffix").out())
                .contains("warning: ", "*.github.io");
        assertThat(run("org allow acme a.example").out()).doesNotContain("warning: ");
        assertThat(run("org show acme").out()).contains("warning: ");
    }

    @Test
    void aListWithOneBadEntryChangesNothing() {
        Ran ran = run("org allow acme good.example bad..example other.example");
        assertThat(ran.exit()).isEqualTo(2);
        assertThat(ran.err()).contains("bad..example").hasLineCount(1);
        assertThat(ran.out()).isEmpty();
        assertThat(json("org show acme").required("version").number(1, 1)).isEqualTo(1);
    }

    @Test
    void removeTakesFromEitherList() {
        run("org allow acme a.example");
        run("org deny acme b.example");
        assertThat(run("org remove acme a.example b.example").out())
                .contains("allow: - a.example", "deny: - b.example");
    }

    @Test
    void removeSaysWhatItDidNotFind() {
        run("org allow acme a.example");
        assertThat(run("org remove acme a.example aa.example").out())
                .contains("allow: - a.example", "warning: aa.example was on neither list")
                .doesNotContain("warning: a.example");
        assertThat(run("org remove acme aa.example").out())
                .contains("nothing changed", "aa.example was on neither list");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org remove acme a.example",
                "org set acme --level package-managers",
                "org set acme --internet on",
                "org set acme --port default --type default",
                "org set acme --ancestors nxdomain",
                "org set acme --internal .c.example="
            })
    void aChangeThatChangesNothingSaysSo(String words) {
        Ran ran = run(words);
        assertThat(ran.exit()).isZero();
        assertThat(ran.out()).startsWith("nothing changed").contains("version 1");
    }

    @Test
    void setChangesAllOfItInOneVersion() {
        run(
                "org set acme --internet off --level none --port tcp/443,8443 --type A,TXT --internal .c.example=10.0.0.0/8"
                        + " --internal .d.example=10.1.0.0/16,10.2.0.0/16 --ancestors nodata");
        Document.Fields page = json("org show acme");
        assertThat(page.required("version").number(2, 2)).isEqualTo(2);
        Document.Fields access = page.required("network-access").fields();
        assertThat(access.required("internet-access").flag()).isFalse();
        assertThat(access.required("level").text()).isEqualTo("none");
        assertThat(access.list("ports", Document::text)).containsExactly("tcp/443", "tcp/8443");
        assertThat(access.list("types", Document::text)).containsExactly("A", "TXT");
        assertThat(access.required("internal").fields().rest())
                .containsOnlyKeys(".c.example", ".d.example");
        assertThat(access.required("ancestors").text()).isEqualTo("nodata");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    org show nobody                                      | 1 | sallyport org create nobody
                    org allow nobody a.example                           | 1 | there is no org nobody
                    org create acme                                      | 1 | org acme exists already
                    org create a/b                                       | 2 | cannot be the name of an org
                    org set acme                                         | 2 | nothing to set
                    org set acme --level much                            | 2 | "much" is not a level
                    org set acme --internet maybe                        | 2 | --internet: write on or off
                    org set acme --port 0                                | 2 | "0" is not a port
                    org set acme --type ANY                              | 2 | "ANY"
                    org set acme --internal .c.example=169.254.169.254   | 2 | never metadata
                    org set acme --ancestors servfail                    | 2 | write nxdomain or nodata
                    org set acme --level all --if-version 9              | 1 | at version 1, not 9
                    org allow acme https://a.example/x                   | 2 | a.example
                    org deny acme a.example:80                           | 2 | no port
                    org history acme --last 0                            | 2 | --last
                    org impact acme --level none --names /absent         | 1 | there is no file /absent
                    org impact acme --names /dev/null                    | 2 | nothing to try
                    agent set x --org acme --code-execution maybe        | 2 | --code-execution: write on or off
                    agent set x --org nobody --code-execution off        | 1 | there is no org nobody
                    explain --org acme *.example.com                     | 2 | is not one name
                    explain --org nobody a.example                       | 1 | there is no org nobody
                    explain --org acme --policy-file /absent a.example   | 1 | there is no policy file
                    """)
    void aMistakeIsOneSentenceAndAnExitCode(String words, int exit, String sentence) {
        Ran ran = run(words);
        assertThat(ran.exit()).isEqualTo(exit);
        assertThat(ran.err()).startsWith("sallyport: ").contains(sentence).hasLineCount(1);
        assertThat(ran.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org",
                "org show",
                "org allow acme",
                "org shwo acme",
                "agent set x",
                "explain a.example"
            })
    void aWrongCommandLineIsUsage(String words) {
        assertThat(run(words).exit()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    org set acme --level all            | all-domains   | any public address
                    org allow acme *.github.io          | shared-suffix | every customer of github.io
                    org allow acme gist.github.com      | user-content  | anyone may publish or receive
                    """)
    void aWideChangeIsMadeOnlyWithAWord(String words, String code, String risk) {
        Ran refused = run(words);
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err())
                .startsWith("sallyport: nothing was changed")
                .contains("--confirm " + code + "\n", risk);
        assertThat(run(words + " --confirm everything").exit()).isEqualTo(2);
        assertThat(json("org show acme").required("version").number(1, 9)).isEqualTo(1);

        assertThat(run(words + " --confirm " + code).exit()).isZero();
        assertThat(json("org show acme").required("version").number(1, 9)).isEqualTo(2);
    }

    @Test
    void rollbackBringsAnEarlierVersionBackAsANewOne() {
        run("org allow acme a.example");
        run("org set acme --level none");
        assertThat(run(List.of("org", "rollback", "acme", "2", "--by", "ann")).out())
                .contains("version 4", "level: none -> package-managers");
        assertThat(run("org show acme").out()).contains("a.example", "by ann");
        assertThat(run("org rollback acme 2").out()).startsWith("nothing changed");
        Ran unknown = run("org rollback acme 9");
        assertThat(unknown.exit()).isNotZero();
        assertThat(unknown.err()).contains("version 9").hasLineCount(1);
    }

    @Test
    void rollbackToAWideVersionNeedsAWordToo() {
        run("org create old --imported");
        run("org set old --level none");
        assertThat(run("org rollback old 1").err()).contains("--confirm all-domains");
        assertThat(run("org rollback old 1 --confirm all-domains").exit()).isZero();
        assertThat(json("org show old").required("version").number(3, 3)).isEqualTo(3);
    }

    @Test
    void impactTriesAChangeOnNamesAndMakesNone() throws IOException {
        String names =
                names("www.ruby-lang.org 9\nwww.example.net 2\n\n# a comment\nb.example.net\n");
        assertThat(run("org impact acme --level none --allow .example.net --names " + names).out())
                .contains(
                        "newly be allowed: 2 names",
                        "www.example.net",
                        "newly be denied: 1 name\n  www.ruby-lang.org",
                        "9 times",
                        "same as now: 0 names");
        Document.Fields json = json("org impact acme --remove a.example --names " + names);
        assertThat(json.required("unchanged").number(0, 9)).isEqualTo(3);
        run("org set acme --level none");
        assertThat(run("org impact acme --to-version 1 --names " + names).out())
                .contains("newly be allowed: 1 name\n  www.ruby-lang.org");
        assertThat(json("org show acme").required("version").number(2, 2)).isEqualTo(2);
    }

    @Test
    void proposalIsShownAndThenAppliedAsOneChange() throws IOException {
        String names =
                names(
                        """
                        www.ruby-lang.org
                        www.example.net 5
                        gist.github.com
                        dns.google
                        a.cdn.example.org
                        b.cdn.example.org
                        c.cdn.example.org
                        d.cdn.example.org
                        e.cdn.example.org
                        """);
        String proposal = "org proposal acme --names " + names;
        assertThat(run(proposal).out())
                .contains(
                        "open already: 1 name",
                        "+ www.example.net",
                        "+ *.cdn.example.org",
                        "+ gist.github.com",
                        "note: anyone may publish or receive at .github.com",
                        "left out\n  dns.google",
                        "--apply --confirm user-content");
        assertThat(run(proposal + " --apply").err()).contains("--confirm user-content");
        assertThat(run(proposal + " --apply --confirm user-content --why seen").out())
                .contains("version 2", "allow: + *.cdn.example.org", "allow: + gist.github.com");
        assertThat(run(proposal + " --apply").out()).startsWith("nothing to change");
        assertThat(json(proposal).required("changed").flag()).isFalse();
    }

    @Test
    void proposalAndImpactReadWhatNodesReported() throws Exception {
        Instant now = Instant.now();
        try (Database database = Database.open(data)) {
            new Decisions(database, InstantSource.system())
                    .add(
                            "node-1",
                            List.of(
                                    decision("www.example.net", Verdict.OBSERVED, now),
                                    decision("dns.google", Verdict.OBSERVED, now),
                                    decision("www.ruby-lang.org", Verdict.ALLOWED, now),
                                    decision("denied.example.com", Verdict.DENIED, now)));
        }
        assertThat(run("org proposal acme").out())
                .contains("open already: 1 name", "+ www.example.net", "left out\n  dns.google")
                .doesNotContain("denied.example.com", "*");
        assertThat(run("org impact acme --level none --allow denied.example.com --days 1").out())
                .contains(
                        "newly be allowed: 1 name\n  denied.example.com",
                        "newly be denied: 1 name\n  www.ruby-lang.org");
        assertThat(run("org proposal acme --days 0").err()).contains("--days: write a number");
    }

    private static Decision decision(String name, Verdict verdict, Instant at) {
        return new Decision("acme", "s-1", name, verdict, "", 3, at, at);
    }

    @Test
    void presetsAreListedAndShownWithTheirFlags() {
        assertThat(runPlain("preset list").out())
                .contains("package-managers", "common-dependencies", "connections", "version ");
        assertThat(runPlain("preset show common-dependencies").out())
                .contains("with preset connections", "  .pypi.org ", "anyone may publish there")
                .doesNotContain("user-content");
        Ran unknown = runPlain("preset show much");
        assertThat(unknown.exit()).isEqualTo(2);
        assertThat(unknown.err()).contains("package-managers").hasLineCount(1);
        Document.Fields json =
                Document.json(runPlain("preset show connections --json").out().strip()).fields();
        assertThat(json.required("groups").items()).isNotEmpty();
    }

    private String names(String lines) throws IOException {
        return Files.writeString(temporary.resolve("names.txt"), lines).toString();
    }

    @Test
    void historyTellsWhoChangedWhatNewestFirst() {
        run(List.of("org", "allow", "acme", "a.example", "--by", "ann", "--why", "the CRM"));
        run(List.of("org", "set", "acme", "--level", "none", "--by", "bob"));
        String out = run("org history acme").out();
        assertThat(out)
                .containsSubsequence(
                        "version 3, ",
                        " by bob\n",
                        "level: package-managers -> none",
                        "version 2, ",
                        " by ann: the CRM\n",
                        "allow: + a.example",
                        "version 1, ",
                        "  created");
        assertThat(run("org history acme --last 1").out())
                .contains("version 3, ", "level: ")
                .doesNotContain("version 2");
        List<Document> versions =
                Document.json(run("org history acme --json").out().strip()).items();
        assertThat(versions).hasSize(3);
        Document difference =
                versions.getFirst().fields().required("differences").items().getFirst();
        assertThat(difference.fields().required("field").text()).isEqualTo("level");
    }

    @Test
    void jsonOfAChangeTellsWhetherAnythingChanged() {
        assertThat(json("org allow acme a.example").required("changed").flag()).isTrue();
        Document.Fields again = json("org allow acme a.example");
        assertThat(again.required("changed").flag()).isFalse();
        assertThat(again.required("differences").items()).isEmpty();
    }

    @Test
    void agentsAreSwitchedAndListed() {
        assertThat(run("agent list --org acme").out()).contains("all may run code");
        assertThat(run("agent set reporter --org acme --code-execution off --by ann").out())
                .contains("code execution off");
        assertThat(run("agent set reporter --org acme --code-execution off").out())
                .startsWith("nothing changed");
        assertThat(run("agent list --org acme").out()).contains("reporter", "off", "by ann");
        assertThat(
                        json("agent set reporter --org acme --code-execution on")
                                .required("changed")
                                .flag())
                .isTrue();
    }

    @Test
    void theSwitchOfAnAgentIsApartFromTheOrgsSettings() {
        run("org set acme --internet off");
        assertThat(run("agent set reporter --org acme --code-execution on").out())
                .startsWith("nothing changed");
        run("agent set reporter --org acme --code-execution off");
        assertThat(json("org show acme").required("version").number(2, 2)).isEqualTo(2);
        run("org set acme --internet on");
        assertThat(run("agent list --org acme").out()).contains("reporter", "off");
    }

    @Test
    void explainGivesTheCommandThatFixesAndItDoes() {
        Ran denied = run("explain --org acme www.example.net");
        assertThat(denied.exit()).isZero();
        String command =
                denied.out()
                        .lines()
                        .map(String::strip)
                        .filter(line -> line.startsWith("sallyport org allow"))
                        .findFirst()
                        .orElseThrow();
        assertThat(command).isEqualTo("sallyport org allow acme www.example.net --data " + data);
        assertThat(run("org allow acme www.example.net").exit()).isZero();
        assertThat(run("explain --org acme www.example.net").out())
                .startsWith("www.example.net is allowed by www.example.net (custom domain)");
    }

    @Test
    void explainAsJsonHasTheVerdictAndTheSnapshot() {
        Document.Fields page = json("org show acme");
        Document.Fields explained = json("explain --org acme www.ruby-lang.org");
        assertThat(explained.required("verdict").text()).isEqualTo("allow");
        assertThat(explained.required("pattern").text()).isEqualTo(".ruby-lang.org");
        assertThat(explained.required("source").text())
                .isEqualTo("preset package-managers, group ruby");
        assertThat(explained.required("snapshot").text())
                .isEqualTo(page.required("snapshot").text());
    }

    @Test
    void explainReadsAPolicyFile() throws IOException {
        Path file = temporary.resolve("policy.yaml");
        Files.writeString(
                file, "orgs:\n  beta: {internet-access: on, level: none, allow: [a.example]}\n");
        assertThat(run("explain --org beta a.example --policy-file " + file).out())
                .contains("allowed");
        assertThat(run("explain --org beta b.example --policy-file " + file).out())
                .contains("denied", "add \"b.example\" to orgs.beta.allow");
    }
}
