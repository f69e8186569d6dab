package io.sallyport.sync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.certificates.Certificates;
import io.sallyport.sync.cli.Commands.Ran;
import io.sallyport.sync.config.NodeFile;
import io.sallyport.sync.control.Control;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.decision.Decisions.Decision;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.signin.SignIn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands that work through a control server on TLS, as a person on another host runs them. */
final class ControlCommandTest {
    @TempDir private static Path directory;

    private static DataDirectory data = new DataDirectory(Path.of("."));

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Serving serving;

    private static String url = "";

    @BeforeAll
    static void start() throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.alone("control", "control", "subjectAltName=IP:127.0.0.1,DNS:localhost");
        data = new DataDirectory(directory.resolve("data"));
        serving =
                Serving.start(
                        data,
                        new NodeFile.Control(
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
                                Optional.of(
                                        new NodeFile.Tls(
                                                certificates.certificate("control"),
                                                certificates.key("control"))),
                                Optional.empty(),
                                SignIn.Config.DEFAULT,
                                Control.Limits.DEFAULT,
                                Optional.empty()));
        url = data.endpoints().getOrDefault("control", "");
    }

    @AfterAll
    static void stop() throws IOException {
        serving.close();
        assertThat(data.endpoints()).isEmpty();
    }

    private static Ran remote(String words) {
        return remote(List.of(words.split(" ", -1)), data.adminToken());
    }

    private static Ran remote(List<String> words, Path token) {
        List<String> arguments = new ArrayList<>(words);
        arguments.addAll(
                List.of(
                        "--control",
                        url,
                        "--token-file",
                        token.toString(),
                        "--ca-file",
                        directory.resolve("control.pem").toString()));
        return run(arguments);
    }

    private static Ran run(List<String> arguments) {
        return Commands.run(arguments);
    }

    private static String ok(String words) {
        Ran ran = remote(words);
        assertThat(ran.exit()).as(ran.err()).isZero();
        return ran.out();
    }

    @ParameterizedTest
    @CsvSource({"--listen, --metrics-listen", "--metrics-listen, --listen"})
    void serverWhosePortIsTakenSaysWhichAndWhatToChange(
            String taken, String free, @TempDir Path another) {
        String place = "127.0.0.1:" + URI.create(url).getPort();

        Ran ran =
                run(
                        List.of(
                                "control",
                                taken,
                                place,
                                free,
                                "127.0.0.1:0",
                                "--data",
                                another.toString()));

        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err())
                .contains("cannot listen on " + place + ": ", "; " + taken + " ADDRESS:PORT")
                .doesNotContain("\tat ");
    }

    @Test
    void orgsAreChangedAsIfTheyWereHere() {
        assertThat(ok("org create far")).contains("created org far");
        assertThat(ok("org list")).contains("far");
        assertThat(ok("org allow far API.Example.com. --why builds"))
                .contains("allow: + api.example.com", "version 2");
        assertThat(ok("org set far --level none")).contains("level: package-managers -> none");
        assertThat(ok("org show far")).contains("api.example.com", "by bootstrap");
        assertThat(ok("org history far"))
                .containsSubsequence("version 3", "version 2", "by bootstrap: builds", "version 1");
        assertThat(ok("org history far --last 1 --json"))
                .contains("\"differences\":[{")
                .contains("\"version\":3");
        assertThat(ok("org set far --level none")).startsWith("nothing changed");
        assertThat(ok("org rollback far 2 --why back"))
                .contains("version 4", "-> package-managers");
        assertThat(ok("org rollback far 2")).startsWith("nothing changed");
        assertThat(ok("audit export --org far").lines())
                .last()
                .asString()
                .contains("settings.rollback", "\"why\":\"back\"");
        assertThat(remote("org set far --level connections --if-version 1").exit()).isEqualTo(1);
        assertThat(ok("explain --org far api.example.com"))
                .startsWith("api.example.com is allowed");
        assertThat(ok("agent set reporter --org far --code-execution off")).contains("off");
        assertThat(ok("agent list --org far")).contains("reporter", "by bootstrap");
    }

    @Test
    void aWideningIsConfirmedThroughTheServerToo() {
        ok("org create wide");
        Ran asked = remote("org set wide --level all");
        assertThat(asked.exit()).isEqualTo(1);
        assertThat(asked.err())
                .startsWith("sallyport: nothing was changed")
                .contains("--confirm all-domains\n", "any public address")
                .hasLineCount(2);
        assertThat(ok("org set wide --level all --confirm all-domains")).contains("-> all");
    }

    @Test
    void namespacesAreMappedListedAndUnmappedThroughTheServer() throws Exception {
        ok("org create shared");
        ok("org create beside");
        assertThat(ok("namespace map team-a shared --why pods"))
                .startsWith("pods of namespace team-a may name org shared");
        ok("namespace map team-a beside");
        ok("namespace map team-b shared");
        ok("namespace map team-b shared");

        assertThat(
                        ok("namespace list --org shared")
                                .lines()
                                .map(line -> line.replaceFirst(" .*", "")))
                .containsExactly("team-a", "team-b");
        assertThat(ok("namespace list --org shared --json"))
                .contains("\"namespace\":\"team-a\"", "\"by\":\"bootstrap\"", "\"why\":\"pods\"")
                .doesNotContain("beside");
        assertThat(ok("namespace unmap team-a shared --why over"))
                .startsWith("new pods of namespace team-a may not name org shared");
        assertThat(ok("namespace list").lines())
                .anyMatch(line -> line.startsWith("team-a") && line.contains("beside"))
                .noneMatch(line -> line.startsWith("team-a") && line.contains("shared"));
        assertThat(remote("namespace unmap team-a shared").err()).contains("is not mapped");
        assertThat(remote("namespace map team-a nobody").exit()).isEqualTo(1);
        assertThat(remote("namespace map Team_A shared").err()).contains("name of a namespace");
        assertThat(ok("audit export --org shared").lines())
                .anyMatch(line ->
                        line.contains("namespace.unmap") && line.contains("\"why\":\"over\""));
    }

    @Test
    void aLongListOfNamespacesComesWhole() throws Exception {
        ok("org create many");
        OrgStore orgs = OrgStore.of(serving.database(), InstantSource.system());
        for (int i = 0; i < 1_001; i++) {
            orgs.map("of-many-" + i, "many", new Author("ann", ""));
        }

        assertThat(ok("namespace list --org many").lines()).hasSize(1_001).doesNotHaveDuplicates();
    }

    @Test
    void anOrgsAdminMapsNoNamespaces() throws Exception {
        ok("org create own");
        ok("org create foreign");
        ok("namespace map team-own own");
        ok("namespace map team-foreign foreign");
        Path file = directory.resolve("own.token");
        Files.writeString(file, ok("token create ann --role org-admin --org own"));

        Ran listed = remote(List.of("namespace", "list"), file);
        assertThat(listed.out()).contains("team-own").doesNotContain("team-foreign");
        for (String words : List.of("namespace map team-x own", "namespace unmap team-own own")) {
            Ran refused = remote(List.of(words.split(" ", -1)), file);
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.err()).contains("role org-admin");
        }
    }

    @Test
    void whatNodesReportedIsReadThroughTheServer() throws Exception {
        ok("org create busy --imported");
        Instant now = Instant.now();
        new Decisions(serving.database(), InstantSource.system())
                .add(
                        "node-1",
                        Stream.of("www.ruby-lang.org", "api.example.com", "gone.example.org")
                                .map(name ->
                                        new Decision(
                                                "busy",
                                                "s-1",
                                                name,
                                                Verdict.ALLOWED,
                                                "",
                                                3,
                                                now,
                                                now))
                                .toList());
        new Fleet(serving.database(), InstantSource.system())
                .deny(
                        Optional.of("busy"),
                        List.of(DomainPattern.parse("gone.example.org")),
                        new Author("ann", ""));

        assertThat(ok("org impact busy --level none --allow api.example.com"))
                .contains("newly be denied: 1 name\n  www.ruby-lang.org", "same as now: 2 names");
        assertThat(ok("org impact busy --to-version 1 --days 1")).contains("same as now: 3 names");
        String proposal = ok("org proposal busy");
        assertThat(proposal)
                .contains("level none", "+ api.example.com", "+ www.ruby-lang.org", "--apply")
                .doesNotContain("gone.example.org");
        assertThat(ok("org proposal busy --json")).contains("\"version\":1");
        assertThat(remote("org proposal busy --apply --if-version 9").exit()).isEqualTo(1);
        assertThat(ok("org proposal busy --apply --why moved"))
                .contains("version 2", "level: all -> none", "allow: + api.example.com");
        assertThat(ok("org proposal busy --apply")).startsWith("nothing to change");
        Path names = directory.resolve("names.txt");
        Files.writeString(names, "gone.example.org\nother.example.net\n");
        assertThat(ok("org proposal busy --names " + names))
                .contains("+ other.example.net", "left out\n  gone.example.org");
        assertThat(ok("explain --org busy gone.example.org")).contains("emergency, by org busy");
    }

    @Test
    void tokensAreMadeListedAndRevokedAndTheTrailVerified() throws IOException {
        ok("org create crew");
        Ran made = remote("token create ann --role org-viewer --org crew --days 3");
        String secret = made.out().strip();
        assertThat(secret).startsWith("spt_").doesNotContain(" ");
        assertThat(made.err()).doesNotContain(secret);
        Path file = directory.resolve("ann.token");
        Files.writeString(file, secret + "\n");

        assertThat(remote(List.of("org", "show", "crew"), file).exit()).isZero();
        Ran refused = remote(List.of("org", "allow", "crew", "a.example"), file);
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("role org-viewer").doesNotContain(secret);

        String listed = ok("token list --org crew");
        assertThat(listed).contains("org-viewer", "ann", "ends ").doesNotContain(secret);
        assertThat(ok("token revoke " + listed.substring(0, listed.indexOf(' '))))
                .contains("is revoked");
        assertThat(remote(List.of("org", "show", "crew"), file).err()).contains("revoked");

        Ran verified = remote("audit verify");
        assertThat(verified.out()).startsWith("intact: ");
        Path kept = Files.writeString(directory.resolve("kept.remote"), verified.out());
        assertThat(ok("audit verify --expect @" + kept)).startsWith("intact: ");
        assertThat(remote("audit verify --expect " + "0a".repeat(32)).out())
                .startsWith("not the same trail, ");
        assertThat(ok("audit export --org crew").lines())
                .anyMatch(line -> line.contains("token.create"))
                .allMatch(line -> line.contains("\"org\":\"crew\""))
                .noneMatch(line -> line.contains(secret));
    }

    @Test
    void theSameCommandsWorkOnTheStoreHere() throws IOException {
        Path own = directory.resolve("own");
        String at = " --data " + own;
        assertThat(local("org create near" + at).exit()).isZero();
        String secret = local("token create bob --role node --node host-7" + at).out().strip();
        assertThat(secret).startsWith("spt_");
        String listed = local("token list" + at).out();
        assertThat(listed).contains("bob", "host-7").doesNotContain(secret);
        assertThat(local("token revoke " + listed.substring(0, listed.indexOf(' ')) + at).exit())
                .isZero();
        String verified = local("audit verify" + at).out();
        assertThat(verified).startsWith("intact: 3 rows");
        Path kept = Files.writeString(directory.resolve("kept"), verified);
        String hash = verified.strip().substring(verified.strip().lastIndexOf(' ') + 1);
        assertThat(local("audit verify --expect " + hash + at).exit()).isZero();
        assertThat(local("audit verify --expect @" + kept + at).out()).isEqualTo(verified);
        Ran missed = local("audit verify --expect " + "0a".repeat(32) + at);
        assertThat(missed.exit()).isEqualTo(1);
        assertThat(missed.out()).startsWith("not the same trail, 3 rows: ");
        assertThat(local("audit verify --expect 0a" + at).exit()).isEqualTo(2);
        Path lines = directory.resolve("lines.jsonl");
        assertThat(local("audit export --output " + lines + at).exit()).isZero();
        assertThat(Files.readAllLines(lines)).hasSize(3);
        assertThat(local("audit export --output " + lines + at).err()).contains("overwrites");
    }

    private static Ran local(String words) {
        return run(List.of(words.split(" ", -1)));
    }

    @Test
    void aStoreElsewhereIsNotMistakenForAFileHere() throws IOException {
        DataDirectory elsewhere = new DataDirectory(directory.resolve("elsewhere")).create();
        elsewhere.announce(Map.of(Stores.MARK, "database-server"));
        String at = " --data " + elsewhere.path();
        for (String command :
                List.of(
                        "org create near",
                        "agent list --org near",
                        "token list",
                        "audit verify",
                        "explain --org near a.example",
                        "org proposal near")) {
            Ran ran = local(command + at);
            assertThat(ran.exit()).as(command).isEqualTo(1);
            assertThat(ran.err())
                    .contains("are in a database server", "--config FILE")
                    .hasLineCount(1);
        }
        assertThat(elsewhere.path().resolve("sallyport.db")).doesNotExist();
        Path config = directory.resolve("control.yaml");
        Files.writeString(
                config,
                "store: {url: \"jdbc:postgresql://127.0.0.1:1/x\", user: x, password-file: /none}\n");
        assertThat(local("org list --config " + config + at).err())
                .contains("/none")
                .doesNotContain("--config");
    }

    @Test
    void aCertificateThatNobodyVouchedForIsNotTalkedTo() {
        Ran ran =
                run(
                        List.of(
                                "org",
                                "list",
                                "--control",
                                url,
                                "--token-file",
                                data.adminToken().toString()));
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err()).contains("does not answer");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    org list --control http://192.0.2.1:7053                 | use https://
                    org list --control ftp://127.0.0.1                       | write the address
                    org list --control 127.0.0.1:7053                        | write the address
                    org list --control http://127.0.0.1:1 --token-file /none | needs a token
                    org list --token-file /dev/null                          | without --control
                    org list --control http://127.0.0.1:1 --config /none     | give one of them
                    control --listen 0.0.0.0:0                               | loopback addresses only
                    control --tls-key /none                                  | go together
                    control --listen nowhere                                 | needs a port
                    token create x --role node                               | for one node
                    token create x --role king                               | not a role
                    """)
    void aMistakeIsSaidBeforeAnythingIsDone(String words, String sentence) {
        List<String> arguments = new ArrayList<>(List.of(words.split(" ", -1)));
        arguments.addAll(List.of("--data", data.path().toString()));
        Ran ran = run(arguments);
        assertThat(ran.exit()).as(ran.err()).isEqualTo(2);
        assertThat(ran.err()).contains(sentence);
    }
}
