package io.sallyport.sync.console;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.explain.Explanation;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers in the shapes of the API, from memory: for what a real server cannot be brought to say,
 * such as script in the name of an organisation, and for pictures that look the same each time.
 */
final class CannedControl implements AutoCloseable {
    private static final Splitter ENTRIES =
            Splitter.on(CharMatcher.whitespace().or(CharMatcher.is(','))).omitEmptyStrings();

    private final WebServer server;
    private final CannedAnswers answers = new CannedAnswers(this::text);

    /** What every text of the answers is, instead of what it should be; empty for the truth. */
    volatile String hostile = "";

    volatile String role = "platform-admin";
    volatile boolean signedIn = true;
    volatile boolean sso;

    /** So many sessions run beside the usual four. */
    volatile int sessions;

    /** How often somebody asked what runs. */
    final AtomicInteger looks = new AtomicInteger();

    /** A problem that the next write is answered with; the status, then the body. */
    volatile Map<String, Object> refusal = Map.of();

    private Settings settings = Settings.forNewOrg();
    private final List<Map<String, Object>> history = new CopyOnWriteArrayList<>();
    final List<String> writes = new CopyOnWriteArrayList<>();

    CannedControl() {
        server =
                WebServer.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .shutdownHook(false)
                        .routing(this::routes)
                        .build();
        server.start();
        change(Settings.forNewOrg(), "admin", "");
        change(
                settings.with(
                        new Change.Allow(
                                Settings.patterns(
                                        "api.stripe.com, *.internal-tools.example.com, .sentry.io"))),
                "maria@acme.example",
                "the payments team’s sandbox");
        change(
                settings.with(new Change.Deny(Settings.patterns(".pastebin.com"))),
                "jonas@acme.example",
                "");
    }

    String url() {
        return "http://127.0.0.1:" + server.port();
    }

    private void routes(HttpRouting.Builder routing) {
        routing.register(new Console())
                .post("/signin", this::signIn)
                .post("/signout", (request, response) -> leave(response))
                .get("/v1/me", this::me)
                .get("/v1/orgs", (q, r) -> items(r, orgs()))
                .get("/v1/presets", (q, r) -> items(r, answers.presets()))
                .get("/v1/orgs/{org}/network-access", (q, r) -> settings(r))
                .put("/v1/orgs/{org}/network-access", this::replace)
                .post("/v1/orgs/{org}/network-access/domains", this::add)
                .delete("/v1/orgs/{org}/network-access/domains/{pattern}", this::remove)
                .post("/v1/orgs/{org}/network-access/check", this::check)
                .post("/v1/orgs/{org}/network-access/impact", (q, r) -> json(r, impact()))
                .post("/v1/orgs/{org}/network-access/rollback", this::rollback)
                .get("/v1/orgs/{org}/history", (q, r) -> items(r, history.reversed()))
                .get("/v1/orgs/{org}/history/{version}", (q, r) -> version(r))
                .get("/v1/orgs/{org}/explain", this::explain)
                .get("/v1/orgs/{org}/agents", (q, r) -> items(r, answers.agents()))
                .get("/v1/namespaces", (q, r) -> items(r, answers.namespaces()))
                .get("/v1/orgs/{org}/sessions", (q, r) -> sessions(r))
                .delete("/v1/orgs/{org}/sessions/{id}", this::taken)
                .delete("/v1/orgs/{org}/emergency-denials/{id}", this::taken)
                .delete("/v1/tokens/{id}", this::taken)
                .put("/v1/orgs/{org}/agents/{agent}", this::taken)
                .post("/v1/orgs/{org}/emergency-denials", this::taken)
                .get("/v1/orgs/{org}/denied", (q, r) -> items(r, answers.denied()))
                .get("/v1/orgs/{org}/queries", (q, r) -> json(r, answers.queries(q)))
                .get("/v1/orgs/{org}/observed", (q, r) -> json(r, answers.observed(settings)))
                .get("/v1/orgs/{org}/emergency-denials", (q, r) -> items(r, answers.emergencies()))
                .get("/v1/emergency-denials", (q, r) -> items(r, answers.emergencies()))
                .get(
                        "/v1/audit",
                        (q, r) -> items(r, answers.audit(q.query().first("find").orElse(""))))
                .get("/v1/audit/verify", (q, r) -> json(r, Map.of("intact", true, "rows", 128)))
                .get("/v1/tokens", (q, r) -> items(r, answers.tokens()))
                .post("/v1/tokens", this::token)
                .get("/v1/sign-ins", (q, r) -> items(r, answers.signIns()))
                .delete("/v1/sign-ins/{person}", this::taken);
    }

