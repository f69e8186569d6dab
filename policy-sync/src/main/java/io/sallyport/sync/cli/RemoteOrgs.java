package io.sallyport.sync.cli;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.remote.Remote;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Difference;
import io.sallyport.sync.settings.Settings.Risk;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Orgs behind a control server. Who changes them is who the token was made for. */
final class RemoteOrgs implements Orgs {
    /** Somebody else may be changing them at once, but not for long. */
    private static final int TRIES = 5;

    private static final int FORBIDDEN = 403;
    private static final int STALE = 412;
    private static final String UNCONFIRMED = "/problems/confirmation-required";

    /** The longest page that the server makes. */
    private static final int MAX_PAGE = 1_000;

    private static final JsonMapper JSON = new JsonMapper();

    private final Remote remote;

    RemoteOrgs(Remote remote) {
        this.remote = remote;
    }

    private static String access(String org) {
        return "/v1/orgs/" + Pages.segment(org) + "/network-access";
    }

    private static String agent(String org, String agent) {
        return "/v1/orgs/" + Pages.segment(org) + "/agents/" + Pages.segment(agent);
    }

    @Override
    public Version create(String org, boolean imported, Author by) throws Exception {
        ObjectNode body = JSON.createObjectNode().put("org", org).put("imported", imported);
        return version(remote.post("/v1/orgs", body.put("why", by.why())));
    }

    @Override
    public List<Version> orgs() throws Exception {
        List<Version> orgs = new ArrayList<>();
        for (JsonNode item : Pages.all(remote, "/v1/orgs", Optional.empty())) {
            orgs.add(current(item.path("org").asString()));
        }
        return orgs;
    }

    @Override
    public Version current(String org) throws Exception {
        return version(remote.get(access(org)));
    }

    @Override
    public Version version(String org, long number) throws Exception {
        return version(org, remote.get("/v1/orgs/" + Pages.segment(org) + "/history/" + number));
    }

    /** Asks the server for a change of settings at a version. */
    private interface Request {
        JsonNode send(ObjectNode body, Optional<Long> expected) throws Remote.Refused, IOException;
    }

    @Override
    public Outcome rollback(String org, long to, Terms terms) throws Exception {
        return change(
                org,
                terms,
                before -> JSON.createObjectNode().put("version", to),
                (body, expected) -> remote.post(access(org) + "/rollback", expected, body));
    }

    @Override
    public Outcome change(String org, List<Change> changes, Terms terms) throws Exception {
        return change(
                org,
                terms,
                before -> json(before.settings().with(changes)),
                (body, expected) -> remote.put(access(org), expected, body));
    }

    private static ObjectNode json(Settings settings) {
        return (ObjectNode) JSON.readTree(Document.canonical(settings.document()));
    }

    private Outcome change(
            String org, Terms terms, Function<Version, ObjectNode> body, Request request)
            throws Exception {
        for (int tried = 1; ; tried++) {
            Version before = current(org);
            ObjectNode sent = body.apply(before).put("why", terms.by().why());
            sent.set(
                    "confirm",
                    JSON.valueToTree(terms.confirmed().stream().map(Risk.Code::text).toList()));
            try {
                long expected = terms.expected().orElse(before.number());
                Version now = version(request.send(sent, Optional.of(expected)));
                return new Outcome(before, now, now.number() != before.number());
            } catch (Remote.Refused refused) {
                if (refused.problem().path("type").asString("").endsWith(UNCONFIRMED)) {
                    throw new ChangeOption.Unconfirmed(risks(refused.problem()));
                }
                if (refused.status() != STALE || terms.expected().isPresent() || tried == TRIES) {
                    throw refused;
                }
            }
        }
    }

    private static List<Risk> risks(JsonNode problem) {
        List<Risk> risks = new ArrayList<>();
        for (JsonNode risk : problem.path("risks")) {
            risks.add(
                    new Risk(
                            Risk.Code.parse(risk.path("code").asString()),
                            risk.path("pattern").asString(""),
                            risk.path("text").asString()));
        }
        return risks;
    }

    @Override
    public List<Past> history(String org, int most) throws Exception {
        List<Past> history = new ArrayList<>();
        String path =
                "/v1/orgs/" + Pages.segment(org) + "/history?limit=" + Math.min(most, MAX_PAGE);
        JsonNode page = remote.get(path);
        while (true) {
            page.path("items").forEach(item -> history.add(past(item)));
            if (history.size() >= most || !page.path("next").isNumber()) {
                return history.subList(0, Math.min(most, history.size()));
            }
            page = remote.get(path + "&before=" + page.path("next").longValue());
        }
    }

    private static Past past(JsonNode item) {
        List<Difference> differences = new ArrayList<>();
        for (JsonNode change : item.path("changes")) {
            differences.add(
                    new Difference(
                            change.path("field").asString(),
                            texts(change.path("removed")),
                            texts(change.path("added"))));
        }
        return new Past(
                item.path("version").longValue(),
                Instant.parse(item.path("at").asString()),
                new Author(item.path("by").asString(), item.path("why").asString()),
                differences);
    }

    private static List<String> texts(JsonNode items) {
        return items.valueStream().map(JsonNode::asString).toList();
    }

    @Override
    public Document impact(String org, Settings after, int days) throws Exception {
        return document(remote.post(access(org) + "/impact", json(after).put("days", days)));
    }

    @Override
    public Document proposal(String org, int days) throws Exception {
        return document(remote.get("/v1/orgs/" + Pages.segment(org) + "/observed?days=" + days));
    }

    /** The platform's own are for its admins; the server itself knows them all. */
    @Override
    public List<Policy.Entry> emergency(String org) throws Exception {
        List<Policy.Entry> entries = new ArrayList<>();
        String own = "/v1/orgs/" + Pages.segment(org) + "/emergency-denials";
        remote.get(own).path("items").forEach(item -> entries.add(denied(item, "org " + org)));
        try {
            remote.get("/v1/emergency-denials")
                    .path("items")
                    .forEach(item -> entries.add(denied(item, "platform")));
        } catch (Remote.Refused refused) {
            if (refused.status() != FORBIDDEN) {
                throw refused;
            }
        }
        return entries;
    }

    private static Policy.Entry denied(JsonNode item, String source) {
        return new Policy.Entry(DomainPattern.parse(item.path("pattern").asString()), source);
    }

    private static Document document(JsonNode answer) {
        return Document.json(answer.toString());
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
        for (JsonNode item :
                Pages.all(remote, "/v1/orgs/" + Pages.segment(org) + "/agents", Optional.empty())) {
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
        return Settings.read(document(page).fields());
    }

    @Override
    public void close() {}
}
