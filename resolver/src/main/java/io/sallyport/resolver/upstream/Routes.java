package io.sallyport.resolver.upstream;

import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.forward.Forward;
import io.sallyport.resolver.upstream.stream.Streams;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which servers a name is asked of: those of the most specific pattern that covers it, else the
 * usual ones. Immutable.
 */
final class Routes {
    private static final int NS = 2;
    private static final int SOA = 6;

    private final Group usual;
    private final List<Group> groups = new ArrayList<>();
    private final Map<WireName, Group> at = new HashMap<>();
    private final Map<WireName, Group> below = new HashMap<>();

    /**
     * @throws IllegalArgumentException if a name is forwarded twice
     */
    Routes(List<Endpoint> servers, List<Forward> forwards, Streams.Counts counts) {
        usual = group(".", servers, question(WireName.ROOT, NS), counts);
        for (Forward forward : forwards) {
            DomainPattern pattern = forward.pattern();
            Group group =
                    group(
                            pattern.toString(),
                            forward.servers(),
                            question(pattern.name(), SOA),
                            counts);
            if (pattern.scope() != Scope.BELOW) {
                put(at, pattern, group);
            }
            if (pattern.scope() != Scope.EXACT) {
                put(below, pattern, group);
            }
        }
    }

    Group of(WireName name) {
        if (at.isEmpty() && below.isEmpty()) {
            return usual;
        }
        Group exact = at.get(name);
        if (exact != null) {
            return exact;
        }
        for (WireName above = name.parent(); above != null; above = above.parent()) {
            @Nullable Group found = below.get(above);
            if (found != null) {
                return found;
            }
        }
        return usual;
    }

    /** All of them. */
    List<Group> groups() {
        return groups;
    }

    private Group group(
            String label, List<Endpoint> servers, Question probe, Streams.Counts counts) {
        Group group = new Group(label, servers, probe, counts);
        groups.add(group);
        return group;
    }

    private static void put(Map<WireName, Group> map, DomainPattern pattern, Group group) {
        if (map.putIfAbsent(pattern.name(), group) != null) {
            throw new IllegalArgumentException(
                    "\"" + pattern + "\" is forwarded twice; name all its servers in one place");
        }
    }

    private static Question question(WireName name, int type) {
        return new Question(name, type, false, false, AddressFilter.PUBLIC);
    }
}
