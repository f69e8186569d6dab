package io.sallyport.resolver.budget;

import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.rate.TokenBucket;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** The budgets of one network, from its binding's start to its end. Any thread. */
public final class Budget {
    /** Names are counted, and events told, by the minute. */
    static final long WINDOW_NANOS = 60_000_000_000L;

    /**
     * Refusals that are told a second; the rest of a flood gets silence. A program that is a little
     * too fast reads why, and a flood costs us no answers.
     */
    private static final int TOLD_PER_SECOND = 10;

    private static final int TOLD_BURST = 20;

    /** What a network may spend; 0 is no limit. */
    public enum Limit {
        /**
         * Queries of any kind, denied ones too. A build asks some hundred a second at its worst;
         * this is half of what the firewall lets pass, so that the agent reads why, and half a
         * percent of what one core answers.
         */
        QUERIES_PER_SECOND("queries-per-second", 1000),
        /**
         * As many at once. 64 downloads that start together, each asking for A and AAAA through a
         * search list of four domains, are 640.
         */
        QUERY_BURST("query-burst", 4000),
        /**
         * Queries that the cache has no answer to, and that cost others something. 50 floods of
         * them are 10,000 a second, which one recursing server bears.
         */
        UPSTREAM_QUERIES_PER_SECOND("upstream-queries-per-second", 200),
        /** As many at once: 500 hosts that were never asked for, A and AAAA. */
        UPSTREAM_QUERY_BURST("upstream-query-burst", 1000),
        /** Questions under way: a second of that rate at an upstream that needs a second. */
        QUESTIONS_IN_FLIGHT("questions-in-flight", 200),
        /** Open at a time, of 4,096 in all; a program opens one or two. */
        TCP_CONNECTIONS("tcp-connections", 200),
        /** Likewise, from one address of the network. */
        TCP_CONNECTIONS_PER_CLIENT("tcp-connections-per-client", 50),
        /**
         * Names below one pattern that were not asked for in the same minute. Registries have less
         * than ten hosts, a page of a shop on a content network shows some tens.
         */
        NEW_NAMES_PER_MINUTE("new-names-per-minute", 300),
        /**
         * Octets of the labels of those names below the pattern: 40 a name, as bucket names are
         * long. A tunnel of 50 names of 200 octets a second is cut after 1.2 seconds and left with
         * 200 octets a second.
         */
        NEW_NAME_OCTETS_PER_MINUTE("new-name-octets-per-minute", 12_000);

        private final String key;
        private final int usual;

        Limit(String key, int usual) {
            this.key = key;
            this.usual = usual;
        }

        /** Its name in files and options. */
        public String key() {
            return key;
        }

        public static Optional<Limit> named(String key) {
            for (Limit limit : values()) {
                if (limit.key.equals(key)) {
                    return Optional.of(limit);
                }
            }
            return Optional.empty();
        }
    }

    /** All limits of a network. */
    public record Limits(Map<Limit, Integer> values) {
        /** More is no limit at all. */
        public static final int MOST = 1_000_000;

        /** What holds unless something else is said. */
        public static final Limits DEFAULT = new Limits(Map.of());

        /** No limit at all: for measurements, where one client stands for many. */
        public static final Limits NONE = none();

        /** For all whose address belongs to no network, together: they only ever get refusals. */
        public static final Limits STRANGERS =
                DEFAULT.with(Limit.QUERIES_PER_SECOND, 100)
                        .with(Limit.QUERY_BURST, 200)
                        .with(Limit.TCP_CONNECTIONS, 16)
                        .with(Limit.TCP_CONNECTIONS_PER_CLIENT, 4);

        /** What is left out has its default. */
        public Limits {
            EnumMap<Limit, Integer> all = new EnumMap<>(Limit.class);
            for (Limit limit : Limit.values()) {
                int value = values.getOrDefault(limit, limit.usual);
                if (value < 0 || value > MOST) {
                    throw new IllegalArgumentException(
                            limit.key + " is a number of 0 (no limit) to " + MOST);
                }
                all.put(limit, value);
            }
            values = Collections.unmodifiableMap(all);
        }

        public int of(Limit limit) {
            return values.getOrDefault(limit, limit.usual);
        }

        public Limits with(Limit limit, int value) {
            EnumMap<Limit, Integer> changed = new EnumMap<>(values);
            changed.put(limit, value);
            return new Limits(changed);
        }

        private static Limits none() {
            EnumMap<Limit, Integer> zeros = new EnumMap<>(Limit.class);
            for (Limit limit : Limit.values()) {
                zeros.put(limit, 0);
            }
            return new Limits(zeros);
        }

        @Override
        public String toString() {
            StringJoiner text = new StringJoiner(" ");
            values.forEach((limit, value) -> text.add(limit.key + "=" + value));
            return text.toString();
        }
    }

    /** What becomes of a query, before anything of it is looked at. */
    public enum Toll {
        PAID,
        /** Over budget: SERVFAIL with {@link #TOO_MANY_QUERIES}. */
        TELL,
        /** Over budget, and told often enough: nothing; over TCP, the end of the connection. */
        SILENCE
    }

    /**
     * Goes with SERVFAIL, for after REFUSED musl waits out its timer. Not TC=1, by which other
     * servers learn that a client is where it says: the firewall knows that, and TCP costs us more.
     */
    public static final ExtendedError TOO_MANY_QUERIES =
            new ExtendedError(
                    ExtendedError.OTHER,
                    "too many queries a second from this network; slow down and ask again");

