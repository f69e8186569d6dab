package io.sallyport.sync.cli;

import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Difference;
import io.sallyport.sync.settings.Settings.Risk;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Orgs as commands see them: in a store on this host, or behind a control server. */
interface Orgs extends AutoCloseable {
    /**
     * On which a change is made.
     *
     * @param expected the version that it is for; empty for whatever is current
     * @param confirmed risks that are meant
     */
    record Terms(OptionalLong expected, Author by, Set<Risk.Code> confirmed) {}

    Version create(String org, boolean imported, Author by) throws Exception;

    List<Version> orgs() throws Exception;

    Version current(String org) throws Exception;

    Version version(String org, long number) throws Exception;

    Outcome change(String org, List<Change> changes, Terms terms) throws Exception;

    Outcome rollback(String org, long to, Terms terms) throws Exception;

    /**
     * A version, by what it changed.
     *
     * @param differences from the one before; none of the first
     */
    record Past(long number, Instant at, Author by, List<Difference> differences) {
        public Past {
            differences = List.copyOf(differences);
        }
    }

    /** Newest first. */
    List<Past> history(String org, int most) throws Exception;

    /** What a change would have meant for the names of so many days, as {@code Impact} has it. */
    Document impact(String org, Settings after, int days) throws Exception;

    /**
     * The smallest list for the names of so many days, as {@code Proposal} has it, with the version
     * of the settings that it is for.
     */
    Document proposal(String org, int days) throws Exception;

    /** What is denied in emergency, as far as the caller may know. */
    List<Policy.Entry> emergency(String org) throws Exception;

    /** False where it was so already. */
    boolean setCodeExecution(String org, String agent, boolean on, Author by) throws Exception;

    List<Agent> agents(String org) throws Exception;

    @Override
    void close();
}
