package io.sallyport.sync.control;

import io.helidon.http.Status;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.fleet.Fleet.Denial;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Names that running sessions lose as well: an org's, and the platform's. */
final class EmergencyRoutes {
    /** An emergency is a few names; each has a row in the trail. */
    private static final int MAX_DOMAINS = 100;

    private final OrgStore orgs;
    private final Fleet fleet;

    EmergencyRoutes(OrgStore orgs, Fleet fleet) {
        this.orgs = orgs;
        this.fleet = fleet;
    }

    void add(Routes routes) {
        routes.on(Endpoint.ORG_EMERGENCIES, this::list)
                .on(Endpoint.ORG_EMERGENCY_ADD, this::deny)
                .on(Endpoint.ORG_EMERGENCY_LIFT, Routes.Body.NONE, this::lift, "why")
                .on(Endpoint.EMERGENCIES, this::list)
                .on(Endpoint.EMERGENCY_ADD, this::deny)
                .on(Endpoint.EMERGENCY_LIFT, Routes.Body.NONE, this::lift, "why");
    }

    /** The org of the path, which is there; nothing for the platform. */
    private Optional<String> scope(Call call) throws Refusal, IOException {
        if (!call.endpoint().path().contains("{org}")) {
            return Optional.empty();
        }
        return Optional.of(orgs.current(call.org()).org());
    }

    private Reply list(Call call) throws Refusal, IOException {
        return Reply.ok(page(fleet.denials(scope(call))));
    }

    private Reply deny(Call call) throws Problem, Refusal, IOException {
        Optional<String> scope = scope(call);
        Document.Fields body = call.body();
        List<DomainPattern> patterns = DomainList.patterns(body.required("domains"));
        String why = Terms.why(body);
        body.end();
        if (patterns.size() > MAX_DOMAINS) {
            throw Problem.invalid("domains", "domains: at most " + MAX_DOMAINS + " at once");
        }
        ArrayNode items = Json.array();
        fleet.deny(scope, patterns, call.author(why)).forEach(denial -> items.add(item(denial)));
        return Reply.json(Status.CREATED_201, Json.object().set("items", items));
    }

    private Reply lift(Call call) throws Refusal, IOException {
        fleet.lift(scope(call), call.path("id"), call.author(call.query("why").orElse("")));
        return Reply.nothing();
    }

    private static ObjectNode page(List<Denial> denials) {
        ArrayNode items = Json.array();
        denials.forEach(denial -> items.add(item(denial)));
        return Json.object().set("items", items);
    }

    private static ObjectNode item(Denial denial) {
        return Json.object()
                .put("id", denial.id())
                .put("pattern", denial.pattern().toString())
                .put("org", denial.org().orElse(null))
                .put("at", denial.at().toString())
                .put("by", denial.by().who())
                .put("why", denial.by().why());
    }
}