    private void sessions(ServerResponse response) {
        looks.incrementAndGet();
        items(response, answers.sessions(sessions));
    }

    private void me(ServerRequest request, ServerResponse response) {
        if (signedIn) {
            Map<String, Object> me = new LinkedHashMap<>();
            me.put("name", text("maria@acme.example"));
            me.put("role", role);
            me.put("org", role.startsWith("org-") ? org() : null);
            me.put("csrf", "c5rf");
            json(response, me);
            return;
        }
        Map<String, Object> problem = problem(401, "sign in first");
        if (sso) {
            problem.put("provider", text("SSO"));
        }
        send(response, 401, problem);
    }

    private void signIn(ServerRequest request, ServerResponse response) {
        String body = request.content().as(String.class);
        writes.add("signin " + body);
        signedIn = body.contains("spt_right");
        if (signedIn) {
            response.status(Status.NO_CONTENT_204).send();
        } else {
            send(response, 401, problem(401, "this token is not known here"));
        }
    }

    private void leave(ServerResponse response) {
        signedIn = false;
        response.status(Status.NO_CONTENT_204).send();
    }

    private List<Map<String, Object>> orgs() {
        return List.of(Map.of("org", org()), Map.of("org", "globex"));
    }

    private String org() {
        return text("acme");
    }

    private String text(String usual) {
        return hostile.isEmpty() ? usual : hostile;
    }

