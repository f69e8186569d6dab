package io.sallyport.resolver.check;

/**
 * Rdata of the records that prove a denial, told from octets that only have their type:
 *
 * <pre>
 * NSEC   next name, never compressed | types                                        RFC 4034 §4.1
 * NSEC3  hash, flags, iterations (16) | salt behind its length | next hash behind its length | types   RFC 5155 §3.2
 * types  { window, ascending | length, 1 to 32 | bits }
 * </pre>
 */
final class Proof {
    private static final int MAX_WINDOW = 32;
    private static final int NSEC3_FIXED = 4;

    private Proof() {}

    static boolean isNsec(byte[] message, NameReader names, int at, int end) {
        int next = names.read(at, end);
        return next != NameReader.BROKEN && names.isPlain() && hasTypes(message, next, end);
    }

    static boolean isNsec3(byte[] message, int at, int end) {
        int hash = behind(message, at + NSEC3_FIXED, end);
        int types = behind(message, hash, end);
        return types <= end && types > hash + 1 && hasTypes(message, types, end);
    }

    /**
     * The offset behind octets with their length in front; beyond {@code end} if they end later.
     */
    private static int behind(byte[] message, int at, int end) {
        return at < end ? at + 1 + (message[at] & 0xff) : end + 1;
    }

    private static boolean hasTypes(byte[] message, int at, int end) {
        int next = at;
        int before = -1;
        while (next < end) {
            if (end - next < 3) {
                return false;
            }
            int window = message[next] & 0xff;
            int length = message[next + 1] & 0xff;
            if (window <= before || length == 0 || length > MAX_WINDOW) {
                return false;
            }
            before = window;
            next += 2 + length;
        }
        return next == end;
    }
}
