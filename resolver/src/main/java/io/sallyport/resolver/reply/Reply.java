package io.sallyport.resolver.reply;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.count.Counters;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.count.Counters.Tally;
import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.query.Query;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes replies. One belongs to each event loop: every message is put together in the same array,
 * and whoever sends it copies it from there. Each method that writes a message returns this.
 */
public final class Reply {
    public static final int FORMERR = 1;
    public static final int SERVFAIL = 2;
    public static final int NXDOMAIN = 3;
    public static final int NOTIMP = 4;
    public static final int REFUSED = 5;
    public static final int NOERROR = 0;

    /** Fits every path without fragments (RFC 9715); both what is sent and what is advertised. */
    public static final int UDP_PAYLOAD = 1232;

    /**
     * To be put for {@code pinned} where nothing needs a pin: the level opens every public address.
     */
    public static final int NO_PIN_NEEDED = Integer.MAX_VALUE;

    /**
     * Idle time promised to TCP clients that ask (RFC 7828 §3.1: units of 100 ms); what the
     * listener keeps to.
     */
    public static final int KEEPALIVE_UNITS = 100;

    private static final int HEADER = 12;
    private static final int PREFIX = 2;
    private static final int MAX_MESSAGE = 65535;
    private static final int OPT_OCTETS = 11;
    private static final int KEEPALIVE_OCTETS = 6;
    private static final int COOKIE_OCTETS = 4 + Cookies.WHOLE_OCTETS;

    private static final int QR = 0x8000;
    private static final int TC = 0x0200;
    private static final int RD = 0x0100;
    private static final int RA = 0x0080;
    private static final int AD = 0x0020;
    private static final int CD = 0x0010;

    private final Tally tally;
    private final Fit fit = new Fit();
    private byte[] out = new byte[PREFIX + 2048];
    private int at;
    private int rcode;
    private boolean tcp;

    public Reply(Tally tally) {
        this.tally = tally;
    }

    /** The array that the message stands in; shared, valid until the next message is written. */
    @SuppressWarnings("EI_EXPOSE_REP")
    public byte[] octets() {
        return out;
    }

    /** Where the message begins: over TCP with its length in front (RFC 7766 §8). */
    public int from() {
        return tcp ? 0 : PREFIX;
    }

    /** Octets from {@link #from} on, the length in front included. */
    public int length() {
        return at - from();
    }

    /** The extended rcode of the message. */
    public int rcode() {
        return rcode;
    }

    /**
     * Identifier, opcode and rcode and nothing else: for messages whose question is not to be
     * trusted or looked at.
     */
    public Reply headerOnly(Query query, int rcode, boolean overTcp) {
        begin(overTcp);
        header(query.id(), QR | query.opcode() << 11 | rcode, 0);
        return finish(rcode);
    }

    /** A reply with no records: refusals and failures. */
    public Reply refuse(Query query, int rcode, @Nullable ExtendedError why, boolean overTcp) {
        begin(overTcp);
        header(query.id(), flags(query) | rcode, 1);
        question(query);
        opt(query, 0, why);
        return finish(rcode);
    }

    /** Nothing but our cookie, to a query without a question (RFC 7873 §5.4). */
    public Reply cookie(Query query, boolean overTcp) {
        begin(overTcp);
        header(query.id(), flags(query), 0);
        opt(query, 0, null);
        return finish(NOERROR);
    }

    /** BADVERS, with the version that is spoken here: 0 (RFC 6891 §6.1.3). */
    public Reply badVersion(Query query, boolean overTcp) {
        begin(overTcp);
        header(query.id(), flags(query), 1);
        question(query);
        opt(query, 1, null);
        return finish(Counters.BADVERS);
    }

    /** NXDOMAIN, or NODATA, with the SOA that lets a client remember it for a moment. */
    public Reply deny(Query query, int rcode, ExtendedError why, boolean overTcp) {
        begin(overTcp);
        header(query.id(), flags(query) | rcode, 1);
        question(query);
        append(FixedRecords.SOA, FixedRecords.SOA.length);
        set16(8, 1);
        opt(query, 0, why);
        return finish(rcode);
    }

