package io.sallyport.sync.control;

import io.helidon.http.Status;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.limit.RateLimit;
import io.sallyport.sync.limit.RateLimit.Rate;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** {@code /v1/orgs/{org}/network-access}: what admins change. */
final class SettingsRoutes {
    /** Of two admins who press a button at once, the second is repeated; a crowd is told. */
    private static final int TRIES = 5;

    /** Long lists: each version keeps all of them, and the trail what came and went. */
    private static final int LONG_CHARS = 64 << 10;

    /** For an org with long lists: a migration at once, then a few a minute. */
    private static final Rate LONG = new Rate(100, 2, Duration.ofMinutes(1));

    private static final int MOST_ORGS = 10_000;

    private final RateLimit longLists = new RateLimit(LONG, MOST_ORGS);
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
        Settings after = orgs.version(call.org(), version).settings();
        terms.check(after.risksSince(before.settings(), presets));
        spend(call.org(), after);
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
            spend(call.org(), after);
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

    /** Or one org's changes of long lists would fill the disk of all. */
    private void spend(String org, Settings after) throws Problem {
        if (Document.canonical(after.document()).length() <= LONG_CHARS) {
            return;
        }
        long seconds = longLists.take(org);
        if (seconds > 0) {
            throw Problem.of(
                            Problem.TOO_MANY,
                            "too many changes of long lists; put several domains into one change, or"
                                    + " wait "
                                    + seconds
                                    + " s")
                    .header("Retry-After", Long.toString(seconds));
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
