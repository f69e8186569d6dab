package io.sallyport.resolver.check;

/**
 * Where names stand in rdata: behind {@code before} octets {@code names} names, then {@code after}
 * octets. These types may be compressed (RFC 1035, RFC 3597 §4); rdata of all others is copied as
 * it is.
 */
enum Layout {
    OPAQUE(0, 0, 0),
    NAME(0, 1, 0),
    TWO_NAMES(0, 2, 0),
    SOA(0, 2, 20),
    PREFERENCE_NAME(2, 1, 0),
    PREFERENCE_TWO_NAMES(2, 2, 0),
    SRV(6, 1, 0);

    final int before;
    final int names;
    final int after;

    Layout(int before, int names, int after) {
        this.before = before;
        this.names = names;
        this.after = after;
    }

    static Layout of(int type) {
        return switch (type) {
            case 2, 3, 4, 5, 7, 8, 9, 12, 39 -> NAME; // NS MD MF CNAME MB MG MR PTR DNAME
            case 14, 17 -> TWO_NAMES; // MINFO RP
            case 6 -> SOA;
            case 15, 18, 21, 36 -> PREFERENCE_NAME; // MX AFSDB RT KX
            case 26 -> PREFERENCE_TWO_NAMES; // PX
            case 33 -> SRV;
            default -> OPAQUE;
        };
    }
}