    /** The minimal answer to ANY (RFC 8482 §4.2). */
    public Reply minimalAny(Query query, boolean overTcp) {
        begin(overTcp);
        header(query.id(), flags(query), 1);
        question(query);
        append(FixedRecords.RFC_8482, FixedRecords.RFC_8482.length);
        set16(6, 1);
        opt(query, 0, null);
        return finish(NOERROR);
    }

    /** One PTR record. With the longest of names this fits into 512 octets. */
    public Reply pointer(Query query, WireName name, int ttl, boolean overTcp) {
        begin(overTcp);
        header(query.id(), flags(query), 1);
        question(query);
        append(FixedRecords.PTR, FixedRecords.PTR.length);
        room(6);
        put16(at, ttl >>> 16);
        put16(at + 2, ttl);
        put16(at + 4, name.length());
        at += 6;
        append(name.octets(), name.length());
        set16(6, 1);
        opt(query, 0, null);
        return finish(NOERROR);
    }

    /**
     * One TXT record.
     *
     * @param strings of 1 to 255 octets each (RFC 1035 §3.3.14); what does not fit is left out
     */
    public Reply text(Query query, List<byte[]> strings, boolean overTcp) {
        begin(overTcp);
        header(query.id(), flags(query), 1);
        question(query);
        int left = limit(query) - (at - PREFIX) - FixedRecords.TXT.length - 2 - optOctets(query);
        append(FixedRecords.TXT, FixedRecords.TXT.length);
        int rdata = at;
        room(2);
        at += 2;
        for (byte[] string : strings) {
            int length = Math.min(string.length, left - 1);
            if (length < 1) {
                break;
            }
            left -= length + 1;
            append(new byte[] {(byte) length}, 1);
            append(string, length);
        }
        put16(rdata, at - rdata - 2);
        set16(6, 1);
        opt(query, 0, null);
        return finish(NOERROR);
    }

    /**
     * Measures how much of an answer this client gets.
     *
     * @return how many of its addresses are to leave, the first ones: to be pinned before {@link
     *     #answer}
     */
    public int fit(Query query, Answer answer, boolean overTcp) {
        tcp = overTcp;
        fit.measure(
                query, answer, limit(query) - HEADER - query.questionLength() - optOctets(query));
        return fit.addresses;
    }

    /**
     * Writes an answer as it was measured last.
     *
     * @param pinned how many addresses are open now, or {@link #NO_PIN_NEEDED}
     * @param note what is said with it, unless the answer says something itself
     * @return null if an address would leave without its pin: a fault of ours, counted, and nothing
     *     leaves
     */
    public @Nullable Reply answer(
            Query query,
            Answer answer,
            long nowNanos,
            int pinned,
            @Nullable ExtendedError note,
            boolean overTcp) {
        begin(overTcp);
        int flags = flags(query) | answer.rcode() | (fit.truncated ? TC : 0);
        if (answer.authenticated() && (query.authenticDataWanted() || query.dnssec())) {
            flags |= AD;
        }
        header(query.id(), flags, 1);
        question(query);
        set16(6, fit.answers);
        set16(8, fit.kept - fit.answers);
        int body = at;
        append(answer.body(), Fit.end(answer, fit.kept));
        countDown(answer, body, nowNanos);
        opt(query, 0, extendedError(query, answer, note));
        if (fit.truncated) {
            tally.add(Count.TRUNCATED);
        }
        return everyAddressIsPinned(answer, body, pinned) ? finish(answer.rcode()) : null;
    }

    /**
     * Looks at the octets that are about to leave, not at what was meant: each address must be one
     * that was pinned.
     */
    private boolean everyAddressIsPinned(Answer answer, int body, int pinned) {
        if (pinned == NO_PIN_NEEDED) {
            return true;
        }
        byte[][] addresses = answer.addresses();
        int seen = 0;
        for (int i = 0; i < fit.kept; i++) {
            if (Fit.isAddress(answer, i)) {
                int from = body + answer.ttlOffsets()[i] + 6;
                int to = body + answer.recordEnds()[i];
                boolean open =
                        seen < pinned
                                && seen < addresses.length
                                && Arrays.equals(
                                        out, from, to, addresses[seen], 0, addresses[seen].length);
                if (!open) {
                    tally.add(Count.WITHOUT_PIN);
                    return false;
                }
                seen++;
            }
        }
        return true;
    }

