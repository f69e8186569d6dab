package io.sallyport.sync.cli;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.store.Database.Refusal;
import java.util.List;
import java.util.OptionalLong;

/** Orgs as commands see them: in a store on this host, or behind a control server. */
interface Orgs extends AutoCloseable {
    Version create(String org, boolean imported, Author by) throws Exception;

    List<Version> orgs() throws Exception;

    Version current(String org) throws Exception;

    /** One version, whether in force or not. */
    Version version(String org, long number) throws Exception;

    /**
     * @param confirmed codes of risks that its author has read
     * @throws Refusal with STALE if the settings are at another version than expected
     */
    Outcome change(
            String org,
            OptionalLong expected,
            List<Change> changes,
            Author by,
            List<String> confirmed)
            throws Exception;

    Outcome rollback(
            String org, long to, OptionalLong expected, Author by, List<String> confirmed)
            throws Exception;

    /** Newest first. */
    List<Version> history(String org, int most) throws Exception;

    /** False where it was so already. */
    boolean setCodeExecution(String org, String agent, boolean on, Author by) throws Exception;

    List<Agent> agents(String org) throws Exception;

    @Override
    void close();
}
