package io.sallyport.resolver.pattern;

import io.sallyport.resolver.name.WireName;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * One entry of an allow or deny list.
 *
 * @param scope which names it covers
 * @param name the name without {@code *.} or the leading dot, in A-labels
 * @param ports ports of its own, protocol in the upper 16 bits (6 TCP) and port in the lower;
 *     empty: the policy's
 */
public record DomainPattern(Scope scope, WireName name, List<Integer> ports) {

    /** The three forms, by what they look like. */
    public enum Scope {
        /** {@code api.example.com}: that name only. */
        EXACT(""),
        /** {@code *.example.com}: any name below it, at any depth, not itself. */
        BELOW("*."),
        /** {@code .example.com}: itself and any name below it. */
        AT_OR_BELOW(".");

        private final String prefix;

        Scope(String prefix) {
            this.prefix = prefix;
        }

        /** What the text of a pattern of this scope begins with. */
        public String prefix() {
            return prefix;
        }
    }

    /** Of one pattern in a long list, with what stands between. */
    private static final int USUAL_CHARACTERS = 24;

    public DomainPattern {
        ports = List.copyOf(ports);
        for (int port : ports) {
            if ((port & 0xffff) == 0 || port >>> 16 == 0) {
                throw new IllegalArgumentException(
                        "a port of a pattern has a protocol and a number of 1 to 65535");
            }
        }
    }

    /**
     * Reads one pattern as a person types it and makes it canonical.
     *
     * @throws IllegalArgumentException with a sentence that a person can act on
     */
    public static DomainPattern parse(String text) {
        return PatternText.read(text);
    }

    /** Reads a list separated by commas, spaces or newlines, in order, without repetitions. */
    public static List<DomainPattern> parseList(String text) {
        LinkedHashSet<DomainPattern> patterns =
                LinkedHashSet.newLinkedHashSet(text.length() / USUAL_CHARACTERS);
        int start = -1;
        for (int i = 0; i <= text.length(); i++) {
            boolean between =
                    i == text.length()
                            || text.charAt(i) == ','
                            || PatternText.isSpace(text.charAt(i));
            if (!between && start < 0) {
                start = i;
            } else if (between && start >= 0) {
                patterns.add(parse(text.substring(start, i)));
                start = -1;
            }
        }
        return new ArrayList<>(patterns);
    }

    /**
     * What a person should know about a pattern that is accepted: it reaches everyone who hosts
     * below a shared suffix ({@code *.github.io}), or covers less than was probably meant ({@code
     * co.uk}). Looks the name up in the public suffix list, which costs tens of milliseconds the
     * first time: for those who edit, not for those who start.
     */
    public Optional<String> warning() {
        return PublicSuffix.warning(this);
    }

    /**
     * How many octets at the end of a name are the domain that somebody registered, and all of
     * whose names that somebody sees: {@code example.co.uk} of {@code a.b.example.co.uk}. The last
     * two labels where the public suffix list knows nothing. The first call loads that list.
     *
     * @param lowered a well-formed, lower-cased wire name from offset 0
     */
    public static int registrable(byte[] lowered, int length) {
        return PublicSuffix.registrable(lowered, length);
    }

    /**
     * The domain of whoever answers for a name, told apart from other customers of a shared suffix:
     * {@code example.co.uk} of {@code a.example.co.uk}, {@code me.github.io} of {@code
     * www.me.github.io}. Empty for a suffix itself and for a single label.
     */
    public static Optional<WireName> site(WireName name) {
        return PublicSuffix.site(name);
    }

    /** Whether a company shares a name with its customers, who stand below it: github.io. */
    public static boolean isSharedSuffix(WireName name) {
        return PublicSuffix.isShared(name);
    }

    /** Loads the public suffix list, if nothing has yet; tens of milliseconds. */
    public static void loadPublicSuffixes() {
        PublicSuffix.isIcann(WireName.parse("com"));
    }

    /** The canonical text: lower case, A-labels, no trailing dot, the port last. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(scope.prefix).append(name);
        for (int port : ports) {
            text.append(':').append(port & 0xffff);
        }
        return text.toString();
    }
}
