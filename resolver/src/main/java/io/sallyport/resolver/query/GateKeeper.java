package io.sallyport.resolver.query;

import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.query.Query.Gate;

/**
 * Decides whether a message is a question that a resolver answers. Strict, because the client is
 * the adversary: what is not understood to the last octet goes no further. Allocates nothing,
 * throws nothing, reads each octet once.
 */
final class GateKeeper {
    private static final int CLASS_IN = 1;
    private static final int OPT = 41;
    private static final int KEEPALIVE = 11;

    /** Root owner, type, class, TTL, RDLENGTH. */
    private static final int OPT_FIXED = 11;

    /** No client sends more than a handful; a long list is work for nothing (CVE-2026-41292). */
    private static final int MAX_OPTIONS = 32;

    private GateKeeper() {}

    static Gate judge(Query query, byte[] packet, int length) {
        if (length < Query.HEADER) {
            return Gate.SILENT;
        }
        Gate header = header(query, packet);
        if (header != Gate.PASS) {
            return header;
        }
        if (u16(packet, 4) > 1
                || u32(packet, 6) != 0
                || u16(packet, 10) > 1
                || (query.flags & Flags.RCODE) != 0) {
            // RFC 9619: one question. Answers, authorities and anything but one OPT have no place
            // in a query.
            return Gate.MALFORMED;
        }
        if (u16(packet, 4) == 0) {
            return cookieOnly(query, packet, length);
        }
        int end = name(query, packet, length);
        if (end < 0 || end + 4 > length) {
            return Gate.MALFORMED;
        }
        System.arraycopy(packet, Query.HEADER, query.question, 0, query.nameLength + 4);
        query.type = u16(packet, end);
        int questionClass = u16(packet, end + 2);
        int version = opt(query, packet, end + 4, length, u16(packet, 10));
        if (version < 0) {
            return Gate.MALFORMED;
        }
        if (version > 0) {
            return Gate.VERSION;
        }
        return questionClass == CLASS_IN ? type(query.type) : Gate.CLASS;
    }

    private static Gate cookieOnly(Query query, byte[] packet, int length) {
        query.nameLength = 0;
        int version = opt(query, packet, Query.HEADER, length, u16(packet, 10));
        return version == 0 && query.cookieLength > 0 ? Gate.COOKIE : Gate.MALFORMED;
    }

    /**
     * A message longer than any query is malformed, unless its header already says what to answer.
     */
    static Gate overlong(Query query, byte[] packet) {
        Gate header = header(query, packet);
        return header == Gate.PASS ? Gate.MALFORMED : header;
    }

    private static Gate header(Query query, byte[] packet) {
        query.id = u16(packet, 0);
        query.flags = u16(packet, 2);
        // Nothing of the message before may be left, whatever becomes of this one.
        query.edns = false;
        query.payload = Query.MIN_UDP_PAYLOAD;
        query.dnssec = false;
        query.keepalive = false;
        query.cookieLength = 0;
        if ((query.flags & Flags.QR) != 0) {
            return Gate.SILENT;
        }
        return query.opcode() == 0 ? Gate.PASS : Gate.OPCODE;
    }

    /**
     * Reads the name, lower-casing it. Labels of 1 to 63 octets only: a pointer (RFC 9267 §2) or an
     * extended label has its two upper bits set and looks longer.
     *
     * @return the offset behind it, or -1
     */
    private static int name(Query query, byte[] packet, int length) {
        byte[] lowered = query.lowered;
        int limit = Math.min(length - Query.HEADER, WireName.MAX_OCTETS);
        int at = 0;
        while (at < limit) {
            int label = packet[Query.HEADER + at] & 0xff;
            if (label > WireName.MAX_LABEL || at + label >= limit) {
                return -1;
            }
            lowered[at++] = (byte) label;
            if (label == 0) {
                query.nameLength = at;
                return Query.HEADER + at;
            }
            for (int end = at + label; at < end; at++) {
                lowered[at] = WireName.lower(packet[Query.HEADER + at]);
            }
        }
        return -1;
    }

    /**
     * Reads the additional section: nothing, or one OPT that fills the rest of the message exactly,
     * so that no octet is left that means something to somebody else.
     *
     * @return the EDNS version, or -1 for a malformed message
     */
    private static int opt(Query query, byte[] packet, int at, int length, int additional) {
        query.edns = additional == 1;
        if (additional == 0) {
            return at == length ? 0 : -1;
        }
        if (length - at < OPT_FIXED || packet[at] != 0 || u16(packet, at + 1) != OPT) {
            return -1;
        }
        int options = at + OPT_FIXED;
        if (u16(packet, at + 9) != length - options) {
            return -1;
        }
        query.payload = Math.max(u16(packet, at + 3), Query.MIN_UDP_PAYLOAD);
        query.dnssec = (packet[at + 7] & 0x80) != 0;
        int version = packet[at + 6] & 0xff;
        boolean read = options(query, packet, options, length);
        if (version != 0) {
            query.cookieLength = 0; // what an option of another version means is not known
        }
        return read ? version : -1;
    }

    /**
     * Unknown options and client subnets are stepped over: nothing of them is used, echoed or sent
     * on.
     */
    private static boolean options(Query query, byte[] packet, int from, int length) {
        int at = from;
        for (int count = 0; at < length; count++) {
            if (count == MAX_OPTIONS || length - at < 4) {
                return false;
            }
            int code = u16(packet, at);
            int octets = u16(packet, at + 2);
            at += 4;
            if (code == Cookies.OPTION && !cookie(query, packet, at, octets, length)) {
                return false;
            }
            query.keepalive |= code == KEEPALIVE;
            at += octets;
        }
        return at == length;
    }

    /** RFC 7873 §5: of several the first counts, and one of a wrong length is a malformed query. */
    private static boolean cookie(Query query, byte[] packet, int at, int octets, int length) {
        if (!Cookies.wellFormed(octets) || octets > length - at) {
            return false;
        }
        if (query.cookieLength == 0) {
            System.arraycopy(packet, at, query.cookie, 0, octets);
            query.cookieLength = octets;
        }
        return true;
    }

    private static Gate type(int type) {
        return switch (type) {
            case 46, 251, 252 ->
                    Gate.TRANSFER; // RRSIG (RFC 8482 §4.1's ANY by another name), IXFR, AXFR
            case OPT, 128, 250 -> Gate.PSEUDO_TYPE; // NXNAME (RFC 9824 §3.4), TSIG
            case 24, 249, 253, 254 -> Gate.META_TYPE; // SIG, TKEY, MAILB, MAILA
            default -> Gate.PASS;
        };
    }

    private static int u16(byte[] octets, int at) {
        return (octets[at] & 0xff) << 8 | (octets[at + 1] & 0xff);
    }

    private static int u32(byte[] octets, int at) {
        return u16(octets, at) << 16 | u16(octets, at + 2);
    }
}
