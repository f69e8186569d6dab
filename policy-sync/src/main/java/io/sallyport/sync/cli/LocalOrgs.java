package io.sallyport.sync.cli;

import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.impact.Impact;
import io.sallyport.sync.insight.Insight;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Risk;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** The store of an installation on this host. */
final class LocalOrgs implements Orgs {
    /** Nobody changes an org that often at once. */
    private static final int ATTEMPTS = 20;

    private final Database database;
    private final OrgStore store;
    private final Fleet fleet;
    private final Insight insight;

    /**
     * @param database is closed with it
     */
    LocalOrgs(Database database) {
        InstantSource clock = InstantSource.system();
        this.database = database;
        this.store = OrgStore.of(database, clock);
        this.fleet = new Fleet(database, clock);
        this.insight =
                new Insight(store, new Decisions(database, clock), fleet, Presets.shipped(), clock);
    }

    /** Asks the store for a change of settings at a version. */
    private interface Request {
        Outcome make(OptionalLong expected) throws IOException, Refusal;
    }

    @Override
    public Version create(String org, boolean imported, Author by) throws Exception {
        Settings settings = imported ? Settings.forImportedOrg() : Settings.forNewOrg();
        return store.create(org, settings, by);
    }

    @Override
    public List<Version> orgs() throws Exception {
        return store.orgs();
    }

    @Override
    public Version current(String org) throws Exception {
        return store.current(org);
    }

    @Override
    public Version version(String org, long number) throws Exception {
        return store.version(org, number);
    }

    @Override
    public Outcome change(String org, List<Change> changes, Terms terms) throws Exception {
        return confirmed(
                org,
                terms,
                before -> before.with(changes),
                expected -> store.change(org, expected, changes, terms.by()));
    }

    @Override
    public Outcome rollback(String org, long to, Terms terms) throws Exception {
        Settings earlier = store.version(org, to).settings();
        return confirmed(
                org,
                terms,
                before -> earlier,
                expected -> store.rollback(org, to, expected, terms.by()));
    }

    /**
     * The risks are those of the very settings that are replaced: where somebody else was faster,
     * they are read again.
     */
    private Outcome confirmed(
            String org, Terms terms, UnaryOperator<Settings> edit, Request request)
            throws Exception {
        for (int attempt = 1; ; attempt++) {
            Version before = store.current(org);
            long expected = terms.expected().orElse(before.number());
            if (expected == before.number()) {
                requireConfirmed(before.settings(), edit.apply(before.settings()), terms);
            }
            try {
                return request.make(OptionalLong.of(expected));
            } catch (Refusal e) {
                if (e.kind() != Refusal.Kind.STALE
                        || terms.expected().isPresent()
                        || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static void requireConfirmed(Settings before, Settings after, Terms terms)
            throws ChangeOption.Unconfirmed {
        List<Risk> risks =
                after.risksSince(before, Presets.shipped()).stream()
                        .filter(risk -> !terms.confirmed().contains(risk.code()))
                        .toList();
        if (!risks.isEmpty()) {
            throw new ChangeOption.Unconfirmed(risks);
        }
    }

    @Override
    public List<Past> history(String org, int most) throws Exception {
        // one more, for the differences of the oldest
        List<Version> versions = store.history(org, most + 1);
        List<Past> history = new ArrayList<>();
        for (int i = 0; i < Math.min(most, versions.size()); i++) {
            Version version = versions.get(i);
            history.add(
                    new Past(
                            version.number(),
                            version.at(),
                            version.by(),
                            i + 1 < versions.size()
                                    ? version.settings().since(versions.get(i + 1).settings())
                                    : List.of()));
        }
        return history;
    }

    @Override
    public Document impact(String org, Settings after, int days) throws Exception {
        Impact.Edit edit = new Impact.Edit(store.current(org).settings(), after);
        return Document.json(Document.canonical(insight.impact(org, edit, days).document()));
    }

    @Override
    public Document proposal(String org, int days) throws Exception {
        return Document.json(Document.canonical(insight.proposal(org, Optional.empty(), days)));
    }

    @Override
    public List<Policy.Entry> emergency(String org) throws Exception {
        return fleet.inForce(org);
    }

    @Override
    public boolean setCodeExecution(String org, String agent, boolean on, Author by)
            throws Exception {
        return store.setCodeExecution(org, agent, on, by);
    }

    @Override
    public List<Agent> agents(String org) throws Exception {
        return store.agents(org);
    }

    @Override
    public void close() {
        database.close();
    }
}
