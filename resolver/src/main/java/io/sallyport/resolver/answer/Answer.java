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
 * @param ttl seconds: what every record's TTL field holds at {@code bornNanos}; at most 300
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
    private static final byte[] NO_OCTETS = {};
    private static final int[] NO_OFFSETS = {};
    private static final byte[][] NO_ADDRESSES = {};

    /** A failure: SERVFAIL, no records, not for the cache beyond a second. */
    public static Answer serverFailure(int extendedError, String extraText, long bornNanos) {
        return new Answer(
                2,
                false,
                0,
                0,
                NO_OCTETS,
                NO_OFFSETS,
                NO_OFFSETS,
                0,
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
