package io.sallyport.sync.control;

import io.helidon.http.HeaderNames;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Found;
import io.sallyport.sync.audit.AuditTrail.Hash;
import io.sallyport.sync.audit.AuditTrail.Row;
import io.sallyport.sync.audit.AuditTrail.Verdict;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/audit}. */
final class AuditRoutes {
    /** More than a name of a domain or a person needs to be told apart. */
    private static final int MAX_FIND = 100;

    private static final String LINES = "application/x-ndjson";

    /** A row with a long diff may be megabytes. */
    private static final int FOUND_AT_ONCE = 50;

    private final AuditTrail audit;

    AuditRoutes(AuditTrail audit) {
        this.audit = audit;
    }

    void add(Routes routes) {
        routes.on(Endpoint.AUDIT, this::list, "org", "limit", "after", "before", "order", "find")
                .on(Endpoint.AUDIT_VERIFY, this::verify, "expect");
    }

    private Reply list(Call call) throws Problem, Refusal, IOException {
        Optional<String> org = call.orgInQuery();
        if (call.header(HeaderNames.ACCEPT).orElse("").strip().equals(LINES)) {
            return Reply.flowing(LINES, out -> audit.export(org, out));
        }
        Optional<String> text = call.query("find");
        if (text.isPresent()) {
            return find(call, org, text.get());
        }
        return Paging.gathered(
                Paging.limit(call),
                rows(call, org),
                (row, _) -> Json.of(row.document()),
                Row::number);
    }

    private Paging.Source<Row> rows(Call call, Optional<String> org) throws Problem {
        long after = call.number("after", 0, 0, Long.MAX_VALUE);
        long before = call.number("before", Long.MAX_VALUE, 1, Long.MAX_VALUE);
        return switch (call.query("order").orElse("oldest")) {
            case "oldest" ->
                    (last, limit) -> audit.read(org, last == null ? after : last.number(), limit);
            case "newest" ->
                    (last, limit) ->
                            audit.newest(org, last == null ? before : last.number(), limit);
            default -> throw Problem.bad("order", "order: write oldest or newest");
        };
    }

    private Reply find(Call call, Optional<String> org, String text) throws Problem, IOException {
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
                        Math.min(Paging.limit(call), FOUND_AT_ONCE));
        ArrayNode items = Json.array();
        found.rows().forEach(row -> items.add(Json.of(row.document())));
        return Paging.reply(items, found.before().isPresent() ? found.before().getAsLong() : null);
    }

    private Reply verify(Call call) throws IOException {
        ObjectNode answer = Json.object();
        Optional<Hash> expected = call.query("expect").map(Hash::new);
        switch (expected.isPresent() ? audit.verify(expected.get()) : audit.verify()) {
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
            case Verdict.Rewritten(long rows, String why) ->
                    answer.put("intact", false)
                            .put("rows", rows)
                            .putNull("last")
                            .putNull("broken")
                            .put("why", why);
        }
        return Reply.ok(answer);
    }
}
