package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.control.Running.Answer;
import io.sallyport.sync.control.Running.Who;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What an admin's program relies on. */
final class ControlTest {
    private static final String ACME = "/v1/orgs/acme/network-access";
    private static final String NONE = "{\"internet-access\": true, \"level\": \"none\"}";

    /** Time stands still until a test moves it. */
    private static volatile Instant now = Instant.EPOCH;

    @TempDir private static Path directory;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Running server;

    @BeforeAll
    static void start() throws Exception {
        now = Instant.now();
        server = Running.start(directory, Running.UNLIMITED, () -> now);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void begin() {
        server.put(Who.PLATFORM, ACME, NONE, "If-Match", server.version());
    }

    @Test
    void aChangeIsForTheVersionThatItsAuthorHasSeen() {
        String seen = server.version();
        String other = NONE.replace("none", "connections");
        assertThat(server.put(Who.ADMIN, ACME, other).status()).isEqualTo(428);
        assertThat(server.put(Who.ADMIN, ACME, other, "If-Match", "*").status()).isEqualTo(400);

        Answer changed = server.put(Who.ADMIN, ACME, other, "If-Match", seen);
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("etag")).isNotEqualTo(seen);

        Answer late = server.put(Who.PLATFORM, ACME, NONE, "If-Match", seen);
        assertThat(late.status()).isEqualTo(412);
        assertThat(late.json().path("detail").asString()).contains("ADMIN changed");
        assertThat(server.get(Who.ADMIN, ACME).json().path("level").asString())
                .isEqualTo("connections");
    }

    @Test
    void whoHasItAlreadyIsNotSentItAgain() {
        Answer page = server.get(Who.ADMIN, ACME);
        Answer again = server.get(Who.ADMIN, ACME, "If-None-Match", page.header("etag"));
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.body()).isEmpty();

