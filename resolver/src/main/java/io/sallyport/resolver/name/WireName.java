package io.sallyport.resolver.name;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A domain name as it travels: length-prefixed labels, lower-cased, ending in the root label, 1 to
 * 255 octets (RFC 1035 §3.1). Policy, cache and pins compare these octets and never text, so a dot
 * inside a label is only an octet.
 */
public final class WireName implements Comparable<WireName> {
    /** RFC 1035 §3.1: 255 octets with all length octets and the root label. */
    public static final int MAX_OCTETS = 255;

    /** RFC 1035 §2.3.4. */
    public static final int MAX_LABEL = 63;

    public static final WireName ROOT = new WireName(new byte[] {0});

    private final byte[] octets;
    private final int hash;

    private WireName(byte[] octets) {
        this.octets = octets;
        this.hash = Arrays.hashCode(octets);
    }

    /**
     * Copies {@code length} octets that are already a well-formed, lower-cased wire name, as the
     * header gate leaves them.
     */
    public static WireName ofLowered(byte[] source, int offset, int length) {
        return new WireName(Arrays.copyOfRange(source, offset, offset + length));
    }

    /**
     * Reads the plain text form of A-labels ("api.example.com", a trailing dot allowed, "." for the
     * root). No escapes: text with a backslash, a space or an octet beyond ASCII is refused.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong
     */
    public static WireName parse(String text) {
        if (text.equals(".")) {
            return ROOT;
        }
        String bare = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        if (bare.isEmpty()) {
            throw new IllegalArgumentException("the name is empty");
        }
        byte[] out = new byte[bare.length() + 2];
        int at = 0;
        for (String label : bare.split("\\.", -1)) {
            if (label.isEmpty()) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" has an empty label (two dots in a row)");
            }
            if (label.length() > MAX_LABEL) {
                throw new IllegalArgumentException(
                        "a label of \"" + text + "\" is longer than " + MAX_LABEL + " characters");
            }
            out[at++] = (byte) label.length();
            for (int i = 0; i < label.length(); i++) {
                char c = label.charAt(i);
                if (c <= ' ' || c > '~' || c == '\\') {
                    throw new IllegalArgumentException(
                            "\"" + text + "\" has a character that no host name has");
                }
                out[at++] = lower((byte) c);
            }
        }
        at++;
        if (at > MAX_OCTETS) {
            throw new IllegalArgumentException("\"" + text + "\" is longer than 253 characters");
        }
        return new WireName(Arrays.copyOf(out, at));
    }

    /** ASCII only, as RFC 4343 has it: octets beyond 0x7f are left alone. */
    public static byte lower(byte octet) {
        return octet >= 'A' && octet <= 'Z' ? (byte) (octet + 32) : octet;
    }

    /** The number of octets, root label included. */
    public int length() {
        return octets.length;
    }

    public byte octet(int index) {
        return octets[index];
    }

    /** The octets themselves: shared, not to be changed. */
    @SuppressWarnings("EI_EXPOSE_REP")
    public byte[] octets() {
        return octets;
    }

    /** The number of labels without the root. */
    public int labels() {
        int count = 0;
        for (int at = 0; octets[at] != 0; at += octets[at] + 1) {
            count++;
        }
        return count;
    }

    /** Whether this name is {@code suffix} or stands below it. */
    public boolean isAtOrBelow(WireName suffix) {
        int start = octets.length - suffix.octets.length;
        if (start < 0) {
            return false;
        }
        for (int at = 0; at <= start; at += octets[at] + 1) {
            if (at == start) {
                return Arrays.equals(
                        octets, start, octets.length, suffix.octets, 0, suffix.octets.length);
            }
        }
        return false;
    }

    /** The name with its first label taken away; null for the root. */
    public @Nullable WireName parent() {
        return octets.length == 1
                ? null
                : new WireName(Arrays.copyOfRange(octets, octets[0] + 1, octets.length));
    }

    @Override
    public int compareTo(WireName other) {
        return Arrays.compareUnsigned(octets, other.octets);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WireName that && Arrays.equals(octets, that.octets);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /**
     * Presentation form, every unusual octet escaped as {@code \DDD} (RFC 1035 §5.1): safe in logs,
     * JSON and HTML.
     */
    @Override
    public String toString() {
        if (octets.length == 1) {
            return ".";
        }
        StringBuilder text = new StringBuilder(octets.length);
        for (int at = 0; octets[at] != 0; at += octets[at] + 1) {
            if (at > 0) {
                text.append('.');
            }
            for (int i = at + 1; i <= at + octets[at]; i++) {
                appendEscaped(text, octets[i] & 0xff);
            }
        }
        return text.toString();
    }

    private static void appendEscaped(StringBuilder text, int octet) {
        boolean plain =
                (octet >= 'a' && octet <= 'z')
                        || (octet >= '0' && octet <= '9')
                        || octet == '-'
                        || octet == '_'
                        || octet == '*';
        if (plain) {
            text.append((char) octet);
        } else {
            text.append(
                    new String(
                            new byte[] {
                                '\\',
                                (byte) ('0' + octet / 100),
                                (byte) ('0' + octet / 10 % 10),
                                (byte) ('0' + octet % 10)
                            },
                            StandardCharsets.US_ASCII));
        }
    }
}
