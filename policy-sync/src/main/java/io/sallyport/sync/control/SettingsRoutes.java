package io.sallyport.sync.control;

import io.helidon.http.Status;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** {@code /v1/orgs/{org}/network-access}: what admins change. */
final class SettingsRoutes {
    /** Of two admins who press a button at once, the second is repeated; a crowd is told. */
    private static final int TRIES = 5;

    private final OrgStore orgs;
    private final SettingsPage page;
    private final Presets presets;

    SettingsRoutes(OrgStore orgs, SettingsPage page, Presets presets) {
        this.orgs = orgs;
        this.page = page;
        this.presets = presets;
    }

    void add(Routes routes) {
        routes.on(Endpoint.SETTINGS, this::show)
                .on(Endpoint.SETTINGS_PUT, Routes.Body.LISTS, this::replace)
                .on(Endpoint.DOMAINS_ADD, Routes.Body.LISTS, this::addDomains)
                .on(
                        Endpoint.DOMAIN_REMOVE,
                        Routes.Body.NONE,
                        this::removeDomain,
                        "list",
                        "why",
                        "confirm")
                .on(Endpoint.ROLLBACK, this::rollback);
    }

    private Reply show(Call call) throws Refusal, IOException {
        return page.reply(Status.OK_200, orgs.current(call.org()));
    }

    private Reply replace(Call call) throws Problem, Refusal, IOException {
        long expected = call.ifMatch();
        Document.Fields body = call.body();
        Settings settings = Settings.read(body);
        Terms terms = Terms.read(body);
        body.end();
        return change(call, OptionalLong.of(expected), _ -> settings, terms);
    }

    private Reply addDomains(Call call) throws Problem, Refusal, IOException {
        Document.Fields body = call.body();
        List<DomainPattern> patterns = DomainList.patterns(body.required("domains"));
        DomainList list = DomainList.read(body.optional("list"));
        Terms terms = Terms.read(body);
        body.end();
        return change(call, OptionalLong.empty(), before -> list.with(before, patterns), terms);
    }

    private Reply removeDomain(Call call) throws Problem, Refusal, IOException {
        DomainPattern pattern = DomainPattern.parse(call.path("pattern"));
        DomainList list = DomainList.parse(call.query("list").orElse("allow"));
        if (!list.of(orgs.current(call.org()).settings()).contains(pattern)) {
            throw Problem.of(
                    Status.NOT_FOUND_404, pattern + " is not on the " + list.text() + " list");
        }
        Terms terms = Terms.ofQuery(call);
        return change(call, OptionalLong.empty(), before -> list.without(before, pattern), terms);
    }

    private Reply rollback(Call call) throws Problem, Refusal, IOException {
        long expected = call.ifMatch();
        Document.Fields body = call.body();
        long version = body.required("version").number(1, Long.MAX_VALUE);
        Terms terms = Terms.read(body);
        body.end();
        Version before = orgs.current(call.org());
        stale(before, expected);
        terms.check(
                orgs.version(call.org(), version)
                        .settings()
                        .risksSince(before.settings(), presets));
        return page.reply(
                Status.OK_200,
                orgs.rollback(
                                call.org(),
                                version,
                                OptionalLong.of(expected),
                                call.author(terms.why()))
                        .now());
    }

    /** Risks are looked at in the very change that is made: it is for that version and no other. */
    private Reply change(
            Call call, OptionalLong expected, UnaryOperator<Settings> edit, Terms terms)
            throws Problem, Refusal, IOException {
        for (int tried = 1; ; tried++) {
            Version before = orgs.current(call.org());
            if (expected.isPresent()) {
                stale(before, expected.getAsLong());
            }
            Settings after = edit.apply(before.settings());
            terms.check(after.risksSince(before.settings(), presets));
            try {
                return page.reply(
                        Status.OK_200,
                        orgs.change(
                                        call.org(),
                                        OptionalLong.of(before.number()),
                                        List.of(new Change.Replace(after)),
                                        call.author(terms.why()))
                                .now());
            } catch (Refusal refusal) {
                if (refusal.kind() != Refusal.Kind.STALE
                        || expected.isPresent()
                        || tried == TRIES) {
                    throw refusal;
                }
            }
        }
    }

    private static void stale(Version now, long expected) throws Problem {
        if (now.number() != expected) {
            throw Problem.of(
                    Status.PRECONDITION_FAILED_412,
                    now.by().who()
                            + " changed these settings meanwhile; they are at version "
                            + now.number()
                            + ": read them again and repeat your change");
        }
    }
}
