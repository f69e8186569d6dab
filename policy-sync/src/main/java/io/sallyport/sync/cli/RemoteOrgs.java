package io.sallyport.sync.cli;

import com.google.common.net.UrlEscapers;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.remote.Remote;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Risk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Orgs behind a control server. Who changes them is who the token was made for. */
final class RemoteOrgs implements Orgs {
    /** Somebody else may be changing them at once, but not for long. */
    private static final int TRIES = 5;

    private static final int STALE = 412;
    private static final JsonMapper JSON = new JsonMapper();

    private final Remote remote;

    RemoteOrgs(Remote remote) {
        this.remote = remote;
    }

    private static String escaped(String segment) {
        return UrlEscapers.urlPathSegmentEscaper().escape(segment);
    }

    private static String access(String org) {
        return "/v1/orgs/" + escaped(org) + "/network-access";
    }

    private static String agent(String org, String agent) {
        return "/v1/orgs/" + escaped(org) + "/agents/" + escaped(agent);
    }

    @Override
    public Version create(String org, boolean imported, Author by) throws Exception {
        ObjectNode body = JSON.createObjectNode().put("org", org).put("imported", imported);
        return version(remote.post("/v1/orgs", body.put("why", by.why())));
    }

    @Override
    public List<Version> orgs() throws Exception {
        List<Version> orgs = new ArrayList<>();
        for (JsonNode item : pages("/v1/orgs")) {
            orgs.add(current(item.path("org").asString()));
        }
        return orgs;
    }

    private List<JsonNode> pages(String path) throws Exception {
        List<JsonNode> items = new ArrayList<>();
        JsonNode page = remote.get(path);
        while (true) {
            page.path("items").forEach(items::add);
            if (page.path("next").isNull() || page.path("next").isMissingNode()) {
                return items;
            }
            page =
                    remote.get(
                            path
                                    + "?after="
                                    + UrlEscapers.urlFormParameterEscaper()
                                            .escape(page.path("next").asString()));
        }
    }

    @Override
    public Version current(String org) throws Exception {
        return version(remote.get(access(org)));
    }

    @Override
    public Version version(String org, long number) throws Exception {
        return version(org, remote.get("/v1/orgs/" + escaped(org) + "/history/" + number));
    }

    /** Sends a change for a version of the settings. */
    private interface Request {
        JsonNode send(Version before, Optional<Long> expected) throws Exception;
    }

    @Override
    public Outcome rollback(String org, long to, Terms terms) throws Exception {
        ObjectNode body = JSON.createObjectNode().put("version", to);
        return changed(
                org,
                terms,
                (before, expected) ->
                        remote.post(access(org) + "/rollback", expected, with(terms, body)));
    }

    @Override
    public Outcome change(String org, List<Change> changes, Terms terms) throws Exception {
        return changed(
                org,
                terms,
                (before, expected) -> {
                    Settings after = before.settings().with(changes);
                    String document = Document.canonical(after.document());
                    ObjectNode body = (ObjectNode) JSON.readTree(document);
                    return remote.put(access(org), expected, with(terms, body));
                });
    }

    private static ObjectNode with(Terms terms, ObjectNode body) {
        body.put("why", terms.by().why());
        body.set(
                "confirm",
                JSON.valueToTree(terms.confirmed().stream().map(Risk.Code::text).toList()));
        return body;
    }

    private Outcome changed(String org, Terms terms, Request request) throws Exception {
        for (int tried = 1; ; tried++) {
            Version before = current(org);
            long expected = terms.expected().orElse(before.number());
            try {
                Version now = version(request.send(before, Optional.of(expected)));
                return new Outcome(before, now, now.number() != before.number());
            } catch (Remote.Refused refused) {
                if (refused.status() != STALE || terms.expected().isPresent() || tried == TRIES) {
                    throw refused;
                }
            }
        }
    }

    @Override
    public List<Version> history(String org, int most) throws Exception {
        List<Version> versions = new ArrayList<>();
        long before = current(org).number() + 1;
        for (int i = 0; i < most && before > 1; i++) {
            before--;
            versions.add(version(org, before));
        }
        return versions;
    }

    @Override
    public boolean setCodeExecution(String org, String agent, boolean on, Author by)
            throws Exception {
        boolean before = remote.get(agent(org, agent)).path("code-execution").booleanValue();
        ObjectNode body = JSON.createObjectNode().put("code-execution", on).put("why", by.why());
        remote.put(agent(org, agent), Optional.empty(), body);
        return before != on;
    }

    @Override
    public List<Agent> agents(String org) throws Exception {
        List<Agent> agents = new ArrayList<>();
        for (JsonNode item : pages("/v1/orgs/" + escaped(org) + "/agents")) {
            agents.add(
                    new Agent(
                            org,
                            item.path("agent").asString(),
                            item.path("code-execution").booleanValue(),
                            Instant.parse(item.path("changed-at").asString()),
                            new Author(
                                    item.path("changed-by").asString(),
                                    item.path("why").asString())));
        }
        return agents;
    }

    private static Version version(JsonNode page) {
        return new Version(
                page.path("org").asString(),
                page.path("version").longValue(),
                settings(page),
                Instant.parse(page.path("changed-at").asString()),
                new Author(page.path("changed-by").asString(), page.path("why").asString()));
    }

    private static Version version(String org, JsonNode item) {
        return new Version(
                org,
                item.path("version").longValue(),
                settings(item.path("network-access")),
                Instant.parse(item.path("at").asString()),
                new Author(item.path("by").asString(), item.path("why").asString()));
    }

    /** Those that are in a page; what else it has is no part of them. */
    private static Settings settings(JsonNode page) {
        return Settings.read(Document.json(page.toString()).fields());
    }

    @Override
    public void close() {}
}
