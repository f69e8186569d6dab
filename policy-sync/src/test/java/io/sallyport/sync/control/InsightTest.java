package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.control.Running.Answer;
import io.sallyport.sync.control.Running.Who;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the API says of an org from what its sessions asked for, and of names that are denied. */
final class InsightTest {
    private static final JsonMapper JSON = new JsonMapper();

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Running server;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        server = Running.start(directory);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer ok(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 299);
        return answer;
    }

    /** A node's report of one session's names, {@code NAME VERDICT COUNT} each. */
    private static void report(String org, String session, String... names) {
        ObjectNode report = JSON.createObjectNode().put("emergency-version", 0);
        report.putArray("sessions");
        for (String name : names) {
            String[] words = name.split(" ", -1);
            report.withArray("decisions")
                    .addObject()
                    .put("org", org)
                    .put("session", session)
                    .put("name", words[0])
                    .put("verdict", words[1])
                    .put("reason", words[1].equals("allowed") ? "" : "not-allowed")
                    .put("count", Long.parseLong(words[2]))
                    .put("first", Instant.now().toString())
                    .put("last", Instant.now().toString());
        }
        ok(server.post(Who.NODE, "/v1/nodes/n1/report", report.toString()));
    }

    private static List<String> texts(JsonNode items, String field) {
        return items.valueStream().map(item -> item.path(field).asString()).toList();
    }

    /** The whole way of an org that was there before these settings. */
    @Test
    void anImportedOrgGetsTheSmallestListForWhatItsSessionsReallyUsed() {
        ok(server.post(Who.PLATFORM, "/v1/orgs", "{\"org\":\"old\",\"imported\":true}"));
        ok(
                server.post(
                        Who.PLATFORM,
                        "/v1/orgs/old/emergency-denials",
                        "{\"domains\":\"drop.example.org\"}"));
        report(
                "old",
                "s-1",
                "www.ruby-lang.org allowed 9",
                "www.swift.org allowed 8",
                "www.nodejs.org allowed 7",
                "api.example.com allowed 6",
                "docs.google.com allowed 5",
                "drop.example.org allowed 4",
                "dns.google denied 3");
        report("old", "s-2", "only.example.net allowed 2");

        JsonNode proposal = ok(server.get(Who.PLATFORM, "/v1/orgs/old/observed")).json();

        assertThat(texts(proposal.path("items"), "value"))
                .containsExactly(
                        "package-managers",
                        "api.example.com",
                        "docs.google.com",
                        "only.example.net");
        assertThat(texts(proposal.path("items").path(0).path("names"), "name"))
                .containsExactly("www.ruby-lang.org", "www.swift.org", "www.nodejs.org");
        assertThat(texts(proposal.path("risks"), "pattern")).isEmpty();
        assertThat(proposal.path("items").path(2).path("user-content").asBoolean()).isTrue();
        assertThat(proposal.toString()).doesNotContain("drop.example.org");
        assertThat(
                        texts(
                                ok(server.get(Who.PLATFORM, "/v1/orgs/old/observed?session=s-2"))
                                        .json()
                                        .path("items"),
                                "value"))
                .containsExactly("none", "only.example.net");

        ObjectNode settings = (ObjectNode) proposal.path("settings");
        String version = "\"" + proposal.path("version").asString() + "\"";
        String where = "/v1/orgs/old/network-access";
        ok(server.put(Who.PLATFORM, where, settings.toString(), "If-Match", version));
        assertThat(
                        server.put(Who.PLATFORM, where, settings.toString(), "If-Match", version)
                                .status())
                .isEqualTo(412);
        assertThat(verdict("old", "www.swift.org")).isEqualTo("allow ");
        assertThat(verdict("old", "api.example.com")).isEqualTo("allow ");
        assertThat(verdict("old", "never.example.org")).isEqualTo("deny not-allowed");
        JsonNode after = ok(server.get(Who.PLATFORM, "/v1/orgs/old/observed")).json();
        assertThat(after.path("changed").asBoolean()).isFalse();
    }

    private static String verdict(String org, String name) {
        JsonNode explained =
                ok(server.get(Who.PLATFORM, "/v1/orgs/" + org + "/explain?name=" + name)).json();
        return explained.path("verdict").asString() + " " + explained.path("reason").asString();
    }

    @Test
    void aNameThatIsDeniedInAnEmergencyIsExplainedAsSuch() {
        ok(server.post(Who.PLATFORM, "/v1/orgs", "{\"org\":\"hurt\"}"));
        assertThat(verdict("hurt", "www.ruby-lang.org")).isEqualTo("allow ");
        String denial = "{\"domains\":\".ruby-lang.org\"}";
        JsonNode made =
                ok(server.post(Who.PLATFORM, "/v1/orgs/hurt/emergency-denials", denial)).json();
        JsonNode explained =
                ok(server.get(Who.PLATFORM, "/v1/orgs/hurt/explain?name=www.ruby-lang.org")).json();

        assertThat(explained.path("reason").asString()).isEqualTo("emergency");
        assertThat(explained.path("sentence").asString())
                .contains(".ruby-lang.org is denied in an emergency, by org hurt");
        assertThat(explained.path("advice").toString()).contains("only an admin of org hurt");
        assertThat(verdict("beta", "www.ruby-lang.org")).as("another org").isEqualTo("allow ");
        String id = made.path("items").path(0).path("id").asString();
        ok(server.delete(Who.PLATFORM, "/v1/orgs/hurt/emergency-denials/" + id));
        assertThat(verdict("hurt", "www.ruby-lang.org")).isEqualTo("allow ");
    }

    @Test
    void theListOfDenialsGoesToANodeUntilItHasAppliedIt() {
        ok(server.post(Who.PLATFORM, "/v1/emergency-denials", "{\"domains\":\"bad.example\"}"));
        String report = "{\"sessions\":[],\"decisions\":[],\"emergency-version\":%d}";
        JsonNode first =
                ok(server.post(Who.NODE, "/v1/nodes/n1/report", report.formatted(0))).json();
        assertThat(texts(first.path("emergency").path("denied"), "pattern"))
                .contains("bad.example");
        long version = first.path("emergency").path("version").longValue();
        JsonNode then =
                ok(server.post(Who.NODE, "/v1/nodes/n1/report", report.formatted(version))).json();
        assertThat(then.path("emergency").isNull()).isTrue();
    }

    @Test
    void removingADenialThatOpensAWideThingAsksForAWord() {
        ok(server.post(Who.PLATFORM, "/v1/orgs", "{\"org\":\"wide\",\"imported\":true}"));
        String domains = "/v1/orgs/wide/network-access/domains";
        ok(
                server.post(
                        Who.PLATFORM,
                        domains,
                        "{\"domains\":\"slack.com plain.example\",\"list\":\"deny\"}"));

        Answer asked = server.delete(Who.PLATFORM, domains + "/slack.com?list=deny");
        assertThat(asked.status()).isEqualTo(409);
        assertThat(asked.json().path("type").asString()).endsWith("confirmation-required");
        assertThat(texts(asked.json().path("risks"), "code")).containsExactly("user-content");
        assertThat(
                        server.delete(
                                        Who.PLATFORM,
                                        domains + "/slack.com?list=deny&confirm=everything")
                                .status())
                .isEqualTo(422);

        Answer removed =
                ok(
                        server.delete(
                                Who.PLATFORM,
                                domains + "/slack.com?list=deny&confirm=all-domains,user-content"));
        assertThat(removed.json().path("deny").toString()).isEqualTo("[\"plain.example\"]");
        ok(server.delete(Who.PLATFORM, domains + "/plain.example?list=deny"));
    }
}
