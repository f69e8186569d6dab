package io.sallyport.sync.console;

import io.helidon.webserver.http.ServerRequest;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What is read and never changes: the same each time, in the shapes of the API. */
final class CannedAnswers {
    static final Presets PRESETS = Presets.shipped();

    private final Instant opened = Instant.now();

    /** What each text is instead of what it should be. */
    private final UnaryOperator<String> texts;

    CannedAnswers(UnaryOperator<String> texts) {
        this.texts = texts;
    }

    private String text(String usual) {
        return texts.apply(usual);
    }

    static String ago(Duration age) {
        return Instant.now().minus(age).toString();
    }

    List<Map<String, Object>> agents() {
        return List.of(
                agent("support-bot", false, "handles customer files"),
                agent("build-agent", true, ""));
    }

    private Map<String, Object> agent(String name, boolean on, String why) {
        return Map.of(
                "agent", text(name),
                "code-execution", on,
                "changed-at", ago(Duration.ofDays(4)),
                "changed-by", text("jonas@acme.example"),
                "why", text(why));
    }

    List<Map<String, Object>> namespaces() {
        return List.of(namespace("team-agents", "a team of theirs"), namespace("batch", ""));
    }

    private Map<String, Object> namespace(String name, String why) {
        return Map.of(
                "namespace", text(name),
                "org", "acme",
                "at", ago(Duration.ofDays(40)),
                "by", text("maria@platform.example"),
                "why", text(why));
    }

    List<Map<String, Object>> sessions(int more) {
        Stream<Map<String, Object>> usual =
                Stream.of(
                        session("s-7f3k2q", "build-agent", "enforce", 3, Duration.ofMinutes(3)),
                        session("s-91ndx0", "data-analyst", "observe", 3, Duration.ofMinutes(11)),
                        session("s-c04mlt", "build-agent", "enforce", 2, Duration.ofHours(2)),
                        session("s-w2v8ra", "research", "enforce", 1, Duration.ofHours(5)));
        Stream<Map<String, Object>> others =
                IntStream.range(0, more)
                        .mapToObj(
                                i -> session("x-" + i, "batch", "enforce", 3, Duration.ofHours(6)));
        return Stream.concat(usual, others).toList();
    }

    private Map<String, Object> session(
            String id, String agent, String mode, int version, Duration age) {
        Map<String, Object> session = new LinkedHashMap<>();
        session.put("id", text(id));
        session.put("org", text("acme"));
        session.put("agent", text(agent));
        session.put("node", text("node-3"));
        session.put("state", text("bound"));
        session.put("mode", mode);
        session.put("snapshot", text("3f9ac02b77d14e55a1" + version));
        session.put("version", version);
        session.put("started", opened.minus(age).toString());
        session.put("last-heard", ago(Duration.ofSeconds(1)));
        session.put("stale", version < 3);
        return session;
    }

    List<Map<String, Object>> denied() {
        return List.of(
                domain("docker.com", 412, "download.docker.com", "auth.docker.com"),
                domain("huggingface.co", 268, "huggingface.co", "cdn-lfs.huggingface.co"),
                domain("openai.com", 97, "api.openai.com"),
                domain("googleapis.com", 64, "storage.googleapis.com"),
                domain("sketchy-mirror.net", 31, "p4.sketchy-mirror.net"),
                domain("datadoghq.com", 12, "api.datadoghq.com"));
    }

    private Map<String, Object> domain(String domain, int count, String... names) {
        List<Map<String, Object>> seen = new ArrayList<>();
        for (String name : names) {
            seen.add(
                    Map.of(
                            "name", text(name),
                            "count", count / names.length,
                            "first", ago(Duration.ofDays(5)),
                            "last", ago(Duration.ofMinutes(count))));
        }
        return Map.of(
                "domain",
                text(domain),
                "count",
                count,
                "first",
                ago(Duration.ofDays(5)),
                "last",
                ago(Duration.ofMinutes(count)),
                "names",
                seen,
                "suggestion",
                Map.of(
                        "pattern",
                        text(names.length == 1 ? names[0] : "." + domain),
                        "warnings",
                        domain.equals("googleapis.com")
                                ? List.of(text("anyone may publish below .googleapis.com"))
                                : List.of()));
    }