    private void countDown(Answer answer, int body, long nowNanos) {
        long age = (nowNanos - answer.bornNanos()) / 1_000_000_000L;
        if (age > 0) {
            int left = (int) Math.max(0, answer.ttl() - age);
            for (int i = 0; i < fit.kept; i++) {
                int ttl = body + answer.ttlOffsets()[i];
                put16(ttl, left >>> 16);
                put16(ttl + 2, left);
            }
        }
    }

    private static @Nullable ExtendedError extendedError(
            Query query, Answer answer, @Nullable ExtendedError note) {
        return query.edns() && answer.extendedError() != Answer.NO_EXTENDED_ERROR
                ? new ExtendedError(answer.extendedError(), answer.extraText())
                : note;
    }

    private int limit(Query query) {
        return tcp ? MAX_MESSAGE : Math.min(query.payload(), UDP_PAYLOAD);
    }

    private int optOctets(Query query) {
        return !query.edns()
                ? 0
                : OPT_OCTETS
                        + (tcp && query.keepalive() ? KEEPALIVE_OCTETS : 0)
                        + (query.cookieLength() > 0 ? COOKIE_OCTETS : 0);
    }

    private static int flags(Query query) {
        return QR | RA | (query.recursionDesired() ? RD : 0) | (query.checkingDisabled() ? CD : 0);
    }

    private void begin(boolean overTcp) {
        tcp = overTcp;
        at = PREFIX;
    }

    private void header(int id, int flags, int questions) {
        put16(at, id);
        put16(at + 2, flags);
        put16(at + 4, questions);
        put16(at + 6, 0);
        put16(at + 8, 0);
        put16(at + 10, 0);
        at += HEADER;
    }

    private void question(Query query) {
        append(query.question(), query.questionLength());
    }

    /**
     * Our own OPT if the client sent one; the error's text, then the error, give way to the
     * client's limit.
     */
    private void opt(Query query, int extendedRcode, @Nullable ExtendedError why) {
        if (!query.edns()) {
            return;
        }
        set16(10, 1);
        int opt = at;
        room(OPT_OCTETS + KEEPALIVE_OCTETS + COOKIE_OCTETS);
        out[opt] = 0;
        put16(opt + 1, 41);
        put16(opt + 3, UDP_PAYLOAD);
        out[opt + 5] = (byte) extendedRcode;
        out[opt + 6] = 0;
        put16(opt + 7, query.dnssec() ? 0x8000 : 0);
        at = opt + OPT_OCTETS;
        if (tcp && query.keepalive()) {
            put16(at, 11);
            put16(at + 2, 2);
            put16(at + 4, KEEPALIVE_UNITS);
            at += KEEPALIVE_OCTETS;
        }
        if (query.cookieLength() > 0) {
            put16(at, Cookies.OPTION);
            put16(at + 2, Cookies.WHOLE_OCTETS);
            System.arraycopy(query.cookie(), 0, out, at + 4, Cookies.WHOLE_OCTETS);
            at += COOKIE_OCTETS;
        }
        if (why != null) {
            int left = limit(query) - (at - PREFIX);
            byte[] option = why.whole().length <= left ? why.whole() : why.bare();
            append(option, option.length <= left ? option.length : 0);
        }
        put16(opt + 9, at - opt - OPT_OCTETS);
    }

    private void append(byte[] octets, int length) {
        room(length);
        System.arraycopy(octets, 0, out, at, length);
        at += length;
    }

    private void room(int more) {
        if (at + more > out.length) {
            out =
                    Arrays.copyOf(
                            out,
                            Math.max(at + more, Math.min(out.length * 2, PREFIX + MAX_MESSAGE)));
        }
    }

    private void set16(int headerOffset, int value) {
        put16(PREFIX + headerOffset, value);
    }

    private void put16(int index, int value) {
        out[index] = (byte) (value >> 8);
        out[index + 1] = (byte) value;
    }

    private Reply finish(int rcode) {
        this.rcode = rcode;
        put16(0, at - PREFIX);
        return this;
    }
}
