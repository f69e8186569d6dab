package io.sallyport.sync.cli;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Risk;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** The store of an installation on this host. */
final class LocalOrgs implements Orgs {
    /** Nobody changes an org that often at once. */
    private static final int ATTEMPTS = 20;

    private final OrgStore store;

    LocalOrgs(OrgStore store) {
        this.store = store;
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
    public List<Version> history(String org, int most) throws Exception {
        return store.history(org, most);
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
        store.close();
    }
}
