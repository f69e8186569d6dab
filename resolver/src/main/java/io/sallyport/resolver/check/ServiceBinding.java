package io.sallyport.resolver.check;

/**
 * SVCB and HTTPS rdata (RFC 9460 §2.2):
 *
 * <pre>
 * priority (16 bits) | target name, never compressed | { key (16) | length (16) | value }, keys strictly ascending
 * </pre>
 */
final class ServiceBinding {
    private static final int MANDATORY = 0;
    private static final int ALPN = 1;
    private static final int NO_DEFAULT_ALPN = 2;
    private static final int PORT = 3;
    private static final int IPV4_HINT = 4;
    private static final int ECH = 5;
    private static final int IPV6_HINT = 6;
    private static final int RESERVED = 65535;

    private ServiceBinding() {}

    static boolean isWellFormed(byte[] message, NameReader names, int at, int end) {
        int next = names.read(at + 2, end);
        if (next == NameReader.BROKEN || !names.isPlain()) {
            return false;
        }
        int params = next;
        int before = -1;
        while (next < end) {
            if (end - next < 4) {
                return false;
            }
            int key = Octets.u16(message, next);
            int length = Octets.u16(message, next + 2);
            if (key <= before
                    || length > end - next - 4
                    || !isValue(message, key, next + 4, length)
                    || (key == NO_DEFAULT_ALPN && before != ALPN)) {
                return false;
            }
            before = key;
            next += 4 + length;
        }
        return hasMandatory(message, params, end);
    }

    /**
     * Whether this well-formed rdata would let a client connect without a pin, or hide whom it
     * connects to.
     */
    static boolean hasHints(byte[] message, int at, int end) {
        int next = at + 2;
        while (message[next] != 0) {
            next += message[next] + 1;
        }
        for (next++; next < end; next += 4 + Octets.u16(message, next + 2)) {
            int key = Octets.u16(message, next);
            if (key == IPV4_HINT || key == IPV6_HINT || key == ECH) {
                return true;
            }
        }
        return false;
    }

    private static boolean isValue(byte[] message, int key, int at, int length) {
        return switch (key) {
            case ALPN -> isList(message, at, at + length);
            case NO_DEFAULT_ALPN -> length == 0;
            case RESERVED -> false;
            case MANDATORY -> length > 0 && length % 2 == 0;
            case PORT -> length == 2;
            case IPV4_HINT -> length > 0 && length % 4 == 0;
            case IPV6_HINT -> length > 0 && length % 16 == 0;
            default -> true;
        };
    }

    /** RFC 9460 §7.1.1: identifiers behind their lengths, at least one, none of them empty. */
    private static boolean isList(byte[] message, int at, int end) {
        int next = at;
        while (next < end && message[next] != 0) {
            next += 1 + (message[next] & 0xff);
        }
        return next == end && next > at;
    }

    /**
     * RFC 9460 §8: mandatory keys ascend, are present and do not name themselves. Both lists
     * ascend: one pass.
     */
    private static boolean hasMandatory(byte[] message, int params, int end) {
        if (params == end || Octets.u16(message, params) != MANDATORY) {
            return true;
        }
        int listed = params + 4;
        int listEnd = listed + Octets.u16(message, params + 2);
        int next = listEnd;
        for (int before = MANDATORY; listed < listEnd; listed += 2) {
            int key = Octets.u16(message, listed);
            if (key <= before) {
                return false;
            }
            before = key;
            while (next < end && Octets.u16(message, next) < key) {
                next += 4 + Octets.u16(message, next + 2);
            }
            if (next == end || Octets.u16(message, next) != key) {
                return false;
            }
        }
        return true;
    }
}
