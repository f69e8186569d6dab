package io.sallyport.sync.control;

import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.decision.Decisions.Decision;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.fleet.Fleet.Denial;
import io.sallyport.sync.fleet.Fleet.Orders;
import io.sallyport.sync.fleet.Fleet.Reported;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.settings.Settings;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/nodes/{node}/report}: what a node saw goes in, what it has to do comes out. */
final class NodeRoutes {
    private final OrgStore orgs;
    private final Decisions decisions;
    private final Fleet fleet;

    NodeRoutes(OrgStore orgs, Decisions decisions, Fleet fleet) {
        this.orgs = orgs;
        this.decisions = decisions;
        this.fleet = fleet;
    }

    void add(Routes routes) {
        routes.on(Endpoint.REPORT, Routes.Body.LISTS, this::report);
    }

    private Reply report(Call call) throws Problem, IOException {
        String node = call.path("node");
        Document.Fields body = call.body();
        List<Reported> sessions = body.list("sessions", NodeRoutes::session);
        List<Decision> batch = body.list("decisions", NodeRoutes::decision);
        long applied =
                body.optional("emergency-version")
                        .map(version -> version.number(0, Long.MAX_VALUE))
                        .orElse(0L);
        body.end();
        Set<String> known =
                known(
                        Stream.concat(
                                sessions.stream().map(Reported::org),
                                batch.stream().map(Decision::org)));
        fleet.heard(
                node,
                sessions.stream().filter(session -> known.contains(session.org())).toList(),
                applied);
        decisions.add(
                node, batch.stream().filter(decision -> known.contains(decision.org())).toList());
        return Reply.ok(orders(fleet.orders(node), applied));
    }

    /** Those that are there: a node that makes orgs up fills no table with what it says of them. */
    private Set<String> known(Stream<String> reported) throws IOException {
        Set<String> known = new HashSet<>();
        for (String org : reported.distinct().toList()) {
            if (orgs.has(org)) {
                known.add(org);
            }
        }
        return known;
    }

    private static Reported session(Document document) {
        Document.Fields fields = document.fields();
        Optional<String> agent = fields.optional("agent").map(Document::text);
        Reported session =
                document.as(
                        _ -> fields,
                        given ->
                                new Reported(
                                        given.required("id").text(),
                                        given.required("org").textAs(Settings::org),
                                        agent,
                                        given.required("state").text(),
                                        given.required("mode").text(),
                                        given.required("snapshot").text(),
                                        given.required("version").number(0, Long.MAX_VALUE),
                                        given.required("started").textAs(NodeRoutes::time)));
        fields.end();
        return session;
    }

    private static Decision decision(Document document) {
        Document.Fields fields = document.fields();
        Decision decision =
                document.as(
                        _ -> fields,
                        given ->
                                new Decision(
                                        given.required("org").textAs(Settings::org),
                                        given.required("session").text(),
                                        given.required("name").text(),
                                        given.required("verdict").textAs(Verdict::parse),
                                        given.required("reason").text(),
                                        given.required("count").number(1, Long.MAX_VALUE),
                                        given.required("first").textAs(NodeRoutes::time),
                                        given.required("last").textAs(NodeRoutes::time)));
        fields.end();
        return decision;
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("must be a time such as 2030-01-01T00:00:00Z", e);
        }
    }

    /** The list of denials goes to who has not applied it: each node asks each second. */
    private static ObjectNode orders(Orders orders, long applied) {
        ObjectNode answer = Json.object();
        answer.set("end", Json.texts(orders.end()));
        if (orders.emergencyVersion() == applied) {
            return answer.putNull("emergency");
        }
        ObjectNode emergency = answer.putObject("emergency");
        emergency.put("version", orders.emergencyVersion());
        ArrayNode denied = emergency.putArray("denied");
        for (Denial denial : orders.denied()) {
            denied.addObject()
                    .put("pattern", denial.pattern().toString())
                    .put("org", denial.org().orElse(null));
        }
        return answer;
    }
}
