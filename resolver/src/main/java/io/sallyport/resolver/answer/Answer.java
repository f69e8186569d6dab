package io.sallyport.resolver.answer;

/**
 * A checked answer, ready to be written for any client that asked this question: everything that
 * follows the question section, which the writer copies from the client. Compression pointers point
 * to offset 12 (the question's name, whose length is that of every client's spelling) or into the
 * body, counted from the start of the message.
 *
 * @param rcode 0 to 15
 * @param authenticated an upstream that is trusted to validate set AD
 * @param answers records in the answer section
 * @param authorities records in the authority section (the SOA of a negative answer, NSEC and RRSIG
 *     with DO)
 * @param body the records, answer section first, no OPT
 * @param recordEnds the offset in {@code body} behind each record, so that a truncated answer keeps
 *     whole records
 * @param ttlOffsets the offset in {@code body} of each record's TTL
 * @param ttl seconds: what every record's TTL field holds at {@code bornNanos}; at most 300; {@link
 *     #NEVER_KEPT} for what no cache may keep
 * @param bornNanos {@link System#nanoTime} when it was received
 * @param addresses the addresses of A and AAAA records in order, 4 or 16 octets: to be pinned
 *     before the answer leaves
 * @param extendedError the EDE info code (RFC 8914), or -1 for none
 * @param extraText what goes with the code; empty for nothing
 */
@SuppressWarnings("ArrayRecordComponent") // shared and never changed; the hot path copies nothing
public record Answer(
        int rcode,
        boolean authenticated,
        int answers,
        int authorities,
        byte[] body,
        int[] recordEnds,
        int[] ttlOffsets,
        int ttl,
        long bornNanos,
        byte[][] addresses,
        int extendedError,
        String extraText) {

    public static final int NO_EXTENDED_ERROR = -1;

    /** A TTL: the answer tells of our own limits, and nothing of the name. */
    public static final int NEVER_KEPT = -1;

    private static final int SERVFAIL = 2;
    private static final int NXDOMAIN = 3;
    private static final int STALE_ANSWER = 3; // RFC 8914 §4.4
    private static final int STALE_NXDOMAIN = 19; // RFC 8914 §4.20
    private static final byte[] NO_OCTETS = {};
    private static final int[] NO_OFFSETS = {};
    private static final byte[][] NO_ADDRESSES = {};

    /**
     * A failure of resolution (RFC 9520 §2): SERVFAIL, no records; kept for as long as failures
     * are.
     */
    public static Answer serverFailure(int extendedError, String extraText, long bornNanos) {
        return failure(0, extendedError, extraText, bornNanos);
    }

    /** SERVFAIL because a limit of our own is reached; kept by no cache. */
    public static Answer overload(String extraText, long bornNanos) {
        return failure(NEVER_KEPT, 0, extraText, bornNanos);
    }

    /** Whether there is no answer, whatever the reason. */
    public boolean isFailure() {
        return rcode == SERVFAIL;
    }

    /** Whether this is data whose time is over (RFC 8767). */
    public boolean isStale() {
        return extendedError == STALE_ANSWER || extendedError == STALE_NXDOMAIN;
    }

    /** Whether a tenth of the TTL is left, or less. */
    public boolean isEnding(long nowNanos) {
        return (nowNanos - bornNanos) * 10 >= ttl * 9_000_000_000L;
    }

    /**
     * The same records as if they had just come, with this TTL and the extended error that says
     * they are stale. Nobody vouches for signatures that may have expired: never authenticated.
     */
    public Answer stale(int staleTtl, long nowNanos) {
        byte[] octets = body.clone();
        for (int at : ttlOffsets) {
            octets[at] = (byte) (staleTtl >>> 24);
            octets[at + 1] = (byte) (staleTtl >>> 16);
            octets[at + 2] = (byte) (staleTtl >>> 8);
            octets[at + 3] = (byte) staleTtl;
        }
        return new Answer(
                rcode,
                false,
                answers,
                authorities,
                octets,
                recordEnds,
                ttlOffsets,
                staleTtl,
                nowNanos,
                addresses,
                rcode == NXDOMAIN ? STALE_NXDOMAIN : STALE_ANSWER,
                "the upstreams do not answer; this is the last answer they gave");
    }

    private static Answer failure(int ttl, int extendedError, String extraText, long bornNanos) {
        return new Answer(
                SERVFAIL,
                false,
                0,
                0,
                NO_OCTETS,
                NO_OFFSETS,
                NO_OFFSETS,
                ttl,
                bornNanos,
                NO_ADDRESSES,
                extendedError,
                extraText);
    }

    /** Octets this answer occupies in the cache, its arrays and objects included. */
    public int weight() {
        return 160
                + body.length
                + 4 * (recordEnds.length + ttlOffsets.length)
                + 40 * addresses.length
                + extraText.length();
    }
}
