package io.sallyport.resolver.policy;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.resolver.policy.Policy.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The built-in list of names by which this resolver could be walked around; denied whatever a
 * policy allows.
 */
final class PublicResolvers {
    private static final String FILE = "public-resolvers.txt";
    private static final String SOURCE = "built-in list of public resolvers";

    /** Shared by all policies. */
    static final DenyList LIST = new DenyList(Reason.PUBLIC_RESOLVER, read());

    private PublicResolvers() {}

    private static List<Entry> read() {
        try (InputStream in = PublicResolvers.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(
                        FILE + " is missing from the program: build it again");
            }
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .map(PublicResolvers::entry)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Not by {@link DomainPattern#parse}, which would load the public suffix list at every start.
     */
    private static Entry entry(String line) {
        boolean below = line.startsWith(".");
        WireName name = WireName.parse(below ? line.substring(1) : line);
        return new Entry(
                new DomainPattern(below ? Scope.AT_OR_BELOW : Scope.EXACT, name, List.of()),
                SOURCE);
    }
}
