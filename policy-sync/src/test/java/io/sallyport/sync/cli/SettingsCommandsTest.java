package io.sallyport.sync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.cli.Commands.Ran;
import io.sallyport.sync.document.Document;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The org commands as a person runs them. */
final class SettingsCommandsTest extends CommandTest {
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
}
