package io.sallyport.sync.preset;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.sync.preset.Presets.Entry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where anyone may publish, looked up by name: upwards, and downwards for wildcards. */
final class Publishing {
    private final Map<WireName, Entry> entries = new HashMap<>();

    /** Of each name above an entry, one entry below it. */
    private final Map<WireName, Entry> below = new HashMap<>();

    Publishing(List<Entry> flagged) {
        for (Entry entry : flagged) {
            entries.putIfAbsent(entry.pattern().name(), entry);
            WireName above = entry.pattern().name().parent();
            for (; above != null; above = above.parent()) {
                below.putIfAbsent(above, entry);
            }
        }
    }

    Optional<Entry> find(DomainPattern pattern) {
        for (@Nullable WireName name = pattern.name(); name != null; name = name.parent()) {
            Entry entry = entries.get(name);
            if (entry != null) {
                return Optional.of(entry);
            }
        }
        return pattern.scope() == Scope.EXACT
                ? Optional.empty()
                : Optional.ofNullable(below.get(pattern.name()));
    }
}
