package io.sallyport.resolver.pattern;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import java.util.List;
import java.util.Locale;

/**
 * From what a person types to a canonical pattern, or to a sentence that says what to type instead.
 */
final class PatternText {
    private static final int TCP = 6 << 16;

    /**
     * Longer input is no name, and is not looked at: 255 octets even as four-octet characters, a
     * port and a prefix.
     */
    private static final int MAX_TEXT = 1100;

    private PatternText() {}

    static DomainPattern read(String text) {
        String trimmed = strip(text);
        if (trimmed.isEmpty()) {
            throw new IllegalArgumentException(
                    "the domain is empty; write one such as api.example.com");
        }
        if (trimmed.length() > MAX_TEXT) {
            throw new IllegalArgumentException(show(trimmed) + " is too long for a domain name");
        }
        refuseUrl(trimmed);
        refuseBracketedAddress(trimmed);
        int colon = trimmed.indexOf(':');
        String host = colon < 0 ? trimmed : trimmed.substring(0, colon);
        List<Integer> ports = colon < 0 ? List.of() : List.of(TCP | port(trimmed, colon));
        Scope scope = scope(host);
        String bare = withoutTrailingDot(host.substring(scope.prefix().length()), trimmed);
        WireName name = name(bare, trimmed);
        if (scope != Scope.EXACT && PublicSuffix.isIcann(name)) {
            throw new IllegalArgumentException(
                    show(trimmed)
                            + " would allow everything under the public suffix \""
                            + name
                            + "\"; name the organisation below it, such as "
                            + scope.prefix()
                            + "example."
                            + name);
        }
        return new DomainPattern(scope, name, ports);
    }

    static boolean isSpace(char c) {
        return Character.isWhitespace(c)
                || Character.isSpaceChar(c)
                || c == '\ufeff'
                || c == '\u200b';
    }

    private static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static void refuseUrl(String text) {
        int scheme = text.indexOf("://");
        int slash = text.indexOf('/', scheme < 0 ? 0 : scheme + 3);
        if (scheme < 0 && slash < 0) {
            refuseAtSign(text);
            return;
        }
        String rest =
                text.substring(scheme < 0 ? 0 : scheme + 3, slash < 0 ? text.length() : slash);
        String host = host(rest);
        if (host.isEmpty()) {
            throw new IllegalArgumentException(
                    show(text) + " is not a domain name; write one such as api.example.com");
        }
        String what = scheme < 0 ? "has a path" : "is a URL";
        throw new IllegalArgumentException(
                show(text) + " " + what + "; a pattern names hosts only: write " + host);
    }

