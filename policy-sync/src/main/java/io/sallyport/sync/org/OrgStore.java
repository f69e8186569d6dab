package io.sallyport.sync.org;

import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Ordered;
import io.sallyport.sync.store.Database.Reads;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Orgs and their settings. Safe for many threads and for several processes at once. */
public final class OrgStore implements AutoCloseable {
    /** People switch agents one by one; a program that makes names up has a bound. */
    static final int MAX_AGENTS = 10_000;

    /** The settings of an org as they were from one change to the next. Numbers count from 1. */
    public record Version(String org, long number, Settings settings, Instant at, Author by) {}

    /**
     * What a change led to.
     *
     * @param changed false where the settings were so already; then no version was made
     */
    public record Outcome(Version before, Version now, boolean changed) {}

    /** A cluster has thousands of namespaces; one that all orgs share has a row for each. */
    static final int MAX_MAPPINGS = 200_000;

    /** Pods of a Kubernetes namespace may name this org. */
    public record Mapping(String namespace, String org, Instant at, Author by) {
        /** RFC 1123: a label. */
        private static final Pattern NAMESPACE =
                Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

        /** What can be the name of a namespace. */
        public static String namespace(String text) {
            if (!NAMESPACE.matcher(text).matches()) {
                throw new IllegalArgumentException(
                        "this cannot be the name of a namespace; write 1 to 63 lower-case letters,"
                                + " digits or dashes, no dash at either end");
            }
            return text;
        }
    }

    /** An agent whose code execution was switched at least once. */
    public record Agent(String org, String name, boolean codeExecution, Instant at, Author by) {}

    private final Database database;
    private final boolean owned;
    private final InstantSource clock;

    private OrgStore(Database database, boolean owned, InstantSource clock) {
        this.database = database;
        this.owned = owned;
        this.clock = clock;
    }

    /**
     * Opens the store of an installation, and creates it where there is none.
     *
     * @param data the directory of the installation
     * @throws IOException with the fix, if it cannot be used
     */
    public static OrgStore open(Path data) throws IOException {
        return new OrgStore(Database.open(data), true, InstantSource.system());
    }

    /** The orgs in a database that is closed with this. */
    public static OrgStore open(Database database) {
        return new OrgStore(database, true, InstantSource.system());
    }

    /** The orgs in a database that others use too; closing this leaves it open. */
    public static OrgStore of(Database database, InstantSource clock) {
        return new OrgStore(database, false, clock);
    }

    public Version create(String org, Settings settings, Author by) throws IOException, Refusal {
        Settings.org(org);
        return database.change(open -> {
            if (exists(open, org)) {
                throw new Refusal(
                        Refusal.Kind.EXISTS,
                        "org " + org + " exists already; change its settings instead");
            }
            return add(
                    open, "org.create", Optional.empty(), new Version(org, 1, settings, now(), by));
        });
    }

    /**
     * Applies edits in order, as one change.
     *
     * @param expected the version that the edits were made for; empty for whatever is current
     */
    public Outcome change(String org, OptionalLong expected, List<Change> changes, Author by)
            throws IOException, Refusal {
        return database.change(open -> {
            Version before = Rows.current(open, org, expected);
            Settings after = before.settings();
            for (Change change : changes) {
                after = after.with(change);
            }
            return replace(open, "settings.change", before, after, by);
        });
    }

    /** Puts the settings of an earlier version in force again, as a new version. */
    public Outcome rollback(String org, long to, OptionalLong expected, Author by)
            throws IOException, Refusal {
        return database.change(open -> {
            Version before = Rows.current(open, org, expected);
            Settings earlier = Rows.version(open, org, to).settings();
            return replace(open, "settings.rollback", before, earlier, by);
        });
    }

    private Outcome replace(Ordered open, String action, Version before, Settings after, Author by)
            throws IOException {
        if (after.equals(before.settings())) {
            return new Outcome(before, before, false);
        }
        Version next = new Version(before.org(), before.number() + 1, after, now(), by);
        return new Outcome(before, add(open, action, Optional.of(before), next), true);
    }

