package io.sallyport.resolver.upstream;

import io.sallyport.resolver.name.WireName;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * One upstream and what is known of it. Learnt from answers only, and only so far that a client who
 * chooses the names cannot talk a good server down: its silence counts once for each domain, any
 * answer clears it, and a server that is down is asked last, not never.
 */
final class Server {
    /** Before anything is known: between a good and a bad day's recursion. */
    private static final long FIRST_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long LEAST_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long MOST_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

    /** Silence about so many unrelated domains in a row, and the server is taken to be down. */
    private static final int SILENT_DOMAINS = 3;

    /** Then one query in so long a time finds out whether it is back. */
    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /**
     * So many answers in a row in the wrong case, each confirmed over TCP, and names go out in
     * lower case.
     */
    private static final int LOWERED_ANSWERS = 3;

    /** How long a lack of EDNS or of case is believed. */
    private static final long BELIEF_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final InetSocketAddress address;
    private final int[] silentDomains = new int[SILENT_DOMAINS];
    private int silent;
    private long probeNanos;
    private long smoothedNanos;
    private long deviationNanos;
    private int lowered;
    private long loweredUntilNanos;
    private boolean plain;
    private long plainUntilNanos;

    Server(InetSocketAddress address) {
        this.address = address;
    }

    InetSocketAddress address() {
        return address;
    }

    /** It answered, whatever it said (RFC 6298 §2 for the smoothing). */
    synchronized void heard(long roundTripNanos) {
        silent = 0;
        if (smoothedNanos == 0) {
            smoothedNanos = roundTripNanos;
            deviationNanos = roundTripNanos / 2;
            return;
        }
        deviationNanos += (Math.abs(roundTripNanos - smoothedNanos) - deviationNanos) / 4;
        smoothedNanos += (roundTripNanos - smoothedNanos) / 8;
    }

    /** It did not answer about this name in time, or could not be reached. */
    synchronized void silent(WireName name, long nowNanos) {
        int domain = domainHash(name);
        for (int i = 0; i < silent; i++) {
            if (silentDomains[i] == domain) {
                return;
            }
        }
        if (silent < SILENT_DOMAINS) {
            silentDomains[silent++] = domain;
            probeNanos = nowNanos + PROBE_NANOS;
        }
    }

    /**
     * Lower is better: 0 for one that should be tried out, the longest there is for one that is
     * down.
     */
    synchronized long cost(long nowNanos) {
        if (silent < SILENT_DOMAINS) {
            return Math.min(smoothedNanos, MOST_TIMEOUT_NANOS);
        }
        return nowNanos - probeNanos < 0 ? Long.MAX_VALUE : 0;
    }

    /** It is about to be asked: if it is down, this is the probe, and nobody else's. */
    synchronized void chosen(long nowNanos) {
        if (silent == SILENT_DOMAINS) {
            probeNanos = nowNanos + PROBE_NANOS;
        }
    }

    synchronized long timeoutNanos() {
        return smoothedNanos == 0
                ? FIRST_TIMEOUT_NANOS
                : Math.clamp(
                        smoothedNanos + 4 * deviationNanos,
                        LEAST_TIMEOUT_NANOS,
                        MOST_TIMEOUT_NANOS);
    }

    synchronized void keptCase() {
        lowered = 0;
    }

    /** It lost the case of the question over TCP, where nobody else can have answered. */
    synchronized void lostCase(long nowNanos) {
        lowered = Math.min(lowered + 1, LOWERED_ANSWERS);
        loweredUntilNanos = nowNanos + BELIEF_NANOS;
    }

    synchronized boolean keepsCase(long nowNanos) {
        return lowered < LOWERED_ANSWERS || loweredUntilNanos - nowNanos < 0;
    }

    /** It answered without EDNS what it had refused with it. */
    synchronized void lacksEdns(long nowNanos) {
        plain = true;
        plainUntilNanos = nowNanos + BELIEF_NANOS;
    }

    synchronized boolean knowsEdns(long nowNanos) {
        return !plain || plainUntilNanos - nowNanos < 0;
    }

    /** Of the last two labels: names below one domain count as one. */
    private static int domainHash(WireName name) {
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
