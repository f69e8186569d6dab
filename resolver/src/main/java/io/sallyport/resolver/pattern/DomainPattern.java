package io.sallyport.resolver.pattern;

import io.sallyport.resolver.name.WireName;
import java.util.List;

/**
 * One entry of an allow or deny list.
 *
 * @param scope which names it covers
 * @param name the name without {@code *.} or the leading dot, in A-labels
 * @param ports ports of its own, protocol in the upper 16 bits (6 TCP) and port in the lower; empty: the policy's
 */
public record DomainPattern(Scope scope, WireName name, List<Integer> ports) {

    /** The three forms, by what they look like. */
    public enum Scope {
        /** {@code api.example.com}: that name only. */
        EXACT,
        /** {@code *.example.com}: any name below it, at any depth, not itself. */
        BELOW,
        /** {@code .example.com}: itself and any name below it. */
        AT_OR_BELOW
    }

    public DomainPattern {
        ports = List.copyOf(ports);
    }

    /**
     * Reads one pattern as a person types it and makes it canonical.
     *
     * @throws IllegalArgumentException with a sentence that a person can act on
     */
    public static DomainPattern parse(String text) {
        throw new UnsupportedOperationException();
    }

    /** Reads a list separated by commas, spaces or newlines, in order, without repetitions. */
    public static List<DomainPattern> parseList(String text) {
        throw new UnsupportedOperationException();
    }

    /** The canonical text: lower case, A-labels, no trailing dot, the port last. */
    @Override
    public String toString() {
        throw new UnsupportedOperationException();
    }
}
