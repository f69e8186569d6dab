package io.sallyport.sync.control;

import io.helidon.http.Status;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.decision.Decisions.Domain;
import io.sallyport.sync.decision.Decisions.Point;
import io.sallyport.sync.decision.Decisions.Seen;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.fleet.Fleet.Session;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What nodes told of an org's sessions. */
final class TrafficRoutes {
    private static final int USUAL_DAYS = 7;
    private static final int USUAL_HOURS = 24;
    private static final int MAX_HOURS = 24 * Decisions.DAYS_KEPT;

    /** As many as a chart can show side by side. */
    private static final int POINTS = 144;

    private final OrgStore orgs;
    private final Decisions decisions;
    private final Fleet fleet;
    private final InstantSource clock;

    TrafficRoutes(OrgStore orgs, Decisions decisions, Fleet fleet, InstantSource clock) {
        this.orgs = orgs;
        this.decisions = decisions;
        this.fleet = fleet;
        this.clock = clock;
    }

    void add(Routes routes) {
        routes.on(Endpoint.SESSIONS, this::sessions, "stale", "limit", "after")
                .on(Endpoint.SESSION_END, Routes.Body.NONE, this::end, "why")
                .on(Endpoint.DENIED, this::denied, "days", "limit")
                .on(Endpoint.QUERIES, this::queries, "hours");
    }

    private Reply sessions(Call call) throws Problem, Refusal, IOException {
        long version = orgs.current(call.org()).number();
        int limit = Paging.limit(call);
        String after = call.query("after").orElse("");
        List<Session> found =
                isStaleWanted(call)
                        ? fleet.stale(call.org(), version, after, limit + 1)
                        : fleet.sessions(Optional.of(call.org()), after, limit + 1);
        ArrayNode items = Json.array();
        found.stream().limit(limit).map(session -> item(session, version)).forEach(items::add);
        return Paging.reply(items, found.size() > limit ? found.get(limit - 1).what().id() : null);
    }

    private static boolean isStaleWanted(Call call) throws Problem {
        return switch (call.query("stale").orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Problem.bad("stale", "stale is true or false");
        };
    }

    private static ObjectNode item(Session session, long version) {
        Fleet.Reported what = session.what();
        return Json.object()
                .put("id", what.id())
                .put("org", what.org())
                .put("agent", what.agent().orElse(null))
                .put("node", session.node())
                .put("state", session.ending() ? "ending" : what.state())
                .put("mode", what.mode())
                .put("snapshot", what.snapshot())
                .put("version", what.version())
                .put("started", what.started().toString())
                .put("last-heard", session.heard().toString())
                .put("stale", what.version() < version);
    }

    private Reply end(Call call) throws Refusal, IOException {
        String id = call.path("session");
        fleet.askEnd(call.org(), id, call.author(call.query("why").orElse("")));
        return Reply.json(Status.ACCEPTED_202, Json.object().put("id", id).put("state", "ending"));
    }

    private Reply denied(Call call) throws Problem, Refusal, IOException {
        orgs.current(call.org());
        Instant since = since(call);
        ArrayNode items = Json.array();
        for (Domain domain : decisions.denied(call.org(), since, Paging.limit(call))) {
            ObjectNode item = items.addObject().put("domain", domain.domain());
            item.put("count", domain.count())
                    .put("first", domain.first().toString())
                    .put("last", domain.last().toString());
            ArrayNode names = item.putArray("names");
            domain.names().forEach(seen -> names.add(item(seen)));
            item.set("suggestion", suggestion(domain));
        }
        return Reply.ok(Json.object().set("items", items));
    }

    private Instant since(Call call) throws Problem {
        long days = call.number("days", USUAL_DAYS, 1, Decisions.DAYS_KEPT);
        return clock.instant().minus(Duration.ofDays(days));
    }

    static ObjectNode item(Seen seen) {
        return Json.object()
                .put("name", seen.name())
                .put("count", seen.count())
                .put("first", seen.first().toString())
                .put("last", seen.last().toString());
    }

    /** The one name if there is but one, else all of the domain; a sandbox chose these texts. */
    private static tools.jackson.databind.JsonNode suggestion(Domain domain) {
        String text =
                domain.names().size() == 1
                        ? domain.names().getFirst().name()
                        : "." + domain.domain();
        try {
            DomainPattern pattern = DomainPattern.parse(text);
            ObjectNode suggestion = Json.object().put("pattern", pattern.toString());
            ArrayNode warnings = suggestion.putArray("warnings");
            pattern.warning().ifPresent(warnings::add);
            return suggestion;
        } catch (IllegalArgumentException e) {
            return Json.nothing(); // no pattern can allow it
        }
    }

    private Reply queries(Call call) throws Problem, Refusal, IOException {
        orgs.current(call.org());
        long hours = call.number("hours", USUAL_HOURS, 1, MAX_HOURS);
        Duration step =
                Duration.ofMinutes(Math.ceilDiv(Duration.ofHours(hours).toMinutes(), POINTS));
        ObjectNode answer = Json.object().put("step-seconds", step.toSeconds());
        ArrayNode points = answer.putArray("points");
        Instant since = clock.instant().minus(Duration.ofHours(hours));
        for (Point point : decisions.series(call.org(), since, step)) {
            points.addObject()
                    .put("at", point.at().toString())
                    .put("allowed", point.allowed())
                    .put("denied", point.denied())
                    .put("observed", point.observed());
        }
        return Reply.ok(answer);
    }
}