        String policy = server.get(Who.NODE, "/v1/orgs/acme/policy").header("etag");
        assertThat(server.get(Who.NODE, "/v1/orgs/acme/policy", "If-None-Match", policy).status())
                .isEqualTo(304);
    }

    @Test
    void aWideningNeedsAWordForEachOfItsRisks() {
        String all = "{\"internet-access\": true, \"level\": \"all\", \"confirm\": [%s]}";
        String seen = server.version();
        Answer asked = server.put(Who.ADMIN, ACME, all.formatted(""), "If-Match", seen);
        assertThat(asked.status()).isEqualTo(409);
        assertThat(asked.json().path("type").asString()).endsWith("/confirmation-required");
        JsonNode risk = asked.json().path("risks").path(0);
        assertThat(risk.path("code").asString()).isEqualTo("all-domains");
        assertThat(server.version()).isEqualTo(seen);

        String word = "\"shared-suffix\"";
        assertThat(server.put(Who.ADMIN, ACME, all.formatted(word), "If-Match", seen).status())
                .isEqualTo(409);
        word = "\"all-domains\"";
        assertThat(server.put(Who.ADMIN, ACME, all.formatted(word), "If-Match", seen).status())
                .isEqualTo(200);
        begin();

        String domains = "{\"domains\": \"*.github.io\"}";
        Answer added = server.post(Who.ADMIN, ACME + "/domains", domains);
        assertThat(added.status()).isEqualTo(409);
        assertThat(added.json().path("risks").path(0).path("pattern").asString())
                .isEqualTo("*.github.io");
    }

    @Test
    void rollingBackToSomethingWiderNeedsAWordToo() {
        String all =
                "{\"internet-access\": true, \"level\": \"all\", \"confirm\": [\"all-domains\"]}";
        long wide =
                server.put(Who.ADMIN, ACME, all, "If-Match", server.version())
                        .json()
                        .path("version")
                        .longValue();
        begin();
        String back = "{\"version\": " + wide + "}";
        Answer asked =
                server.post(Who.ADMIN, ACME + "/rollback", back, "If-Match", server.version());
        assertThat(asked.status()).isEqualTo(409);
        Answer done =
                server.post(
                        Who.ADMIN,
                        ACME + "/rollback",
                        "{\"version\": " + wide + ", \"confirm\": [\"all-domains\"]}",
                        "If-Match",
                        server.version());
        assertThat(done.json().path("level").asString()).isEqualTo("all");
        assertThat(done.json().path("version").longValue()).isGreaterThan(wide + 1);
    }

    @Test
    void domainsComeAsAListOrAsTextAndGoOneByOne() {
        server.post(
                Who.ADMIN, ACME + "/domains", "{\"domains\": \"API.Example.com., *.b.example\"}");
        server.post(Who.ADMIN, ACME + "/domains", "{\"domains\": [\".c.example\"]}");
        server.post(
                Who.ADMIN,
                ACME + "/domains",
                "{\"domains\": [\".c.example\"], \"list\": \"deny\"}");
        JsonNode page = server.get(Who.ADMIN, ACME).json();
        assertThat(page.path("allow").toString())
                .isEqualTo("[\"api.example.com\",\"*.b.example\",\".c.example\"]");

        Answer removed = server.delete(Who.ADMIN, ACME + "/domains/.c.example?list=deny&why=x");
        assertThat(removed.json().path("deny").size()).isZero();
        assertThat(removed.json().path("allow").size()).isEqualTo(3);
        assertThat(removed.json().path("why").asString()).isEqualTo("x");
    }

    @Test
    void addingAtOnceLosesNothing() throws Exception {
        try (ExecutorService crowd = Executors.newFixedThreadPool(4)) {
            List<Callable<Integer>> work = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String body = "{\"domains\": \"n" + i + ".example\"}";
                work.add(() -> server.post(Who.ADMIN, ACME + "/domains", body).status());
            }
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> answer : crowd.invokeAll(work)) {
                statuses.add(answer.get());
            }
            long made = statuses.stream().filter(status -> status == 200).count();
            assertThat(statuses).isSubsetOf(200, 412).contains(200);
            assertThat(server.get(Who.ADMIN, ACME).json().path("allow").size()).isEqualTo(made);
        }
    }

    @Test
    void checkTellsOfEachEntryAndStoresNothing() {
        long before = server.changes();
        JsonNode items =
                server.post(
                                Who.ADMIN,
                                ACME + "/check",
                                "{\"domains\": \"https://a.example/x B.Example\\n*.github.io\"}")
                        .json()
                        .path("items");
        assertThat(items.path(0).path("error").asString()).contains("a.example");
        assertThat(items.path(1).path("pattern").asString()).isEqualTo("b.example");
        assertThat(items.path(2).path("risks").path(0).path("code").asString())
                .isEqualTo("shared-suffix");
        assertThat(server.changes()).isEqualTo(before);
    }

    @Test
    void sameKeySameAnswerAndOneChange() {
        String body = "{\"domains\": \"once.example\"}";
        Answer first = server.post(Who.ADMIN, ACME + "/domains", body, "Idempotency-Key", "k1");
        long changes = server.changes();
        Answer again = server.post(Who.ADMIN, ACME + "/domains", body, "Idempotency-Key", "k1");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.header("etag")).isEqualTo(first.header("etag"));
        assertThat(again.header("idempotency-replayed")).isEqualTo("true");
        assertThat(server.changes()).isEqualTo(changes);

        String other = "{\"domains\": \"twice.example\"}";
        assertThat(
                        server.post(Who.ADMIN, ACME + "/domains", other, "Idempotency-Key", "k1")
                                .status())
                .isEqualTo(422);
        assertThat(
                        server.post(Who.PLATFORM, ACME + "/domains", other, "Idempotency-Key", "k1")
                                .status())
                .as("another caller's key")
                .isEqualTo(200);
        assertThat(
                        server.post(Who.ADMIN, ACME + "/domains", body, "Idempotency-Key", "a b")
                                .status())
                .isEqualTo(422);
    }

    @Test
    void aKeyWhoseRequestFailedIsFree() {
        String body = "{\"domains\": \"*.github.io\"}";
        for (int i = 0; i < 2; i++) {
            assertThat(
                            server.post(Who.ADMIN, ACME + "/domains", body, "Idempotency-Key", "k2")
                                    .status())
                    .isEqualTo(409);
        }
    }

    @Test
    void aSecretIsShownOnceEvenToWhoRepeats() {
        String body = "{\"name\": \"ci\", \"role\": \"node\", \"node\": \"n1\"}";
        Answer first = server.post(Who.PLATFORM, "/v1/tokens", body, "Idempotency-Key", "k3");
        Answer again = server.post(Who.PLATFORM, "/v1/tokens", body, "Idempotency-Key", "k3");
        assertThat(first.json().path("secret").asString()).startsWith("spt_");
        assertThat(again.json().has("secret")).isFalse();
        assertThat(again.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(again.header("location")).isEqualTo(first.header("location"));
    }

    @Test
    void listsGoOnFromPageToPage() {
        for (String org : List.of("p1", "p2", "p3")) {
            server.post(Who.PLATFORM, "/v1/orgs", "{\"org\": \"" + org + "\"}");
        }
        assertThat(pages("/v1/orgs?limit=2", "after", "org"))
                .containsExactly("acme", "beta", "p1", "p2", "p3");
        List<String> versions = pages("/v1/orgs/acme/history?limit=3", "before", "version");
        assertThat(versions).hasSize(Integer.parseInt(server.version().replace("\"", "")));
        assertThat(pages("/v1/audit?limit=7", "after", "number")).hasSize((int) server.changes());
        assertThat(pages("/v1/audit?order=newest&limit=7", "before", "number"))
                .hasSize((int) server.changes())
                .startsWith(Long.toString(server.changes()));
    }

    private static List<String> pages(String path, String parameter, String field) {
        List<String> found = new ArrayList<>();
        JsonNode page = server.get(Who.PLATFORM, path).json();
        while (true) {
            page.path("items").forEach(item -> found.add(item.path(field).asString()));
            if (page.path("next").isNull()) {
                return found;
            }
            String next = "&" + parameter + "=" + page.path("next").asString();
            page = server.get(Who.PLATFORM, path + next).json();
        }
    }

    @Test
    void theTrailIsExportedAsLines() {
        Answer lines = server.get(Who.PLATFORM, "/v1/audit", "Accept", "application/x-ndjson");
        assertThat(lines.header("content-type")).isEqualTo("application/x-ndjson");
        assertThat(lines.body().lines().count()).isEqualTo(server.changes());
        assertThat(
                        server.get(Who.OTHER, "/v1/audit", "Accept", "application/x-ndjson")
                                .body()
                                .lines())
                .allMatch(line -> line.contains("\"org\":\"beta\""));
    }

    @Test
    void aTokenEndsWhenItIsRevokedOrItsTimeIsOver() {
        JsonNode revoked = token("org-viewer\", \"org\": \"acme");
        assertThat(me(revoked)).isEqualTo(200);
        server.delete(Who.ADMIN, "/v1/tokens/" + revoked.path("id").asString());
        assertThat(me(revoked)).isEqualTo(401);

        JsonNode expiring = token("node\", \"node\": \"n1\", \"why\": \"short");
        assertThat(me(expiring)).isEqualTo(200);
        Instant before = now;
        now = before.plus(Duration.ofDays(2));
        assertThat(me(expiring)).isEqualTo(401);
        now = before;
    }

    private static JsonNode token(String role) {
        return server.post(
                        Who.PLATFORM,
                        "/v1/tokens",
                        "{\"name\": \"x\", \"expires-in-days\": 1, \"role\": \"" + role + "\"}")
                .json();
    }

    private static int me(JsonNode token) {
        return server.with(
                        token.path("secret").asString(), "GET", "/v1/me", BodyPublishers.noBody())
                .status();
    }

    @Test
    void whatIsNoTokenOpensNothing() {
        for (String token : List.of("spt_", "x", "spt_" + "A".repeat(43), "x".repeat(4_000))) {
            assertThat(server.with(token, "GET", "/v1/me", BodyPublishers.noBody()).status())
                    .isEqualTo(401);
        }
        Answer basic =
                server.with(
                        "",
                        "GET",
                        "/v1/me",
                        BodyPublishers.noBody(),
                        "Authorization",
                        "Basic " + server.secret(Who.PLATFORM));
        assertThat(basic.status()).isEqualTo(401);
        assertThat(basic.header("www-authenticate")).startsWith("Bearer");
    }

    @Test
    void anAgentThatIsOffGetsNoPolicy() {
        String agent = "/v1/orgs/acme/agents/reporter";
        server.put(Who.ADMIN, agent, "{\"code-execution\": false}");
        Answer refused = server.get(Who.NODE, "/v1/orgs/acme/policy?agent=reporter");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().path("detail").asString()).contains("code execution off");
        assertThat(server.get(Who.NODE, "/v1/orgs/acme/policy?agent=other").status())
                .isEqualTo(200);
    }

    @Test
    void whatNodesTellIsShownAndWhatAdminsOrderReachesThem() {
        server.post(
                Who.NODE,
                "/v1/nodes/n1/report",
                Sample.body(io.sallyport.sync.access.Access.Endpoint.REPORT));
        JsonNode denied = server.get(Who.VIEWER, "/v1/orgs/acme/denied").json().path("items");
        assertThat(denied.path(0).path("domain").asString()).isEqualTo("example.net");
        assertThat(denied.path(0).path("suggestion").path("pattern").asString())
                .isEqualTo("www.example.net");
        JsonNode impact =
                server.post(Who.ADMIN, ACME + "/impact", "{\"allow\": [\".example.net\"]}").json();
        assertThat(impact.path("newly-allowed").path(0).path("name").asString())
                .isEqualTo("www.example.net");

        server.delete(Who.ADMIN, "/v1/orgs/acme/sessions/s1?why=strange");
        server.post(Who.ADMIN, "/v1/orgs/acme/emergency-denials", "{\"domains\": \"bad.example\"}");
        JsonNode orders = server.post(Who.NODE, "/v1/nodes/n1/report", "{\"sessions\": []}").json();
        assertThat(orders.path("emergency").path("denied").toString())
                .contains("{\"pattern\":\"bad.example\",\"org\":\"acme\"}");
    }

    @Test
    void anOrgsChangeIsNotSeenByAnother() {
        server.post(
                Who.ADMIN, "/v1/orgs/acme/emergency-denials", "{\"domains\": \"mine.example\"}");
        assertThat(server.get(Who.OTHER, "/v1/orgs/beta/emergency-denials").body())
                .doesNotContain("mine.example");
        assertThat(server.delete(Who.OTHER, "/v1/orgs/beta/sessions/s1").status()).isEqualTo(404);
        String id =
                server.get(Who.ADMIN, "/v1/orgs/acme/emergency-denials")
                        .json()
                        .path("items")
                        .path(0)
                        .path("id")
                        .asString();
        assertThat(server.delete(Who.OTHER, "/v1/orgs/beta/emergency-denials/" + id).status())
                .isEqualTo(404);
    }

    @Test
    void everyAnswerHasItsGuards() {
        Answer answer = server.get(Who.NOBODY, "/healthz");
        assertThat(answer.header("content-security-policy")).startsWith("default-src 'none'");
        assertThat(answer.header("cache-control")).isEqualTo("no-store");
        assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
        assertThat(answer.headers().firstValue("access-control-allow-origin")).isEmpty();
        Answer preflight =
                server.with(
                        "",
                        "OPTIONS",
                        "/v1/orgs",
                        BodyPublishers.noBody(),
                        "Origin",
                        "https://evil.example");
        assertThat(preflight.status()).isEqualTo(405);
        assertThat(preflight.headers().firstValue("access-control-allow-origin")).isEmpty();
    }
}
