package io.sallyport.sync.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PolicySourceTest {
    private static final Presets PRESETS = Presets.shipped();
    private static final Author ANN = new Author("ann", "");

    private static final String FILE =
            """
            orgs:
              acme:
                version: 12
                internet-access: on
                level: package-managers
                allow: [api.example.com, "*.example.org", db.example.net:5432]
                deny: [.paste.example]
                ports: [443, udp/443]
                types: [A, AAAA, TXT]
                internal: {.corp.example: 10.1.0.0/16, .lab.example: [10.2.0.0/16, 10.3.0.0/16]}
                ancestors: nodata
                agents:
                  reporter: {code-execution: off}
                  builder: {code-execution: on}
              closed:
                internet-access: off
                level: none
            """;

    @TempDir private Path data;

    private Path file;
    private PolicySource fromFile;

    @BeforeEach
    void writeAPolicyFile() throws IOException {
        file = data.resolve("policy.yaml");
        Files.writeString(file, FILE);
        fromFile = PolicySource.of(file, PRESETS);
    }

    @Test
    void aPolicyFileGivesWhatItSays() throws Exception {
        Snapshot snapshot = fromFile.pull("acme", null);
        assertThat(snapshot.version()).isEqualTo(12);
        assertThat(snapshot.level()).isEqualTo("package-managers");
        Settings settings = snapshot.settings();
        assertThat(settings.allow())
                .hasToString("[api.example.com, db.example.net:5432, *.example.org]");
        assertThat(settings.deny()).hasToString("[.paste.example]");
        assertThat(settings.ports()).hasToString("[tcp/443, udp/443]");
        assertThat(settings.types()).hasToString("[A, TXT, AAAA]");
        assertThat(settings.internal())
                .hasToString("[.corp.example=10.1.0.0/16, .lab.example=10.2.0.0/16,10.3.0.0/16]");
        assertThat(fromFile.pull("closed", null).internet()).isFalse();
    }

    @Test
    void theDocumentedExampleIsReadable() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "policy-file.md"));
        int start = page.indexOf("```yaml") + "```yaml".length();
        Files.writeString(file, page.substring(start, page.indexOf("```", start)));
        Settings settings = fromFile.pull("acme", null).settings();
        assertThat(settings.ports()).isEqualTo(Settings.Port.DEFAULTS);
        assertThat(settings.types()).isEqualTo(Settings.RecordType.DEFAULTS);
        assertThat(settings.internal()).hasSize(2);
        assertRefused(fromFile, "acme", "reporter", "code execution off");
    }

    @Test
    void aPolicyFileIsReadAtEachPull() throws Exception {
        Snapshot before = fromFile.pull("acme", null);
        Files.writeString(file, FILE.replace("level: package-managers", "level: none"));
        assertThat(fromFile.pull("acme", null).level()).isEqualTo("none");
        assertThat(before.level()).isEqualTo("package-managers");
    }

    @Test
    void anAgentWithCodeExecutionOffIsRefusedByTheFile() throws Exception {
        assertRefused(fromFile, "acme", "reporter", "code execution off");
        assertThat(fromFile.pull("acme", "builder")).isEqualTo(fromFile.pull("acme", null));
        assertThat(fromFile.pull("acme", "unknown")).isEqualTo(fromFile.pull("acme", null));
    }

    @Test
    void podsOfANamespaceThatTheFileDoesNotNameAreRefused() throws Exception {
        Files.writeString(
                file,
                """
                orgs:
                  acme: {internet-access: on, level: none, namespaces: [team-a]}
                  open: {internet-access: on, level: none}
                """);
        assertThat(fromFile.pull("acme", null, "team-a")).isEqualTo(fromFile.pull("acme", null));
        for (String namespace : List.of("team-b", "team", "Team-A")) {
            assertThatThrownBy(() -> fromFile.pull("acme", null, namespace))
                    .isInstanceOf(PolicySource.Refused.class);
        }
        assertThatThrownBy(() -> fromFile.pull("open", null, "team-a"))
                .hasMessageContaining("pods of namespace team-a may not name org open");
    }

    @Test
    void podsOfANamespaceThatIsNotMappedAreRefusedByTheStore() throws Exception {
        try (OrgStore store = OrgStore.open(data);
                PolicySource source = PolicySource.of(store, PRESETS)) {
            store.create("acme", Settings.of(Level.NONE), new Author("test", ""));
            assertThatThrownBy(() -> source.pull("acme", null, "team-a"))
                    .isInstanceOf(PolicySource.Refused.class)
                    .hasMessageContaining("sallyport namespace map team-a acme");
            store.map("team-a", "acme", new Author("test", ""));
            assertThat(source.pull("acme", null, "team-a")).isEqualTo(source.pull("acme", null));
        }
    }

    @Test
    void anOrgThatIsNotInTheFileIsRefused() {
        assertRefused(fromFile, "other", null, "no org other in policy file " + file);
        assertRefused(fromFile, "../acme", null, "cannot be the name of an org");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    level: package-managers     | level: packages           | line 5: orgs.acme.level: "packages" is not a level
                    deny: [.paste               | dney: [.paste             | line 7: orgs.acme.dney: this key is not known
                    internet-access: on         | internet-access: maybe    | line 4: orgs.acme.internet-access: must be on or off
                    internet-access: on         | internet: on              | orgs.acme: "internet-access" is missing
                    [443, udp/443]              | [443, https]              | line 8: orgs.acme.ports[1]:
                    "*.example.org"             | *.example.org             | quotes
                    "*.example.org"             | "*.com"                   | line 6: orgs.acme.allow[1]:
                    10.1.0.0/16,                | 169.254.0.0/16,           | line 10: orgs.acme.internal
                    code-execution: off         | code_execution: off       | orgs.acme.agents.reporter: "code-execution" is missing
                    closed:                     | acme:                     | line 15: orgs.acme: this key stands here twice
                    closed:                     | a b:                      | line 15: orgs.a b: "a b" cannot be the name of an org
                    deny: [.paste.example]      | deny: [paste.example:80]  | line 2: orgs.acme: deny: "paste.example:80" must have no port
                    version: 12                 | version: twelve           | line 3: orgs.acme.version: must be a whole number
                    orgs:                       | org:                      | "orgs" is missing
                    """)
    void aMistakeInTheFileRefusesEveryOrgAndNamesLineAndKey(
            String right, String wrong, String complaint) throws IOException {
        assertThat(FILE).contains(right);
        Files.writeString(file, FILE.replace(right, wrong));
        for (String org : List.of("acme", "closed")) {
            assertThatThrownBy(() -> fromFile.pull(org, null))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("policy file " + file + ": ")
                    .hasMessageContaining(complaint);
        }
    }

    @Test
    void aFileThatIsGoneBinaryOrTooLongIsAnError() throws IOException {
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
        assertThatThrownBy(() -> fromFile.pull("acme", null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("UTF-8");
        Files.writeString(file, "#".repeat((8 << 20) + 1));
        assertThatThrownBy(() -> fromFile.pull("acme", null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("longer");
        Files.delete(file);
        assertThatThrownBy(() -> fromFile.pull("acme", null))
                .isInstanceOf(IOException.class)
                .hasMessage("there is no policy file " + file);
    }

    @Test
    void everyTruncationOfAFileIsReadOrRefusedAndNothingElse() throws Exception {
        for (int length = 0; length < FILE.length(); length++) {
            Files.writeString(file, FILE.substring(0, length));
            try {
                fromFile.pull("acme", null);
            } catch (IOException | Refused e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void theStoreGivesTheSettingsInForce() throws Exception {
        try (OrgStore store = OrgStore.open(data);
                PolicySource source = PolicySource.of(store, PRESETS)) {
            assertRefused(source, "acme", null, "there is no org acme");
            store.create("acme", Settings.forNewOrg(), ANN);
            Snapshot before = source.pull("acme", "builder");
            assertThat(before)
                    .isEqualTo(
                            Snapshot.of(
                                    "acme", null, 1, "settings", Settings.forNewOrg(), PRESETS));
            store.change(
                    "acme", OptionalLong.empty(), List.of(new Change.SetLevel(Level.NONE)), ANN);
            assertThat(source.pull("acme", null).level()).isEqualTo("none");
            assertThat(before.level()).isEqualTo("package-managers");
        }
    }

    @Test
    void anAgentWithCodeExecutionOffIsRefusedByTheStore() throws Exception {
        try (OrgStore store = OrgStore.open(data);
                PolicySource source = PolicySource.of(store, PRESETS)) {
            store.create("acme", Settings.forNewOrg(), ANN);
            store.setCodeExecution("acme", "reporter", false, ANN);
            assertRefused(
                    source,
                    "acme",
                    "reporter",
                    "agent reporter of org acme has code execution off");
            assertRefused(source, "acme", "a b", "cannot be the name of an agent");
            assertThat(source.pull("acme", "builder").internet()).isTrue();
        }
    }

    private static void assertRefused(
            PolicySource source, String org, @Nullable String agent, String sentence) {
        assertThatThrownBy(() -> source.pull(org, agent))
                .isInstanceOf(Refused.class)
                .hasMessageContaining(sentence);
    }
}