    /** Goes with SERVFAIL, not NXDOMAIN: in a minute it is no longer true. */
    public static final ExtendedError TOO_MANY_NAMES =
            new ExtendedError(
                    ExtendedError.BLOCKED,
                    "too many new names below one domain in a minute, as in a DNS tunnel;"
                            + " ask for fewer different names, or again in a minute");

    public static final ExtendedError TOO_FAST =
            new ExtendedError(
                    ExtendedError.OTHER,
                    "too many uncached names a second from this network; slow down and ask again");

    public static final ExtendedError TOO_MANY_AT_ONCE =
            new ExtendedError(
                    ExtendedError.OTHER,
                    "too many questions of this network are under way; slow down and ask again");

    /** Whether a question may leave for an upstream. */
    public enum Passage {
        GO,
        /** Too many new names, or octets in them, below one pattern: what a tunnel looks like. */
        TOO_MANY_NAMES,
        TOO_FAST,
        TOO_MANY_AT_ONCE
    }

    /** Which budget was used up. */
    public enum Kind {
        QUERIES,
        UPSTREAM_QUERIES,
        QUESTIONS_IN_FLIGHT,
        TCP_CONNECTIONS,
        NAMES
    }

    /**
     * A budget was used up, for the first time in a minute. Holds no name that was asked for: what
     * leaves through a tunnel may be somebody's secret.
     *
     * @param pattern below which; empty unless the kind is {@link Kind#NAMES}
     * @param names new ones in that minute, so far
     * @param octets of their labels below the pattern
     */
    public record Event(Kind kind, String network, String pattern, long names, long octets) {}

    /** Whoever keeps events. Called on an event loop, and must not wait. */
    @FunctionalInterface
    public interface Events {
        Events NOBODY = event -> {};

        void happened(Event event);
    }

    private final String network;
    private final Limits limits;
    private final Events events;
    private final TokenBucket queries;
    private final TokenBucket told = new TokenBucket(TOLD_PER_SECOND, TOLD_BURST);
    private final TokenBucket upstream;
    private final Places inFlight;
    private final Places connections;
    private final NameBudget names;
    private final Map<Kind, Bell> bells = new EnumMap<>(Kind.class);

    /**
     * @param network its name in events
     */
    public Budget(String network, Limits limits, Events events) {
        this.network = network;
        this.limits = limits;
        this.events = events;
        queries =
                new TokenBucket(limits.of(Limit.QUERIES_PER_SECOND), limits.of(Limit.QUERY_BURST));
        upstream =
                new TokenBucket(
                        limits.of(Limit.UPSTREAM_QUERIES_PER_SECOND),
                        limits.of(Limit.UPSTREAM_QUERY_BURST));
        inFlight = new Places(limits.of(Limit.QUESTIONS_IN_FLIGHT));
        connections = new Places(limits.of(Limit.TCP_CONNECTIONS));
        names =
                new NameBudget(
                        limits.of(Limit.NEW_NAMES_PER_MINUTE),
                        limits.of(Limit.NEW_NAME_OCTETS_PER_MINUTE));
        for (Kind kind : Kind.values()) {
            bells.put(kind, new Bell());
        }
    }

    public Limits limits() {
        return limits;
    }

    /**
     * Takes what every message costs, before it is read.
     *
     * @param nowNanos of the batch, by {@link System#nanoTime}
     */
    public Toll query(long nowNanos) {
        return queries.spend(nowNanos) ? Toll.PAID : overrun(nowNanos);
    }

    /** What {@link #query} takes from, for whoever asks for each message; then {@link #overrun}. */
    public TokenBucket queries() {
        return queries;
    }

    /** A message over budget. */
    public Toll overrun(long nowNanos) {
        ring(Kind.QUERIES, nowNanos);
        return told.spend(nowNanos) ? Toll.TELL : Toll.SILENCE;
    }

    /**
     * Takes what a question to an upstream costs; after {@link Passage#GO}, and only then, {@link
     * #arrived} gives its place back.
     *
     * @param lowered the name, lower-cased, from offset 0
     * @param covered octets of the name that the policy's entry names, and below which it allows
     *     any; 0 where it allows one name only, 1 (the root) where it allows all
     * @param pattern that entry, for the event
     */
    public Passage depart(byte[] lowered, int length, int covered, String pattern, long nowNanos) {
        NameBudget.Ruling ruling = names.admit(lowered, length, covered, nowNanos);
        if (ruling != NameBudget.Ruling.WITHIN) {
            if (ruling == NameBudget.Ruling.FIRST_OVER) {
                events.happened(names.event(network, lowered, length, covered, pattern));
            }
            return Passage.TOO_MANY_NAMES;
        }
        if (!upstream.spend(nowNanos)) {
            ring(Kind.UPSTREAM_QUERIES, nowNanos);
            return Passage.TOO_FAST;
        }
        if (!inFlight.enter()) {
            ring(Kind.QUESTIONS_IN_FLIGHT, nowNanos);
            return Passage.TOO_MANY_AT_ONCE;
        }
        return Passage.GO;
    }

    /** Gives the place of a question back that {@link #depart} let go. */
    public void arrived() {
        inFlight.leave();
    }

    /** Takes a place for a TCP connection; false if all of the network's are taken. */
    public boolean connect(long nowNanos) {
        boolean open = connections.enter();
        if (!open) {
            ring(Kind.TCP_CONNECTIONS, nowNanos);
        }
        return open;
    }

    /** Gives the place of a connection back. */
    public void disconnected() {
        connections.leave();
    }

    private void ring(Kind kind, long nowNanos) {
        Bell bell = bells.get(kind);
        if (bell != null && bell.ring(nowNanos)) {
            events.happened(new Event(kind, network, "", 0, 0));
        }
    }
}
