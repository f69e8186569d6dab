package io.sallyport.sync.control;

import io.helidon.http.HeaderNames;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Found;
import io.sallyport.sync.audit.AuditTrail.Row;
import io.sallyport.sync.audit.AuditTrail.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/audit}. */
final class AuditRoutes {
    /** More than a name of a domain or a person needs to be told apart. */
    private static final int MAX_FIND = 100;

    private static final String LINES = "application/x-ndjson";

    private final AuditTrail audit;

    AuditRoutes(AuditTrail audit) {
        this.audit = audit;
    }

    void add(Routes routes) {
        routes.on(Endpoint.AUDIT, this::list, "org", "limit", "after", "before", "order", "find")
                .on(Endpoint.AUDIT_VERIFY, this::verify);
    }

    private Reply list(Call call) throws Problem, IOException {
        Optional<String> org = call.orgInQuery();
        if (call.header(HeaderNames.ACCEPT).orElse("").strip().equals(LINES)) {
            return Reply.flowing(LINES, out -> audit.export(org, out));
        }
        int limit = Paging.limit(call);
        Optional<String> text = call.query("find");
        if (text.isPresent()) {
            return find(call, org, text.get(), limit);
        }
        List<Row> found =
                switch (call.query("order").orElse("oldest")) {
                    case "oldest" ->
                            audit.read(org, call.number("after", 0, 0, Long.MAX_VALUE), limit + 1);
                    case "newest" ->
                            audit.newest(
                                    org,
                                    call.number("before", Long.MAX_VALUE, 1, Long.MAX_VALUE),
                                    limit + 1);
                    default -> throw Problem.bad("order", "order: write oldest or newest");
                };
        ArrayNode items = Json.array();
        found.stream().limit(limit).map(row -> Json.of(row.document())).forEach(items::add);
        return Paging.reply(items, found.size() > limit ? found.get(limit - 1).number() : null);
    }

    private Reply find(Call call, Optional<String> org, String text, int limit)
            throws Problem, IOException {
        if (call.query("order").isPresent() && !call.query("order").get().equals("newest")) {
            throw Problem.bad("order", "order: what is looked for comes newest first");
        }
        if (text.isBlank() || text.length() > MAX_FIND) {
            throw Problem.bad("find", "find: write 1 to " + MAX_FIND + " characters to look for");
        }
        Found found =
                audit.find(
                        org,
                        text.strip(),
                        call.number("before", Long.MAX_VALUE, 1, Long.MAX_VALUE),
                        limit);
        ArrayNode items = Json.array();
        found.rows().forEach(row -> items.add(Json.of(row.document())));
        return Paging.reply(items, found.before().isPresent() ? found.before().getAsLong() : null);
    }

    private Reply verify(Call call) throws IOException {
        ObjectNode answer = Json.object();
        switch (audit.verify()) {
            case Verdict.Intact(long rows, String last) ->
                    answer.put("intact", true)
                            .put("rows", rows)
                            .put("last", last)
                            .putNull("broken")
                            .putNull("why");
            case Verdict.Broken(long number, String why) ->
                    answer.put("intact", false)
                            .putNull("rows")
                            .putNull("last")
                            .put("broken", number)
                            .put("why", why);
        }
        return Reply.ok(answer);
    }
}
