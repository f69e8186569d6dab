package io.sallyport.sync.control;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.settings.Settings.Risk;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Entries that somebody types, each as if it were added alone. What an org has already is gathered
 * once for all of them: a thousand entries at an org of ten thousand are looked up, not sorted in.
 */
final class Typed {
    private final DomainList list;
    private final Set<DomainPattern> there;
    private final Map<String, DomainPattern> patterns = new HashMap<>();
    private final Map<String, String> errors = new HashMap<>();
    private final Map<DomainPattern, Risk> risks;

    Typed(DomainList list, Settings current, Presets presets, List<String> entries) {
        this.list = list;
        this.there = new HashSet<>(list.of(current));
        entries.forEach(this::read);
        this.risks =
                list == DomainList.ALLOW
                        ? current.risksOfAllowing(patterns.values(), presets)
                        : Map.of();
    }

    private void read(String entry) {
        try {
            DomainPattern pattern = DomainPattern.parse(entry);
            var _ = list.with(Settings.of(Level.NONE), List.of(pattern)); // may it be there at all?
            if (!there.contains(pattern) && there.size() >= Settings.MAX_PATTERNS) {
                throw new IllegalArgumentException(
                        "the "
                                + list.text()
                                + " list has "
                                + there.size()
                                + " entries; that is the most");
            }
            patterns.put(entry, pattern);
        } catch (IllegalArgumentException e) {
            errors.put(entry, String.valueOf(e.getMessage()));
        }
    }

    ObjectNode item(String entry) {
        ObjectNode item = Json.object().put("input", entry);
        DomainPattern pattern = patterns.get(entry);
        if (pattern == null) {
            item.putNull("pattern").put("error", errors.get(entry));
            item.putArray("warnings");
            item.put("already", false);
            item.putArray("risks");
            return item;
        }
        item.put("pattern", pattern.toString()).putNull("error");
        item.set("warnings", Json.texts(pattern.warning().stream().toList()));
        item.put("already", there.contains(pattern));
        ArrayNode open = item.putArray("risks");
        Optional.ofNullable(risks.get(pattern))
                .ifPresent(risk -> open.add(Json.of(risk.document())));
        return item;
    }
}
