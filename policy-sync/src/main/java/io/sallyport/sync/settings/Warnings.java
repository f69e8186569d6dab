package io.sallyport.sync.settings;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.settings.Settings.Internal;
import io.sallyport.sync.settings.Settings.Level;
import java.util.ArrayList;
import java.util.List;

/** What is allowed, and perhaps not meant. */
final class Warnings {
    private Warnings() {}

    static List<String> of(Settings settings) {
        List<String> warnings = new ArrayList<>();
        if (settings.internet() && settings.level() == Level.ALL) {
            warnings.add("level all: " + Risks.ALL_DOMAINS);
        }
        Covering denied = new Covering(settings.deny());
        for (DomainPattern pattern : settings.allow()) {
            pattern.warning().ifPresent(warnings::add);
            denied.find(pattern)
                    .ifPresent(stronger ->
                            warnings.add(
                                    pattern
                                            + " is allowed but stays denied: "
                                            + stronger
                                            + " is on the deny list, and deny wins"));
        }
        if (settings.level() != Level.ALL) {
            Covering allowed = new Covering(settings.allow());
            for (Internal internal : settings.internal()) {
                if (!allowed.covers(internal.pattern())) {
                    warnings.add(
                            internal.pattern()
                                    + " is an internal domain but not a custom domain; unless a preset"
                                    + " holds it, allow it as well");
                }
            }
        }
        return List.copyOf(warnings);
    }
}
