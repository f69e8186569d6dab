package io.sallyport.sync.control;

import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Mapping;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Which orgs the pods of a Kubernetes namespace may name. */
final class NamespaceRoutes {
    private final OrgStore orgs;

    NamespaceRoutes(OrgStore orgs) {
        this.orgs = orgs;
    }

    void add(Routes routes) {
        routes.on(Endpoint.NAMESPACES, this::list, "org", "namespace", "limit", "after")
                .on(Endpoint.NAMESPACE_MAP, this::map)
                .on(Endpoint.NAMESPACE_UNMAP, Routes.Body.NONE, this::unmap, "why");
    }

    private Reply list(Call call) throws Problem, Refusal, IOException {
        Optional<String> org = call.orgInQuery();
        Optional<String> namespace = call.query("namespace").map(Mapping::namespace);
        List<String> after = after(call);
        return Paging.<Mapping>gathered(
                Paging.limit(call),
                (last, limit) ->
                        orgs.mappings(
                                namespace,
                                org,
                                last == null ? after.getFirst() : last.namespace(),
                                last == null ? after.getLast() : last.org(),
                                limit),
                (mapping, _) -> item(mapping),
                mapping -> mapping.namespace() + "/" + mapping.org());
    }

    private static List<String> after(Call call) throws Problem {
        List<String> parts = List.of(call.query("after").orElse("/").split("/", -1));
        if (parts.size() != 2) {
            throw Problem.bad("after", "after: send the next of the page before");
        }
        return parts;
    }

    private Reply map(Call call) throws Problem, Refusal, IOException {
        Document.Fields body = call.body();
        String why = Terms.why(body);
        body.end();
        return Reply.ok(item(orgs.map(call.path("namespace"), call.org(), call.author(why))));
    }

    private Reply unmap(Call call) throws Refusal, IOException {
        orgs.unmap(call.path("namespace"), call.org(), call.author(call.query("why").orElse("")));
        return Reply.nothing();
    }

    private static ObjectNode item(Mapping mapping) {
        return Json.object()
                .put("namespace", mapping.namespace())
                .put("org", mapping.org())
                .put("at", mapping.at().toString())
                .put("by", mapping.by().who())
                .put("why", mapping.by().why());
    }
}
