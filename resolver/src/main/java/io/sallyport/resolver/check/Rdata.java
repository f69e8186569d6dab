package io.sallyport.resolver.check;

/** Whether rdata has the form that its type demands, to the octet. */
final class Rdata {
    private static final int RRSIG_FIXED =
            18; // RFC 4034 §3.1: what stands before the signer's name

    private Rdata() {}

    static boolean isWellFormed(byte[] message, NameReader names, int type, int at, int end) {
        Layout layout = Layout.of(type);
        if (layout != Layout.OPAQUE) {
            return hasNames(names, layout, at, end);
        }
        return switch (type) {
            case RrType.A -> end - at == 4;
            case RrType.AAAA -> end - at == 16;
            case RrType.TXT, RrType.SPF -> strings(message, at, end) >= 1;
            case RrType.HINFO -> strings(message, at, end) == 2;
            case RrType.CAA ->
                    end - at > 2 && message[at + 1] > 0 && at + 2 + message[at + 1] <= end;
            case RrType.SVCB, RrType.HTTPS -> ServiceBinding.isWellFormed(message, names, at, end);
            case RrType.RRSIG -> isSignature(names, at, end);
            case RrType.NSEC -> Proof.isNsec(message, names, at, end);
            case RrType.NSEC3 -> Proof.isNsec3(message, at, end);
            case RrType.NAPTR -> isNamingAuthority(message, names, at, end);
            default -> true;
        };
    }

    private static boolean hasNames(NameReader names, Layout layout, int at, int end) {
        int next = at + layout.before;
        for (int i = 0; i < layout.names; i++) {
            next = names.read(next, end);
            if (next == NameReader.BROKEN) {
                return false;
            }
        }
        return next + layout.after == end;
    }

    private static boolean isSignature(NameReader names, int at, int end) {
        int next = names.read(at + RRSIG_FIXED, end);
        return next != NameReader.BROKEN && names.isPlain() && next < end;
    }

    /** RFC 3403 §4.1: order, preference, three strings, a name that is never compressed. */
    private static boolean isNamingAuthority(byte[] message, NameReader names, int at, int end) {
        int next = at + 4;
        for (int i = 0; i < 3 && next < end; i++) {
            next += 1 + (message[next] & 0xff);
        }
        return next < end && names.read(next, end) == end && names.isPlain();
    }

    /** How many character strings (RFC 1035 §3.3) fill the rdata exactly; -1 if they do not. */
    private static int strings(byte[] message, int at, int end) {
        int count = 0;
        int next = at;
        while (next < end) {
            next += 1 + (message[next] & 0xff);
            count++;
        }
        return next == end ? count : -1;
    }
}
