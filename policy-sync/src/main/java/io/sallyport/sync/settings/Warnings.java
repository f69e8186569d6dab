package io.sallyport.sync.settings;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.sync.settings.Settings.Internal;
import io.sallyport.sync.settings.Settings.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is allowed, and perhaps not meant. */
final class Warnings {
    private Warnings() {}

    static List<String> of(Settings settings) {
        List<String> warnings = new ArrayList<>();
        Map<WireName, List<DomainPattern>> denied = byName(settings.deny());
        for (DomainPattern pattern : settings.allow()) {
            pattern.warning().ifPresent(warnings::add);
            DomainPattern stronger = covering(denied, pattern);
            if (stronger != null) {
                warnings.add(
                        pattern
                                + " is allowed but stays denied: "
                                + stronger
                                + " is on the deny list, and deny wins");
            }
        }
        if (settings.level() != Level.ALL) {
            Map<WireName, List<DomainPattern>> allowed = byName(settings.allow());
            for (Internal internal : settings.internal()) {
                if (covering(allowed, internal.pattern()) == null) {
                    warnings.add(
                            internal.pattern()
                                    + " is an internal domain but not a custom domain; unless a preset"
                                    + " holds it, allow it as well");
                }
            }
        }
        return List.copyOf(warnings);
    }

    private static Map<WireName, List<DomainPattern>> byName(List<DomainPattern> patterns) {
        return patterns.stream().collect(Collectors.groupingBy(DomainPattern::name));
    }

    /**
     * An entry that has every name of {@code pattern}, looked for upwards: two lists of 10,000 stay
     * quick.
     */
    private static @Nullable DomainPattern covering(
            Map<WireName, List<DomainPattern>> entries, DomainPattern pattern) {
        for (WireName name = pattern.name(); name != null; name = name.parent()) {
            for (DomainPattern entry : entries.getOrDefault(name, List.of())) {
                if (covers(entry, pattern)) {
                    return entry;
                }
            }
        }
        return null;
    }

    /** Whether every name of {@code inner} is one of {@code outer}. */
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
