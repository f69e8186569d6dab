package io.sallyport.resolver.upstream.forward;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import java.util.Arrays;
import java.util.List;

/**
 * A domain that is asked of its own servers and of nobody else, even when they fail.
 *
 * @param pattern which names; without ports
 * @param servers at least one
 */
public record Forward(DomainPattern pattern, List<Endpoint> servers) {

    public Forward {
        servers = List.copyOf(servers);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("\"" + pattern + "\" is forwarded to no server");
        }
        if (!pattern.ports().isEmpty()) {
            throw new IllegalArgumentException(
                    "\"" + pattern + "\" has a port, but names are forwarded, not connections");
        }
    }

    /**
     * Reads {@code PATTERN=UPSTREAM[,UPSTREAM]}. The pattern has the three forms of an allow-list;
     * unlike there it may be a whole top-level domain ({@code .internal}), which here opens
     * nothing.
     *
     * @throws IllegalArgumentException with a sentence that a person can act on
     */
    public static Forward parse(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0 || equals == text.length() - 1) {
            throw new IllegalArgumentException(
                    "\""
                            + text
                            + "\" should be a domain and its servers, as in .corp.example=10.0.0.53");
        }
        String servers = text.substring(equals + 1);
        return new Forward(
                pattern(text.substring(0, equals).strip()),
                Arrays.stream(servers.split(",", -1))
                        .map(String::strip)
                        .map(Endpoint::parse)
                        .toList());
    }

    private static DomainPattern pattern(String text) {
        Scope scope =
                text.startsWith(Scope.BELOW.prefix())
                        ? Scope.BELOW
                        : text.startsWith(Scope.AT_OR_BELOW.prefix())
                                ? Scope.AT_OR_BELOW
                                : Scope.EXACT;
        String bare = text.substring(scope.prefix().length());
        if (!bare.matches("[A-Za-z0-9._-]+")) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" should be a domain, as in .corp.example or *.corp.example");
        }
        return new DomainPattern(scope, WireName.parse(bare), List.of());
    }
}
