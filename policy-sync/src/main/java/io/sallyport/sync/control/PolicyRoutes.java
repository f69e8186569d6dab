package io.sallyport.sync.control;

import io.helidon.http.Status;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.explain.Explanation;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Mapping;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a new session of an org gets: the snapshot, a verdict, the shipped presets. */
final class PolicyRoutes {
    private final OrgStore orgs;
    private final PolicySource source;
    private final Fleet fleet;
    private final Presets presets;

    PolicyRoutes(OrgStore orgs, Fleet fleet, Presets presets) {
        this.orgs = orgs;
        this.fleet = fleet;
        this.presets = presets;
        this.source = PolicySource.of(orgs, presets);
    }

    void add(Routes routes) {
        routes.on(Endpoint.POLICY, this::policy, "agent", "namespace")
                .on(Endpoint.EXPLAIN, this::explain, "name")
                .on(Endpoint.PRESETS, this::presets);
    }

    private Reply policy(Call call) throws Problem, Refusal, IOException {
        Optional<String> namespace = call.query("namespace").map(Mapping::namespace);
        Snapshot snapshot = pull(call, call.query("agent").map(Settings::agent), namespace);
        Reply reply =
                Reply.of(
                                Status.OK_200,
                                "application/json",
                                snapshot.json().getBytes(StandardCharsets.UTF_8))
                        .etag(snapshot.digest());
        return namespace.map(name -> reply.with("Sallyport-Namespace", name)).orElse(reply);
    }

    private Reply explain(Call call) throws Problem, Refusal, IOException {
        String name =
                call.query("name")
                        .orElseThrow(() ->
                                Problem.bad(
                                        "name",
                                        "name: say which name, as in ?name=api.example.com"));
        Snapshot snapshot = pull(call, Optional.empty(), Optional.empty());
        return Reply.ok(
                Json.of(
                        Explanation.of(
                                        snapshot,
                                        fleet.inForce(call.org()),
                                        Explanation.name(name),
                                        presets)
                                .document()));
    }

    private Snapshot pull(Call call, Optional<String> agent, Optional<String> namespace)
            throws Problem, Refusal, IOException {
        var _ = orgs.currentNumber(call.org()); // tells an unknown org from a refusal
        try {
            return source.pull(call.org(), agent.orElse(null), namespace.orElse(null));
        } catch (PolicySource.Refused refused) {
            throw Problem.of(Status.FORBIDDEN_403, String.valueOf(refused.getMessage()));
        }
    }

    private Reply presets(Call call) {
        ArrayNode items = Json.array();
        for (Presets.Preset preset : presets.all()) {
            ObjectNode item =
                    items.addObject()
                            .put("name", preset.name())
                            .put("version", preset.version())
                            .put("description", preset.description());
            item.set("includes", Json.texts(preset.includes()));
            ArrayNode groups = item.putArray("groups");
            for (Presets.Group group : preset.groups()) {
                ArrayNode entries =
                        groups.addObject()
                                .put("name", group.name())
                                .put("description", group.description())
                                .putArray("entries");
                for (Presets.Entry entry : group.entries()) {
                    entries.addObject()
                            .put("pattern", entry.pattern().toString())
                            .put("user-content", entry.userContent())
                            .put("note", entry.note());
                }
            }
        }
        ObjectNode page = Json.object();
        page.set("items", items);
        return Reply.ok(page);
    }
}
