package io.sallyport.resolver.reply;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.query.Query;

/**
 * How much of an answer one client gets: whole records from the front, so that CNAMEs stay before
 * what they lead to. A flyweight, used again for every answer.
 */
final class Fit {
    private static final int A = 1;
    private static final int AAAA = 28;

    /**
     * More addresses than this no client tries, and each is a kernel entry for every port. The
     * answer is cut, not the pins: what leaves is open.
     */
    static final int MAX_ADDRESSES = 64;

    /** Records written, answers first. */
    int kept;

    /** Of these, in the answer section. */
    int answers;

    /** Of these, A and AAAA. */
    int addresses;

    boolean truncated;

    /**
     * @param room octets for records
     */
    void measure(Query query, Answer answer, int room) {
        int records = capped(answer);
        truncated = false;
        if (end(answer, records) > room
                && records > answer.answers()
                && answer.answers() > 0
                && !query.dnssec()) {
            records = answer.answers(); // RFC 2181 §9: authority that nobody asked for is left out
            // without a flag
        }
        if (end(answer, records) > room) {
            records = truncated(query, answer, records, room);
        }
        kept = records;
        answers = Math.min(records, answer.answers());
        addresses = count(answer, records);
    }

    /**
     * Whole A and AAAA records for clients without EDNS, because old ones cannot ask again by TCP;
     * nothing for others.
     */
    private int truncated(Query query, Answer answer, int records, int room) {
        truncated = true;
        if (query.edns() || (query.type() != A && query.type() != AAAA)) {
            return 0;
        }
        int fitting = Math.min(records, answer.answers());
        while (end(answer, fitting) > room) {
            fitting--;
        }
        return fitting;
    }

    private static int capped(Answer answer) {
        int total = answer.answers() + answer.authorities();
        if (answer.addresses().length <= MAX_ADDRESSES) {
            return total;
        }
        int seen = 0;
        for (int i = 0; i < total; i++) {
            if (isAddress(answer, i) && ++seen == MAX_ADDRESSES) {
                return i + 1;
            }
        }
        return total;
    }

    private static int count(Answer answer, int records) {
        int count = 0;
        for (int i = 0; i < records; i++) {
            count += isAddress(answer, i) ? 1 : 0;
        }
        return count;
    }

    /** Type, class and TTL stand in this order behind the owner's name (RFC 1035 §4.1.3). */
    static boolean isAddress(Answer answer, int index) {
        int type = answer.ttlOffsets()[index] - 4;
        byte[] body = answer.body();
        return body[type] == 0 && (body[type + 1] == A || body[type + 1] == AAAA);
    }

    /** The offset in the body behind the first so many records. */
    static int end(Answer answer, int records) {
        return records == 0 ? 0 : answer.recordEnds()[records - 1];
    }
}
