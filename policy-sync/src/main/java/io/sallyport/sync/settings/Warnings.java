package io.sallyport.sync.settings;

import com.google.common.net.InternetDomainName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.sync.settings.Settings.Internal;
import io.sallyport.sync.settings.Settings.Level;
import java.util.ArrayList;
import java.util.List;

/** What is allowed, and perhaps not meant. */
final class Warnings {
    private Warnings() {}

    static List<String> of(Settings settings) {
        List<String> warnings = new ArrayList<>();
        for (DomainPattern pattern : settings.allow()) {
            if (isSharedSuffix(pattern)) {
                warnings.add(
                        pattern
                                + " allows names that anyone can get (a private suffix of the Public Suffix List);"
                                + " allow your own name below it instead");
            }
            settings.deny().stream()
                    .filter(denied -> covers(denied, pattern))
                    .findFirst()
                    .ifPresent(denied ->
                            warnings.add(
                                    pattern
                                            + " is allowed but stays denied: "
                                            + denied
                                            + " is on the deny list, and deny wins"));
        }
        for (Internal internal : settings.internal()) {
            if (settings.level() != Level.ALL
                    && settings.allow().stream()
                            .noneMatch(allowed -> covers(allowed, internal.pattern()))) {
                warnings.add(
                        internal.pattern()
                                + " is an internal domain but not a custom domain; unless a preset holds"
                                + " it, allow it as well");
            }
        }
        return List.copyOf(warnings);
    }

    private static boolean isSharedSuffix(DomainPattern pattern) {
        if (pattern.scope() == Scope.EXACT) {
            return false;
        }
        String name = pattern.name().toString();
        if (!InternetDomainName.isValid(name)) { // underscores and the like
            return false;
        }
        InternetDomainName domain = InternetDomainName.from(name);
        return domain.isPublicSuffix() && !domain.isRegistrySuffix();
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
