package io.sallyport.resolver.querylog;

import io.sallyport.resolver.count.Counters.Origin;
import io.sallyport.resolver.count.Counters.Outcome;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.reply.Reply;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;

/**
 * One query and its answer.
 *
 * @param at when it was answered
 * @param nanos how long that took
 * @param network whose client asked; empty for a stranger's
 * @param address of the client, 4 or 16 octets
 * @param flags of the query, as in its header
 * @param message the answer as it left, or its beginning up to the question's end
 * @param rcode with its upper bits, which are in no header
 */
@SuppressWarnings("ArrayRecordComponent") // made for one reader, never changed or compared
record Entry(
        Instant at,
        long nanos,
        String network,
        byte[] address,
        boolean tcp,
        int flags,
        Outcome decision,
        Origin origin,
        byte[] message,
        int rcode) {
    static final int HEADER = 12;

    /** An answer that is longer is kept without its records. */
    private static final int MAX_MESSAGE = 4096;

    private static final long MAPPED = 0xffff;
    private static final int LENGTH_IN_FRONT = 2;

    static byte[] address(long high, long low) {
        return high == 0 && low >>> 32 == MAPPED
                ? ByteBuffer.allocate(4).putInt((int) low).array()
                : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    static int flags(Query asked) {
        return asked.opcode() << 11
                | (asked.recursionDesired() ? 0x0100 : 0)
                | (asked.authenticDataWanted() ? 0x0020 : 0)
                | (asked.checkingDisabled() ? 0x0010 : 0);
    }

    /** The question is that of the reply: of a malformed query nothing else is to be trusted. */
    static byte[] message(Reply reply, Query asked, boolean whole) {
        byte[] octets = reply.octets();
        int from = reply.from();
        int length = reply.length();
        if (from == 0) { // over a stream
            from = LENGTH_IN_FRONT;
            length -= LENGTH_IN_FRONT;
        }
        boolean asks = octets[from + 5] == 1;
        int least = HEADER + (asks ? asked.questionLength() : 0);
        int kept = whole && length <= MAX_MESSAGE ? length : Math.min(least, length);
        return Arrays.copyOfRange(octets, from, from + kept);
    }

    /** Where the question ends; 12 if there is none. */
    int questionEnd() {
        if (message.length <= HEADER || message[5] != 1) {
            return HEADER;
        }
        int at = HEADER;
        while (message[at] != 0) {
            at += message[at] + 1;
        }
        return at + 5;
    }

    boolean isWhole() {
        int counts = message[7] | message[6] | message[9] | message[8] | message[11] | message[10];
        return counts == 0 || message.length > questionEnd();
    }
}