    private static Version add(Ordered open, String action, Optional<Version> before, Version next)
            throws IOException {
        Rows.insert(open, next);
        AuditTrail.append(open, next.at(), Events.settings(action, before, next));
        return next;
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    /** Whether there is such an org. */
    public static boolean exists(Reads reads, String org) throws IOException {
        return Rows.newest(reads, org).isPresent();
    }

    /** Whether there is such an org, without reading its settings. */
    public boolean has(String org) throws IOException {
        return Rows.has(database.reads(), org);
    }

    /** The settings in force. */
    public Version current(String org) throws IOException, Refusal {
        return Rows.current(database.reads(), org, OptionalLong.empty());
    }

    /** The number of the settings in force, without reading them. */
    public long currentNumber(String org) throws IOException, Refusal {
        return Rows.number(database.reads(), org);
    }

    /** One version of the settings, whether in force or not. */
    public Version version(String org, long number) throws IOException, Refusal {
        return Rows.version(database.reads(), org, number);
    }

    /** Every org with its settings in force, by name. */
    public List<Version> orgs() throws IOException {
        return orgs("", Integer.MAX_VALUE);
    }

    /**
     * Orgs with their settings in force, by name.
     *
     * @param after the org before the first; empty to begin
     */
    public List<Version> orgs(String after, int limit) throws IOException {
        return Rows.orgs(database.reads(), after, limit);
    }

    /**
     * The newest versions, newest first.
     *
     * @param most at most so many
     */
    public List<Version> history(String org, int most) throws IOException, Refusal {
        return history(org, Long.MAX_VALUE, most);
    }

    /**
     * Versions, newest first.
     *
     * @param before the version after the first; {@link Long#MAX_VALUE} for the newest
     */
    public List<Version> history(String org, long before, int limit) throws IOException, Refusal {
        current(org);
        return Rows.history(database.reads(), org, before, limit);
    }

    /** Whether an agent may run code. One that was never switched may. */
    public boolean codeExecution(String org, String agent) throws IOException {
        return AgentRows.newest(database.reads(), org, agent)
                .map(Agent::codeExecution)
                .orElse(true);
    }

    /**
     * Switches an agent's code execution.
     *
     * @return false where it was so already
     */
    public boolean setCodeExecution(String org, String agent, boolean on, Author by)
            throws IOException, Refusal {
        Settings.agent(agent);
        return database.change(open -> {
            Rows.current(open, org, OptionalLong.empty());
            Optional<Agent> before = AgentRows.newest(open, org, agent);
            if (before.map(Agent::codeExecution).orElse(true) == on) {
                return false;
            }
            if (before.isEmpty() && AgentRows.count(open, org) >= MAX_AGENTS) {
                throw new Refusal(
                        Refusal.Kind.FULL,
                        "org "
                                + org
                                + " has switches for "
                                + MAX_AGENTS
                                + " agents; that is the most");
            }
            Agent after = new Agent(org, agent, on, now(), by);
            AgentRows.insert(open, after);
            AuditTrail.append(open, after.at(), Events.agent(after));
            return true;
        });
    }

    /** An agent as it is; one that was never switched is not stored. */
    public Optional<Agent> agent(String org, String agent) throws IOException, Refusal {
        current(org);
        return AgentRows.newest(database.reads(), org, Settings.agent(agent));
    }

    /** The agents of an org that were switched at least once, by name. */
    public List<Agent> agents(String org) throws IOException, Refusal {
        return agents(org, "", Integer.MAX_VALUE);
    }

    /**
     * The agents of an org that were switched at least once, by name.
     *
     * @param after the agent before the first; empty to begin
     */
    public List<Agent> agents(String org, String after, int limit) throws IOException, Refusal {
        current(org);
        return AgentRows.all(database.reads(), org, after, limit);
    }

    /**
     * Lets pods of a Kubernetes namespace name an org.
     *
     * @return the mapping, which may have been there
     */
    public Mapping map(String namespace, String org, Author by) throws IOException, Refusal {
        Mapping.namespace(namespace);
        return database.change(open -> {
            Rows.number(open, org);
            Optional<Mapping> there = NamespaceRows.find(open, namespace, org);
            if (there.isPresent()) {
                return there.get();
            }
            if (NamespaceRows.count(open) >= MAX_MAPPINGS) {
                throw new Refusal(
                        Refusal.Kind.FULL,
                        "there are " + MAX_MAPPINGS + " mappings of namespaces; that is the most");
            }
            Mapping mapping = new Mapping(namespace, org, now(), by);
            NamespaceRows.insert(open, mapping);
            AuditTrail.append(open, mapping.at(), Events.namespace("namespace.map", mapping));
            return mapping;
        });
    }

    /** Takes that back: for sessions that start from now on. */
    public void unmap(String namespace, String org, Author by) throws IOException, Refusal {
        Mapping.namespace(namespace);
        Settings.org(org);
        database.change(open -> {
            if (!NamespaceRows.delete(open, namespace, org)) {
                throw new Refusal(
                        Refusal.Kind.UNKNOWN,
                        "namespace " + namespace + " is not mapped to org " + org);
            }
            Mapping mapping = new Mapping(namespace, org, now(), by);
            AuditTrail.append(open, mapping.at(), Events.namespace("namespace.unmap", mapping));
            return mapping;
        });
    }

    /** Whether pods of a namespace may name an org. */
    public boolean isMapped(String namespace, String org) throws IOException {
        return NamespaceRows.find(database.reads(), namespace, org).isPresent();
    }

    /** The one org that pods of a namespace may name; empty where there are none or several. */
    public Optional<String> onlyOrg(String namespace) throws IOException {
        List<Mapping> first = NamespaceRows.ofNamespace(database.reads(), namespace, 2);
        return first.size() == 1 ? Optional.of(first.getFirst().org()) : Optional.empty();
    }

    /**
     * Mappings, by namespace and org.
     *
     * @param lastNamespace with {@code lastOrg} the mapping before the first; empty to begin
     */
    public List<Mapping> mappings(
            Optional<String> namespace,
            Optional<String> org,
            String lastNamespace,
            String lastOrg,
            int limit)
            throws IOException {
        return NamespaceRows.list(database.reads(), namespace, org, lastNamespace, lastOrg, limit);
    }

    @Override
    public void close() {
        if (owned) {
            database.close();
        }
    }
}