    private void change(Settings next, String who, String why) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("version", history.size() + 1);
        item.put("at", CannedAnswers.ago(Duration.ofHours(70L - 30L * history.size())));
        item.put("by", who);
        item.put("why", why);
        item.put(
                "changes",
                next.since(settings).stream()
                        .map(one ->
                                Map.of(
                                        "field",
                                        one.field(),
                                        "removed",
                                        one.removed(),
                                        "added",
                                        one.added()))
                        .toList());
        settings = next;
        history.add(item);
    }

    private void settings(ServerResponse response) {
        Map<String, Object> newest = history.getLast();
        Map<String, Object> page = new LinkedHashMap<>(settings.document());
        page.put("version", newest.get("version"));
        page.put("changed-at", newest.get("at"));
        page.put("changed-by", text(String.valueOf(newest.get("by"))));
        page.put("why", text(String.valueOf(newest.get("why"))));
        page.put("stale-sessions", 2);
        page.put("warnings", hostile.isEmpty() ? settings.warnings() : List.of(hostile));
        if (!hostile.isEmpty()) {
            page.put("allow", List.of(hostile));
            page.put("deny", List.of(hostile));
            page.put("ports", List.of(hostile));
            page.put("types", List.of(hostile));
            page.put("internal", Map.of(hostile, List.of(hostile)));
        }
        response.header(HeaderNames.ETAG, "\"" + newest.get("version") + "\"");
        json(response, page);
    }

    private boolean refused(ServerResponse response, String body) {
        writes.add(body);
        Map<String, Object> now = refusal;
        if (now.isEmpty() || (now.containsKey("risks") && body.contains("confirm"))) {
            return false;
        }
        refusal = now.containsKey("risks") ? now : Map.of();
        send(response, Integer.parseInt(String.valueOf(now.get("status"))), now);
        return true;
    }

    private void replace(ServerRequest request, ServerResponse response) {
        String body = request.content().as(String.class);
        if (refused(response, body)) {
            return;
        }
        Document.Fields fields = Document.json(body).fields();
        Settings next = Settings.read(fields);
        change(next, "maria@acme.example", fields.optional("why").map(Document::text).orElse(""));
        settings(response);
    }

    private void rollback(ServerRequest request, ServerResponse response) {
        if (!refused(response, "rollback " + request.content().as(String.class))) {
            change(Settings.forNewOrg(), "maria@acme.example", "rollback");
            settings(response);
        }
    }

    private void add(ServerRequest request, ServerResponse response) {
        String body = request.content().as(String.class);
        if (refused(response, body)) {
            return;
        }
        Document.Fields fields = Document.json(body).fields();
        Document domains = fields.required("domains");
        List<DomainPattern> patterns =
                domains.isText()
                        ? Settings.patterns(domains.text())
                        : domains.items().stream()
                                .map(item -> DomainPattern.parse(item.text()))
                                .toList();
        boolean deny = body.contains("\"list\":\"deny\"");
        change(
                settings.with(deny ? new Change.Deny(patterns) : new Change.Allow(patterns)),
                "maria@acme.example",
                "");
        settings(response);
    }

    private void remove(ServerRequest request, ServerResponse response) {
        if (refused(response, "remove " + request.prologue().query().rawValue())) {
            return;
        }
        DomainPattern pattern = DomainPattern.parse(request.path().pathParameters().get("pattern"));
        change(settings.with(new Change.Remove(List.of(pattern))), "maria@acme.example", "");
        settings(response);
    }

    private void taken(ServerRequest request, ServerResponse response) {
        String body = request.content().hasEntity() ? request.content().as(String.class) : "";
        String asked = request.prologue().method() + " " + request.path().path() + " " + body;
        if (!refused(response, asked)) {
            response.status(Status.NO_CONTENT_204).send();
        }
    }

    private void check(ServerRequest request, ServerResponse response) {
        String typed =
                Document.json(request.content().as(String.class))
                        .fields()
                        .required("domains")
                        .text();
        List<Map<String, Object>> items = new ArrayList<>();
        for (String entry : ENTRIES.split(typed)) {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("input", entry);
            try {
                DomainPattern pattern = DomainPattern.parse(entry);
                item.put("pattern", pattern.toString());
                item.put("warnings", pattern.warning().stream().toList());
                item.put("already", settings.allow().contains(pattern));
            } catch (IllegalArgumentException e) {
                item.put("error", e.getMessage());
            }
            items.add(item);
        }
        items(response, items);
    }

    private Map<String, Object> impact() {
        return Map.of(
                "newly-allowed",
                List.of(Map.of("name", text("download.docker.com"), "count", 41)),
                "newly-denied",
                List.of(),
                "unchanged",
                12);
    }

    private void version(ServerResponse response) {
        json(response, Map.of("version", 1, "network-access", Settings.forNewOrg().document()));
    }

    private void explain(ServerRequest request, ServerResponse response) {
        try {
            Map<String, Object> verdict =
                    new LinkedHashMap<>(
                            Explanation.of(
                                            Snapshot.of(
                                                    "acme",
                                                    null,
                                                    3,
                                                    "settings",
                                                    settings,
                                                    CannedAnswers.PRESETS),
                                            Explanation.name(request.query().get("name")),
                                            CannedAnswers.PRESETS)
                                    .document());
            if (!hostile.isEmpty()) {
                verdict.replaceAll((key, value) -> value instanceof String ? hostile : value);
                verdict.put("advice", List.of(Map.of("text", hostile, "command", hostile)));
            }
            json(response, verdict);
        } catch (IllegalArgumentException e) {
            send(response, 422, problem(422, String.valueOf(e.getMessage())));
        }
    }

    private void token(ServerRequest request, ServerResponse response) {
        writes.add(request.content().as(String.class));
        Map<String, Object> made = answers.tokenRow("t-4", "nightly", "org-viewer");
        made.put("secret", "spt_4Zr8mWq2");
        send(response, 201, made);
    }

    static Map<String, Object> problem(int status, String detail) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", "Refused");
        problem.put("status", status);
        problem.put("detail", detail);
        return problem;
    }

    private static void items(ServerResponse response, List<Map<String, Object>> items) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("items", items);
        page.put("next", null);
        json(response, page);
    }

    private static void json(ServerResponse response, Map<String, Object> body) {
        send(response, 200, body);
    }

    private static void send(ServerResponse response, int status, Map<String, Object> body) {
        response.status(status)
                .header(
                        HeaderNames.CONTENT_TYPE,
                        status < 400 ? "application/json" : "application/problem+json")
                .send(
                        new tools.jackson.databind.json.JsonMapper()
                                .writeValueAsString(body)
                                .getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop();
    }
}
