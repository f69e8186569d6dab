package io.sallyport.sync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.cli.Commands.Ran;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The explain command as a person runs it. */
final class ExplainCommandTest extends CommandTest {
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

    @Test
    void explainKnowsWhatIsDeniedInAnEmergency() throws Exception {
        try (Database database = Database.open(data)) {
            new Fleet(database, InstantSource.system())
                    .deny(
                            Optional.empty(),
                            List.of(DomainPattern.parse(".ruby-lang.org")),
                            new Author("ann", "stolen keys"));
        }
        assertThat(run("explain --org acme www.ruby-lang.org").out())
                .contains(".ruby-lang.org is denied in an emergency, by the platform")
                .contains("only an admin of the platform can lift it");
    }

    @Test
    void explainOfAPolicyFileKnowsWhatTheNodeWasTold() throws IOException {
        Path file = temporary.resolve("policy.yaml");
        Files.writeString(
                file, "orgs:\n  beta: {internet-access: on, level: none, allow: [a.example]}\n");
        Files.writeString(
                data.resolve("emergency.json"),
                "{\"version\":3,\"denied\":[{\"pattern\":\"a.example\",\"org\":\"beta\"}]}");
        assertThat(run("explain --org beta a.example --policy-file " + file).out())
                .contains("a.example is denied in an emergency, by org beta");
    }
}
