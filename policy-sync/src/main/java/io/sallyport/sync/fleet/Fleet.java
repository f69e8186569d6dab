package io.sallyport.sync.fleet;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Ordered;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The nodes of an installation. Safe for many threads and processes. */
public final class Fleet {
    /** Of one node; it would have run out of interfaces before. */
    public static final int MAX_SESSIONS = 10_000;

    /** At once: a node refuses orders with more, and with them the emergency denials. */
    static final int MAX_ENDS = 1_000;

    /** Larger than any installation that a single database serves. */
    public static final int MAX_NODES = 10_000;

    /** A node that was not heard of for so long does not come back; its sessions are gone. */
    static final Duration KEPT = Duration.ofDays(30);

    /** Of the platform, and of each org: each is looked at for every query of every session. */
    public static final int MAX_DENIALS = 1_000;

    /** Of all orgs together: with the platform's own, fewer than a node holds. */
    public static final int MAX_ORG_DENIALS = 15_000;

    /**
     * A session as its node reports it.
     *
     * @param state {@code pending}, {@code bound} or {@code ended}
     * @param mode {@code enforce} or {@code observe}
     * @param snapshot the digest of its policy; empty where it has none
     * @param version of the settings that the policy was made of
     */
    public record Reported(
            String id,
            String org,
            Optional<String> agent,
            String state,
            String mode,
            String snapshot,
            long version,
            Instant started) {
        private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
        private static final Pattern WORD = Pattern.compile("[a-z-]{1,16}");
        private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{0,64}");
        private static final Instant END = Instant.parse("3000-01-01T00:00:00Z");

        public Reported {
            check(ID.matcher(id).matches(), "id: is not the id of a session");
            Settings.org(org);
            agent.ifPresent(Settings::agent);
            check(WORD.matcher(state).matches(), "state: is not one lower-case word");
            check(WORD.matcher(mode).matches(), "mode: is not one lower-case word");
            check(DIGEST.matcher(snapshot).matches(), "snapshot: is not a digest");
            check(version >= 0, "version: is negative");
            check(isPlausible(started), "started: is not a time that a session can have");
            started = started.truncatedTo(ChronoUnit.MILLIS);
        }

        /** Years that a clock shows, however wrong; times beyond fit no column. */
        private static boolean isPlausible(Instant time) {
            return !time.isBefore(Instant.EPOCH) && time.isBefore(END);
        }

        private static void check(boolean holds, String complaint) {
            if (!holds) {
                throw new IllegalArgumentException(complaint);
            }
        }
    }

    /**
     * A session as last heard of.
     *
     * @param heard when its node last reported
     * @param ending whether an admin asked for its end
     */
    public record Session(Reported what, String node, Instant heard, boolean ending) {}

    /**
     * A node as last heard of.
     *
     * @param emergencyVersion of the emergency list that it says it has applied
     */
    public record Node(String name, Instant heard, long emergencyVersion, long sessions) {}

    /**
     * A name that no running session may resolve.
     *
     * @param org whose sessions; empty for all
     */
    public record Denial(
            String id, Optional<String> org, DomainPattern pattern, Instant at, Author by) {}

    /**
     * What a node has to do.
     *
     * @param end sessions to end
     * @param emergencyVersion of the list of denials, to be acknowledged with the next report
     */
    public record Orders(List<String> end, long emergencyVersion, List<Denial> denied) {
        public Orders {
            end = List.copyOf(end);
            denied = List.copyOf(denied);
        }
    }

    private final Database database;
    private final InstantSource clock;

    public Fleet(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Takes in a node's report. A session that it does not name has ended.
     *
     * @param emergencyVersion of the list that the node has applied; 0 for none
     */
    public void heard(String node, List<Reported> sessions, long emergencyVersion)
            throws IOException {
        node(node);
        if (sessions.size() > MAX_SESSIONS) {
            throw new IllegalArgumentException(
                    "sessions: a node has at most " + MAX_SESSIONS + ", not " + sessions.size());
        }
        Instant now = clock.instant();
        database.record(open -> Reports.take(open, node, sessions, emergencyVersion, now));
    }

    /**
     * The name of a node, if it can be one.
     *
     * @throws IllegalArgumentException if it cannot
     */
    public static String node(String name) {
        if (!Reported.ID.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "node: write 1 to 128 letters, digits, dots, dashes or underscores, a letter or"
                            + " digit first");
        }
        return name;
    }

