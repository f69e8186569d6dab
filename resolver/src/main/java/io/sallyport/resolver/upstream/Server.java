package io.sallyport.resolver.upstream;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.stream.Streams;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * One upstream and what is known of it. A client who chooses the names cannot talk a good server
 * down: silence counts once for each domain, any answer clears it, and enough of it only leads to
 * probes of a name of our own, which decide. Read by all event loops without a lock.
 */
final class Server {
    /** Before anything is known: between a good and a bad day's recursion. */
    private static final long FIRST_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long LEAST_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long MOST_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

    /** A second query elsewhere after about the 95th percentile, within reason. */
    private static final long FIRST_HEDGE_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

    private static final long LEAST_HEDGE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long MOST_HEDGE_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    /** Over TLS the time of a query may hold a handshake. */
    private static final long LEAST_TLS_HEDGE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Silence about so many unrelated domains in a row, and the server is probed. */
    private static final int SILENT_DOMAINS = 3;

    /** However often it is suspected. */
    private static final long PROBE_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A server that answered so short a time ago, and was not silent since, is well. */
    private static final long WELL_NANOS = TimeUnit.SECONDS.toNanos(2);

    /**
     * So many answers in a row in the wrong case, each confirmed over TCP, and names go out in
     * lower case.
     */
    private static final int LOWERED_ANSWERS = 3;

    /** How long a lack of EDNS or of case is believed. */
    private static final long BELIEF_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** How long a server whose connection failed is asked over UDP, however much there is. */
    private static final long REFUSAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Endpoint endpoint;
    private final Streams streams;
    private final int[] silentDomains = new int[SILENT_DOMAINS];
    private volatile int silent;
    private volatile boolean down;
    private volatile boolean heardOnce;
    private volatile long heardNanos;
    private volatile long smoothedNanos;
    private volatile long deviationNanos;
    private volatile int lowered;
    private volatile long loweredUntilNanos;
    private volatile boolean plain;
    private volatile long plainUntilNanos;
    private volatile boolean refusing;
    private volatile long refusingUntilNanos;
    private boolean probed;
    private boolean probedBefore;
    private long probesOverNanos;

    Server(Endpoint endpoint, Streams.Counts counts) {
        this.endpoint = endpoint;
        Streams.Limits limits =
                endpoint.tls().isPresent() ? Streams.Limits.TLS : Streams.Limits.TCP;
        this.streams = new Streams(endpoint, limits, counts);
    }

    InetSocketAddress address() {
        return endpoint.address();
    }

    Streams streams() {
        return streams;
    }

    /** Whether queries may go over its connections although they would fit into datagrams. */
    boolean takesStreams(long nowNanos) {
        return !refusing || refusingUntilNanos - nowNanos < 0;
    }

    /** A connection failed; its datagrams may well be answered. */
    void refusesStreams(long nowNanos) {
        refusingUntilNanos = nowNanos + REFUSAL_NANOS;
        refusing = true;
    }

    /** Clear text is for servers that are configured so, and never a way out for others. */
    boolean isSecure() {
        return endpoint.tls().isPresent();
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }

    /** It answered, whatever it said, and this fast (RFC 6298 §2 for the smoothing). */
    void heard(long roundTripNanos, long nowNanos) {
        heard(nowNanos);
        sample(roundTripNanos);
    }

    /** It answered, whatever it said. */
    void heard(long nowNanos) {
        heardNanos = nowNanos;
        heardOnce = true;
        if (silent != 0 || down) {
            synchronized (this) {
                silent = 0;
                down = false;
            }
        }
    }

    /** Another server was faster; this one would have needed longer than this. */
    void outrun(long nanos) {
        if (nanos > smoothedNanos) {
            sample(nanos);
        }
    }

    private synchronized void sample(long nanos) {
        if (smoothedNanos == 0) {
            deviationNanos = nanos / 2;
            smoothedNanos = Math.max(nanos, 1);
            return;
        }
        deviationNanos += (Math.abs(nanos - smoothedNanos) - deviationNanos) / 4;
        smoothedNanos = Math.max(smoothedNanos + (nanos - smoothedNanos) / 8, 1);
    }

    /**
     * It did not answer about this name in time, or could not be reached.
     *
     * @return whether the caller has to probe it: it is suspect, and nobody does yet
     */
    synchronized boolean silent(WireName name, long nowNanos) {
        note(domainHash(name));
        boolean rested = !probedBefore || nowNanos - probesOverNanos >= PROBE_PAUSE_NANOS;
        boolean probe = silent == SILENT_DOMAINS && !probed && rested;
        probed |= probe;
        return probe;
    }

    private void note(int domain) {
        int known = silent;
        for (int i = 0; i < known; i++) {
            if (silentDomains[i] == domain) {
                return;
            }
        }
        if (known < SILENT_DOMAINS) {
            silentDomains[known] = domain;
            silent = known + 1;
        }
    }

    /** Whether the caller may probe it: nobody does yet. */
    synchronized boolean greet() {
        boolean first = !probed;
        probed = true;
        return first;
    }

    boolean isHeard() {
        return heardOnce;
    }

    /** The probes found nobody. */
    void takeDown() {
        down = true;
    }

    /** The probes are over; the next suspicion leads to new ones. */
    synchronized void probesOver(long nowNanos) {
        probed = false;
        probedBefore = true;
        probesOverNanos = nowNanos;
    }

    boolean isUp() {
        return !down;
    }

    /** It answers these days, and has not missed anything since. */
    boolean isWell(long nowNanos) {
        return !down && silent == 0 && heardOnce && nowNanos - heardNanos < WELL_NANOS;
    }

    /** 0 while nothing is known. */
    long roundTripNanos() {
        return smoothedNanos;
    }

    long timeoutNanos() {
        return smoothedNanos == 0
                ? FIRST_TIMEOUT_NANOS
                : Math.clamp(
                        smoothedNanos + 4 * deviationNanos,
                        LEAST_TIMEOUT_NANOS,
                        MOST_TIMEOUT_NANOS);
    }

    long hedgeNanos() {
        return smoothedNanos == 0
                ? FIRST_HEDGE_NANOS
                : Math.clamp(
                        smoothedNanos + 2 * deviationNanos,
                        isSecure() ? LEAST_TLS_HEDGE_NANOS : LEAST_HEDGE_NANOS,
                        MOST_HEDGE_NANOS);
    }

    void keptCase() {
        if (lowered != 0) {
            lowered = 0;
        }
    }

    /** It lost the case of the question over TCP, where nobody else can have answered. */
    synchronized void lostCase(long nowNanos) {
        loweredUntilNanos = nowNanos + BELIEF_NANOS;
        lowered = Math.min(lowered + 1, LOWERED_ANSWERS);
    }

    boolean keepsCase(long nowNanos) {
        return lowered < LOWERED_ANSWERS || loweredUntilNanos - nowNanos < 0;
    }

    /** It answered without EDNS what it had refused with it. */
    synchronized void lacksEdns(long nowNanos) {
        plainUntilNanos = nowNanos + BELIEF_NANOS;
        plain = true;
    }

    boolean knowsEdns(long nowNanos) {
        return !plain || plainUntilNanos - nowNanos < 0;
    }

    /** Of the last two labels: names below one domain count as one. */
    static int domainHash(WireName name) {
        int skip = name.labels() - 2;
        int at = 0;
        for (int i = 0; i < skip; i++) {
            at += name.octet(at) + 1;
        }
        int hash = 0;
        for (; at < name.length(); at++) {
            hash = 31 * hash + name.octet(at);
        }
        return hash;
    }
}
