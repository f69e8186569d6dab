package io.sallyport.resolver.listen;

import java.time.Duration;

/**
 * What one TCP client may cost; how many connections it may have is its network's {@link
 * io.sallyport.resolver.budget.Budget}.
 *
 * @param firstByte from the connection to its first octet
 * @param idle without a question under way
 * @param message from the first octet of a message to its last, and how long unread answers may
 *     wait: whatever dribbles, this ends it (slow loris)
 * @param connections in all
 * @param inFlight questions of one connection under way at once; the next ones wait until one is
 *     answered
 * @param queries of one connection; then it is closed behind its last answer
 * @param unread octets of answers that the client does not read; more cuts the connection
 */
record TcpLimits(
        Duration firstByte,
        Duration idle,
        Duration message,
        int connections,
        int inFlight,
        int queries,
        int unread) {

    /**
     * RFC 7766 §6.2 and what others found: BIND and Knot wait 10 to 30 s; dnsdist recommends a
     * bound of queries after CVE-2025-30193. 4,096 connections of 6 kB each are 24 MB.
     */
    static final TcpLimits DEFAULT =
            new TcpLimits(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    4096,
                    100,
                    1000,
                    1 << 20);

    /** What is left of idle and first-byte time once half of all connections are taken. */
    Duration crowded() {
        return idle.dividedBy(10);
    }
}
