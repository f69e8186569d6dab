package io.sallyport.sync.control;

import io.helidon.http.Status;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Difference;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Orgs, their history and their agents. */
final class OrgRoutes {
    private final OrgStore orgs;
    private final SettingsPage page;

    OrgRoutes(OrgStore orgs, SettingsPage page) {
        this.orgs = orgs;
        this.page = page;
    }

    void add(Routes routes) {
        routes.on(Endpoint.ORGS, this::list, "limit", "after")
                .on(Endpoint.ORG_CREATE, this::create)
                .on(Endpoint.HISTORY, this::history, "limit", "before")
                .on(Endpoint.HISTORY_VERSION, this::version)
                .on(Endpoint.AGENTS, this::agents, "limit", "after")
                .on(Endpoint.AGENT, this::agent)
                .on(Endpoint.AGENT_PUT, this::switchAgent);
    }

    private Reply list(Call call) throws Problem, Refusal, IOException {
        Optional<String> own = call.holder().org();
        if (own.isPresent()) {
            ArrayNode items = Json.array();
            items.add(item(orgs.current(own.get())));
            return Paging.reply(items, null);
        }
        String after = call.query("after").orElse("");
        return Paging.<Version>gathered(
                Paging.limit(call),
                (last, limit) -> orgs.orgs(last == null ? after : last.org(), limit),
                (version, _) -> item(version),
                Version::org);
    }

    private static ObjectNode item(Version version) {
        return Json.object()
                .put("org", version.org())
                .put("internet-access", version.settings().internet())
                .put("level", version.settings().level().text())
                .put("version", version.number())
                .put("changed-at", version.at().toString())
                .put("changed-by", version.by().who());
    }

    private Reply create(Call call) throws Problem, Refusal, IOException {
        Document.Fields body = call.body();
        String org = body.required("org").textAs(Settings::org);
        boolean imported = body.optional("imported").map(Document::flag).orElse(false);
        String why = Terms.why(body);
        body.end();
        Settings settings = imported ? Settings.forImportedOrg() : Settings.forNewOrg();
        Version created = orgs.create(org, settings, call.author(why));
        return page.reply(Status.CREATED_201, created)
                .with("Location", "/v1/orgs/" + org + "/network-access");
    }

    private Reply history(Call call) throws Problem, Refusal, IOException {
        long before = call.number("before", Long.MAX_VALUE, 1, Long.MAX_VALUE);
        return Paging.<Version>gathered(
                Paging.limit(call),
                (last, limit) ->
                        orgs.history(call.org(), last == null ? before : last.number(), limit),
                OrgRoutes::change,
                Version::number);
    }

    private static ObjectNode change(Version version, @Nullable Version earlier) {
        return SettingsPage.item(
                version,
                earlier == null ? List.of() : version.settings().since(earlier.settings()));
    }

    private Reply version(Call call) throws Problem, Refusal, IOException {
        Version version = orgs.version(call.org(), call.pathNumber("version"));
        List<Difference> changes = new ArrayList<>();
        if (version.number() > 1) {
            Settings before = orgs.version(call.org(), version.number() - 1).settings();
            changes.addAll(version.settings().since(before));
        }
        ObjectNode item = SettingsPage.item(version, changes);
        item.set("network-access", Json.of(version.settings().document()));
        return Reply.ok(item);
    }

    private Reply agents(Call call) throws Problem, Refusal, IOException {
        int limit = Paging.limit(call);
        List<Agent> found = orgs.agents(call.org(), call.query("after").orElse(""), limit + 1);
        ArrayNode items = Json.array();
        found.stream().limit(limit).map(OrgRoutes::item).forEach(items::add);
        return Paging.reply(items, found.size() > limit ? found.get(limit - 1).name() : null);
    }

    private Reply agent(Call call) throws Refusal, IOException {
        String name = Settings.agent(call.path("agent"));
        return Reply.ok(
                orgs.agent(call.org(), name)
                        .map(OrgRoutes::item)
                        .orElseGet(() ->
                                Json.object()
                                        .put("agent", name)
                                        .put("code-execution", true)
                                        .putNull("changed-at")
                                        .putNull("changed-by")
                                        .putNull("why")));
    }

    private Reply switchAgent(Call call) throws Problem, Refusal, IOException {
        Document.Fields body = call.body();
        boolean on = body.required("code-execution").onOrOff();
        String why = Terms.why(body);
        body.end();
        orgs.setCodeExecution(call.org(), call.path("agent"), on, call.author(why));
        return agent(call);
    }

    private static ObjectNode item(Agent agent) {
        return Json.object()
                .put("agent", agent.name())
                .put("code-execution", agent.codeExecution())
                .put("changed-at", agent.at().toString())
                .put("changed-by", agent.by().who())
                .put("why", agent.by().why());
    }
}
