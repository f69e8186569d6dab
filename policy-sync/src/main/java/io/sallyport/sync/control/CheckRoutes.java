package io.sallyport.sync.control;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.impact.Impact;
import io.sallyport.sync.insight.Insight;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;

/** What a change would mean: while it is typed, and against what was recorded. Stores nothing. */
final class CheckRoutes {
    /** As many as a person pastes; each entry is looked up for its warnings. */
    private static final int MAX_ENTRIES = 1_000;

    private static final int USUAL_DAYS = 7;

    private static final Splitter ENTRIES =
            Splitter.on(CharMatcher.whitespace().or(CharMatcher.is(','))).omitEmptyStrings();

    private final OrgStore orgs;
    private final Insight insight;
    private final Presets presets;

    CheckRoutes(OrgStore orgs, Insight insight, Presets presets) {
        this.orgs = orgs;
        this.insight = insight;
        this.presets = presets;
    }

    void add(Routes routes) {
        routes.on(Endpoint.CHECK, this::check)
                .on(Endpoint.IMPACT, Routes.Body.LISTS, this::impact)
                .on(Endpoint.OBSERVED, this::observed, "session", "days");
    }

    private Reply check(Call call) throws Problem, Refusal, IOException {
        Settings current = orgs.current(call.org()).settings();
        Document.Fields body = call.body();
        List<String> entries = entries(body.required("domains"));
        DomainList list = DomainList.read(body.optional("list"));
        body.end();
        Typed typed = new Typed(list, current, presets, entries);
        ArrayNode items = Json.array();
        entries.forEach(entry -> items.add(typed.item(entry)));
        return Reply.ok(Json.object().set("items", items));
    }

    private static List<String> entries(Document domains) {
        List<String> entries =
                (domains.isText()
                                ? ENTRIES.splitToStream(domains.text())
                                : domains.items().stream().map(Document::text))
                        .limit(MAX_ENTRIES + 1L)
                        .toList();
        if (entries.size() > MAX_ENTRIES) {
            throw domains.error("has more than " + MAX_ENTRIES + " entries; add them in parts");
        }
        return entries;
    }

    private Reply impact(Call call) throws Problem, Refusal, IOException {
        Settings before = orgs.current(call.org()).settings();
        Document.Fields body = call.body();
        long days =
                body.optional("days")
                        .map(value -> value.number(1, Decisions.DAYS_KEPT))
                        .orElse((long) USUAL_DAYS);
        Settings after = after(before, body, isWhole(call));
        body.end();
        return Reply.ok(
                Json.of(
                        insight.impact(call.org(), new Impact.Edit(before, after), days)
                                .document()));
    }

    private static boolean isWhole(Call call) throws Problem {
        Document.Fields body = call.body();
        return body.optional("level").isPresent() || body.optional("internet-access").isPresent();
    }

    /** Whole settings, or domains that are added to the lists as they are. */
    private static Settings after(Settings before, Document.Fields body, boolean whole) {
        if (whole) {
            return Settings.read(body);
        }
        Settings after = before;
        for (DomainList list : DomainList.values()) {
            Optional<Document> added = body.optional(list.text());
            if (added.isPresent()) {
                after = list.with(after, DomainList.patterns(added.get()));
            }
        }
        return after;
    }

    private Reply observed(Call call) throws Problem, Refusal, IOException {
        long days = call.number("days", Decisions.DAYS_KEPT, 1, Decisions.DAYS_KEPT);
        return Reply.ok(Json.of(insight.proposal(call.org(), call.query("session"), days)));
    }
}
