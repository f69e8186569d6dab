package io.sallyport.sync.settings;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A list that is asked which of its entries has every name of a pattern. */
final class Covering {
    static final Covering NONE = new Covering(List.of());

    private final Map<WireName, List<DomainPattern>> byName;

    Covering(List<DomainPattern> entries) {
        byName = entries.stream().collect(Collectors.groupingBy(DomainPattern::name));
    }

    boolean covers(DomainPattern pattern) {
        return find(pattern).isPresent();
    }

    /** Looked for upwards: two lists of 10,000 stay quick. */
    Optional<DomainPattern> find(DomainPattern pattern) {
        for (WireName name = pattern.name(); name != null; name = name.parent()) {
            for (DomainPattern entry : byName.getOrDefault(name, List.of())) {
                if (covers(entry, pattern)) {
                    return Optional.of(entry);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean covers(DomainPattern outer, DomainPattern inner) {
        return switch (outer.scope()) {
            case EXACT -> inner.scope() == Scope.EXACT && inner.name().equals(outer.name());
            case BELOW ->
                    inner.name().isAtOrBelow(outer.name())
                            && (inner.scope() == Scope.BELOW || !inner.name().equals(outer.name()));
            case AT_OR_BELOW -> inner.name().isAtOrBelow(outer.name());
        };
    }
}