    /** Sessions by id; those of an org, or all. */
    public List<Session> sessions(Optional<String> org, String after, int limit)
            throws IOException {
        return SessionRows.all(database.reads(), org, Long.MAX_VALUE, after, limit);
    }

    /** Those of an org that run with settings older than {@code version}, by id. */
    public List<Session> stale(String org, long version, String after, int limit)
            throws IOException {
        return SessionRows.all(database.reads(), Optional.of(org), version, after, limit);
    }

    /** How many sessions of an org run with settings older than {@code version}. */
    public long stale(String org, long version) throws IOException {
        return SessionRows.stale(database.reads(), org, version);
    }

    /** How many sessions there are in each state. */
    public Map<String, Long> states() throws IOException {
        return SessionRows.states(database.reads());
    }

    /** Nodes by name. */
    public List<Node> nodes() throws IOException {
        return SessionRows.nodes(database.reads());
    }

    /**
     * Asks for the end of an org's session; asking again changes nothing. Nodes choose the ids of
     * their sessions: where two chose the same, both are ended, and what another org has of that id
     * is neither seen nor touched.
     */
    public void askEnd(String org, String session, Author by) throws IOException, Refusal {
        database.change(open -> {
            List<Session> found = SessionRows.get(open, org, session);
            if (found.isEmpty()) {
                throw new Refusal(Refusal.Kind.UNKNOWN, "this org has no such session");
            }
            for (Session one : found) {
                if (!one.ending()) {
                    Instant now = clock.instant();
                    SessionRows.askEnd(open, one, now, by);
                    AuditTrail.append(open, now, Events.end(one, by));
                }
            }
            return found;
        });
    }

    /**
     * Denies names for running and new sessions, all or none of them. What is denied already stays
     * as it is.
     *
     * @param org whose sessions; empty for all
     */
    public List<Denial> deny(Optional<String> org, List<DomainPattern> patterns, Author by)
            throws IOException, Refusal {
        if (patterns.stream().anyMatch(pattern -> !pattern.ports().isEmpty())) {
            throw new IllegalArgumentException(
                    "domains: no ports here; a denied name does not resolve at all");
        }
        return database.change(open -> {
            List<Denial> denials = new ArrayList<>();
            for (DomainPattern pattern : patterns) {
                denials.add(deny(open, org, pattern, by));
            }
            return List.copyOf(denials);
        });
    }

    private Denial deny(Ordered open, Optional<String> org, DomainPattern pattern, Author by)
            throws IOException, Refusal {
        Optional<Denial> there = Denials.find(open, org, pattern);
        if (there.isPresent()) {
            return there.get();
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Denial denial = new Denial(Denials.id(), org, pattern, now, by);
        Denials.insert(open, denial);
        AuditTrail.append(open, now, Events.denied(denial));
        return denial;
    }

    /** Takes a denial back. */
    public void lift(Optional<String> org, String id, Author by) throws IOException, Refusal {
        database.change(open -> {
            Denial lifted = Denials.delete(open, org, id);
            AuditTrail.append(open, clock.instant(), Events.lifted(lifted, by));
            return lifted;
        });
    }

    /** The denials of an org, or of the platform. */
    public List<Denial> denials(Optional<String> org) throws IOException {
        return Denials.of(database.reads(), org);
    }

    /** What sessions of an org are denied in emergency: by the platform, then by the org. */
    public List<Policy.Entry> inForce(String org) throws IOException {
        List<Policy.Entry> entries = new ArrayList<>();
        for (Denial denial : denials(Optional.empty())) {
            entries.add(new Policy.Entry(denial.pattern(), "platform"));
        }
        for (Denial denial : denials(Optional.of(org))) {
            entries.add(new Policy.Entry(denial.pattern(), "org " + org));
        }
        return entries;
    }

    /** The version of the list of denials: it grows with each change. */
    public long emergencyVersion() throws IOException {
        return Denials.version(database.reads());
    }

    /** What a node has to do. */
    public Orders orders(String node) throws IOException {
        // the version first: a list that is newer than its version is only sent once more
        long version = Denials.version(database.reads());
        return new Orders(
                SessionRows.ends(database.reads(), node), version, Denials.all(database.reads()));
    }
}