    Map<String, Object> queries(ServerRequest request) {
        int hours = Integer.parseInt(request.query().get("hours"));
        int step = hours * 60;
        List<Map<String, Object>> points = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            int allowed = (int) (220 + 160 * Math.sin(i / 5.0) + 40 * Math.sin(i * 1.7));
            points.add(
                    Map.of(
                            "at",
                            ago(Duration.ofSeconds((60L - i) * step)),
                            "allowed",
                            allowed,
                            "denied",
                            i % 13 == 7 ? 90 : 14 + i % 9,
                            "observed",
                            i > 40 && i < 52 ? 30 : 0));
        }
        return Map.of("step-seconds", step, "points", points);
    }

    Map<String, Object> observed(Settings settings) {
        return Map.of(
                "items",
                List.of(
                        Map.of(
                                "kind",
                                "name",
                                "value",
                                text("download.docker.com"),
                                "count",
                                7,
                                "user-content",
                                true,
                                "names",
                                List.of(),
                                "notes",
                                List.of(text("anyone may publish there")))),
                "left-out",
                List.of(Map.of("name", text("dns.google"), "reason", "public-resolver")),
                "changed",
                true,
                "settings",
                settings.document(),
                "risks",
                List.of());
    }

    List<Map<String, Object>> emergencies() {
        Map<String, Object> denial = new LinkedHashMap<>();
        denial.put("id", 4);
        denial.put("pattern", text(".evil-cdn.example"));
        denial.put("org", text("acme"));
        denial.put("at", ago(Duration.ofMinutes(50)));
        denial.put("by", text("jonas@acme.example"));
        denial.put("why", text("served a poisoned package"));
        return List.of(denial);
    }

    List<Map<String, Object>> audit(String find) {
        return Stream.of(
                        row(128, "settings.change", "acme", "the payments team’s sandbox"),
                        row(127, "token.create", "deploy pipeline", ""),
                        row(126, "emergency.deny", ".evil-cdn.example", "a poisoned package"),
                        row(125, "agent.change", "support-bot", "handles customer files"))
                .filter(row -> row.toString().contains(find))
                .toList();
    }

    private Map<String, Object> row(int number, String action, String target, String why) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("number", number);
        row.put("at", ago(Duration.ofHours(130L - number)));
        row.put("who", text("maria@acme.example"));
        row.put("role", "org-admin");
        row.put("org", text("acme"));
        row.put("action", text(action));
        row.put("target", text(target));
        row.put("why", text(why));
        List<String> added = List.of(text("api.stripe.com"));
        Map<String, Object> change = Map.of("field", "allow", "removed", List.of(), "added", added);
        row.put("details", Map.of("version", 2, "changes", List.of(change)));
        row.put("hash", "ab".repeat(32));
        return row;
    }

    List<Map<String, Object>> tokens() {
        return List.of(
                tokenRow("t-1", "admin", "platform-admin"),
                tokenRow("t-2", "deploy pipeline", "org-admin"),
                tokenRow("t-3", "node-3", "node"));
    }

    Map<String, Object> tokenRow(String id, String name, String role) {
        Map<String, Object> token = new LinkedHashMap<>();
        token.put("id", id);
        token.put("name", text(name));
        token.put("role", role);
        token.put("org", role.startsWith("org-") ? text("acme") : null);
        token.put("created-at", ago(Duration.ofDays(9)));
        token.put("created-by", text("jonas@acme.example"));
        token.put("expires-at", id.equals("t-1") ? null : ago(Duration.ofDays(-60)));
        token.put("last-used", id.equals("t-3") ? null : ago(Duration.ofDays(1)));
        return token;
    }

    List<Map<String, Object>> signIns() {
        return List.of(
                signedIn("maria@acme.example", "platform-admin", 2, Duration.ofSeconds(5)),
                signedIn("jonas@acme.example", "org-admin", 1, Duration.ofMinutes(20)));
    }

    private Map<String, Object> signedIn(String name, String role, int browsers, Duration used) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("person", "person-" + browsers);
        one.put("name", text(name));
        one.put("role", role);
        one.put("org", role.startsWith("org-") ? text("acme") : null);
        one.put("browsers", browsers);
        one.put("since", ago(Duration.ofHours(3)));
        one.put("last-used", ago(used));
        return one;
    }

    List<Map<String, Object>> presets() {
        return PRESETS.all().stream().map(this::preset).toList();
    }

    private Map<String, Object> preset(Presets.Preset preset) {
        return Map.of(
                "name",
                preset.name(),
                "version",
                preset.version(),
                "description",
                text(preset.description()),
                "includes",
                preset.includes(),
                "groups",
                preset.groups().stream().map(this::group).toList());
    }

    private Map<String, Object> group(Presets.Group group) {
        return Map.of(
                "name",
                text(group.name()),
                "description",
                text(group.description()),
                "entries",
                group.entries().stream()
                        .map(entry ->
                                Map.of(
                                        "pattern",
                                        text(entry.pattern().toString()),
                                        "user-content",
                                        entry.userContent(),
                                        "note",
                                        text(entry.note())))
                        .toList());
    }
}
