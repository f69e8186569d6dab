package io.sallyport.sync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.decision.Decisions.Decision;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Impact and proposal as a person runs them, on names from a file and on what nodes reported. */
final class InsightCommandsTest extends CommandTest {
    private String names(String lines) throws IOException {
        return Files.writeString(temporary.resolve("names.txt"), lines).toString();
    }

    private static Decision decision(String name, Verdict verdict, Instant at) {
        return new Decision("acme", "s-1", name, verdict, "", 3, at, at);
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
}
