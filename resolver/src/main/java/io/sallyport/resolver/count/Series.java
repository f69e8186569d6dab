package io.sallyport.resolver.count;

import io.sallyport.resolver.count.Counters.Origin;
import java.util.Locale;

/** Where on a sheet a series with several labels stands, and what it is called. */
final class Series {
    /** The rcodes 0 to 5 by name, and all others. */
    private static final String[] RCODES = {
        "noerror", "formerr", "servfail", "nxdomain", "notimp", "refused", "other"
    };

    /** What sandboxes ask for; the rest is {@code other}, and what was not read {@code unread}. */
    private static final String[] TYPES = {
        "A", "AAAA", "CNAME", "HTTPS", "MX", "NS", "PTR", "SOA", "SRV", "SVCB", "TXT", "ANY",
        "other", "unread"
    };

    private static final int OTHER = 12;
    private static final int UNREAD = 13;

    static final int QUERIES = 4 * TYPES.length;
    static final int RESPONSES = RCODES.length * Origin.values().length;

    private Series() {}

    /**
     * @param type as in the question; below 0 for a message that was not read
     */
    static int query(boolean tcp, boolean six, int type) {
        return ((tcp ? 2 : 0) + (six ? 1 : 0)) * TYPES.length + place(type);
    }

    private static int place(int type) {
        return switch (type) {
            case 1 -> 0;
            case 28 -> 1;
            case 5 -> 2;
            case 65 -> 3;
            case 15 -> 4;
            case 2 -> 5;
            case 12 -> 6;
            case 6 -> 7;
            case 33 -> 8;
            case 64 -> 9;
            case 16 -> 10;
            case 255 -> 11;
            default -> type < 0 ? UNREAD : OTHER;
        };
    }

    @SuppressWarnings("EnumOrdinal") // an index of this moment, never kept: an EnumMap boxes
    static int response(int rcode, Origin origin) {
        return origin.ordinal() * RCODES.length + Math.min(rcode, RCODES.length - 1);
    }

    static String query(int cell) {
        int road = cell / TYPES.length;
        return "sallyport_queries_total{proto=\""
                + (road >= 2 ? "tcp" : "udp")
                + "\",family=\""
                + (road % 2 == 1 ? "6" : "4")
                + "\",qtype=\""
                + TYPES[cell % TYPES.length]
                + "\"}";
    }

    @SuppressWarnings("EnumOrdinal") // the way back
    static String response(int cell) {
        return "sallyport_responses_total{rcode=\""
                + RCODES[cell % RCODES.length]
                + "\",origin=\""
                + name(Origin.values()[cell / RCODES.length])
                + "\"}";
    }

    static String name(Enum<?> label) {
        return label.name().toLowerCase(Locale.ROOT);
    }
}
