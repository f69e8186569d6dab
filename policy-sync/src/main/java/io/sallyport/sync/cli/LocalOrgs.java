package io.sallyport.sync.cli;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import java.util.List;
import java.util.OptionalLong;

/** The store of an installation on this host. */
final class LocalOrgs implements Orgs {
    private final OrgStore store;

    LocalOrgs(OrgStore store) {
        this.store = store;
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
    public Outcome change(
            String org,
            OptionalLong expected,
            List<Change> changes,
            Author by,
            List<String> confirmed)
            throws Exception {
        return store.change(org, expected, changes, by);
    }

    @Override
    public Outcome rollback(
            String org, long to, OptionalLong expected, Author by, List<String> confirmed)
            throws Exception {
        return store.rollback(org, to, expected, by);
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