    private static void refuseAtSign(String text) {
        if (text.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    show(text)
                            + " looks like an e-mail address or a login; write the host only: "
                            + host(text));
        }
    }

    /** The host of what stands between the scheme and the path of a URL. */
    private static String host(String authority) {
        String host = authority.substring(authority.lastIndexOf('@') + 1);
        int end = host.length();
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c == '?' || c == '#' || (c == ':' && !host.startsWith("["))) {
                end = i;
                break;
            }
        }
        return escape(host.substring(0, end)).toLowerCase(Locale.ROOT);
    }

    private static void refuseBracketedAddress(String text) {
        int first = text.indexOf(':');
        if (text.startsWith("[") || (first >= 0 && text.indexOf(':', first + 1) >= 0)) {
            throw new IllegalArgumentException(
                    show(text)
                            + " is not a domain name with a port; an IPv6 address cannot be"
                            + " listed, only names can, and their addresses open by themselves");
        }
    }

    private static int port(String text, int colon) {
        String digits = text.substring(colon + 1);
        int port = 0;
        for (int i = 0; i < digits.length() && port <= 0xffff; i++) {
            char c = digits.charAt(i);
            port = c >= '0' && c <= '9' ? port * 10 + (c - '0') : 0x10000;
        }
        if (port == 0 || port > 0xffff) {
            throw new IllegalArgumentException(
                    show(text)
                            + " has no port after the colon; write a number of 1 to 65535, or no colon");
        }
        return port;
    }

    private static Scope scope(String host) {
        if (host.equals("*") || host.equals("*.") || host.equals(".") || host.equals("**")) {
            throw new IllegalArgumentException(
                    show(host)
                            + " would allow every name; choose the level \"all\" if that is meant");
        }
        Scope scope =
                host.startsWith("*.")
                        ? Scope.BELOW
                        : host.startsWith(".") ? Scope.AT_OR_BELOW : Scope.EXACT;
        if (host.indexOf('*', scope == Scope.BELOW ? 1 : 0) >= 0) {
            throw new IllegalArgumentException(
                    show(host)
                            + " has a * where none can be; only the whole first label can be one, as in *.example.com");
        }
        return scope;
    }

    private static String withoutTrailingDot(String host, String text) {
        String bare = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        if (bare.isEmpty()) {
            throw new IllegalArgumentException(
                    show(text) + " names no host; write one such as api.example.com");
        }
        return bare;
    }

    private static WireName name(String bare, String text) {
        String ascii = isPlain(bare) ? bare : InternationalName.toAscii(bare, text);
        checkLabels(ascii, text);
        if (looksLikeAddress(ascii)) {
            throw new IllegalArgumentException(
                    show(text)
                            + " is an IP address or ends like one; only names can be listed,"
                            + " and their addresses open by themselves");
        }
        return WireName.parse(ascii);
    }

    /**
     * Whether nothing needs the tables of UTS #46, which cost time to load: ASCII, and no A-label
     * to be checked.
     */
    private static boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) >= 0x80) {
                return false;
            }
        }
        return !name.toLowerCase(Locale.ROOT).contains("xn--");
    }

    private static void checkLabels(String ascii, String text) {
        int start = 0;
        for (int i = 0; i <= ascii.length(); i++) {
            if (i == ascii.length() || ascii.charAt(i) == '.') {
                checkLabel(ascii, start, i, text);
                start = i + 1;
            }
        }
    }

    private static void checkLabel(String ascii, int from, int to, String text) {
        if (from == to) {
            throw new IllegalArgumentException(
                    show(text) + " has an empty label: two dots in a row");
        }
        if (to - from > WireName.MAX_LABEL) {
            throw new IllegalArgumentException(
                    show(text)
                            + " has a label of "
                            + (to - from)
                            + " characters; a label has at most 63");
        }
        for (int i = from; i < to; i++) {
            if (!isLetterDigitHyphenUnderscore(ascii.charAt(i))) {
                throw new IllegalArgumentException(
                        show(text)
                                + " has the character \""
                                + escape(ascii.substring(i, i + 1))
                                + "\", which no host name has");
            }
        }
        if (ascii.charAt(from) == '-' || ascii.charAt(to - 1) == '-') {
            throw new IllegalArgumentException(
                    show(text) + " has a label that begins or ends with a hyphen");
        }
    }

    private static boolean isLetterDigitHyphenUnderscore(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_';
    }

    /**
     * Whether the last label is a number, decimal or hexadecimal: what browsers and libraries read
     * as an IPv4 address (10.0.0.1, 0x7f.1, 2130706433), and no top-level domain is one.
     */
    private static boolean looksLikeAddress(String ascii) {
        String last = ascii.substring(ascii.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        String digits = last.startsWith("0x") ? last.substring(2) : last;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            boolean digit =
                    (c >= '0' && c <= '9')
                            || (last.length() > digits.length() && c >= 'a' && c <= 'f');
            if (!digit) {
                return false;
            }
        }
        return true;
    }

    /**
     * The input in quotes, harmless in a log, a terminal or a page, and never longer than a line.
     */
    static String show(String text) {
        return "\""
                + (text.length() <= 100 ? escape(text) : escape(text.substring(0, 100)) + "…")
                + "\"";
    }

    private static String escape(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> {
                    if (Character.isISOControl(c)
                            || Character.getType(c) == Character.FORMAT
                            || c == '"'
                            || c == '<') {
                        safe.append(String.format(Locale.ROOT, "\\u%04x", c));
                    } else {
                        safe.appendCodePoint(c);
                    }
                });
        return safe.toString();
    }
}
