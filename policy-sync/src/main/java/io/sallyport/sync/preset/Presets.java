package io.sallyport.sync.preset;

import com.google.common.base.Suppliers;
import io.sallyport.resolver.pattern.DomainPattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The presets of this release, by name. */
public final class Presets {
    /** The files under {@code /presets}: a class path cannot be listed. */
    private static final List<String> SHIPPED =
            List.of("connections", "package-managers", "common-dependencies");

    /**
     * One named list.
     *
     * @param version raised with every change of the list
     * @param includes names of presets that come with it
     */
    public record Preset(
            String name,
            int version,
            String description,
            List<String> includes,
            List<Group> groups) {
        public Preset {
            includes = List.copyOf(includes);
            groups = List.copyOf(groups);
        }

        public List<Entry> entries() {
            return groups.stream().flatMap(group -> group.entries().stream()).toList();
        }
    }

    /** What belongs together: a language, an operating system. */
    public record Group(String name, String description, List<Entry> entries) {
        public Group {
            entries = List.copyOf(entries);
        }
    }

    /**
     * One domain with everything below it.
     *
     * @param userContent anyone may publish or upload there, so that data can leave by it
     * @param note what an admin should know, may be empty
     */
    public record Entry(DomainPattern pattern, boolean userContent, String note) {}

    /** Not for a level: where anyone may publish, beside the flagged entries of presets. */
    private static final String USER_CONTENT = "user-content";

    private final Map<String, Preset> byName;

    /** Read when first needed: who edits needs it, a node that starts does not. */
    private final Supplier<Publishing> publishing;

    private Presets(Map<String, Preset> byName, Supplier<List<Entry>> watched) {
        this.byName = byName;
        publishing =
                Suppliers.memoize(() ->
                        new Publishing(
                                Stream.concat(
                                                byName.values().stream()
                                                        .flatMap(
                                                                preset -> preset.entries().stream())
                                                        .filter(Entry::userContent),
                                                watched.get().stream())
                                        .toList()));
    }

    /**
     * Reads the presets that ship with the program.
     *
     * @throws IllegalStateException with file and entry if one is damaged
     */
    public static Presets shipped() {
        Map<String, String> files = new LinkedHashMap<>();
        SHIPPED.forEach(name -> files.put(name, PresetFile.shipped(name)));
        return of(
                files,
                () -> PresetFile.read(USER_CONTENT, PresetFile.shipped(USER_CONTENT)).entries());
    }

    /** Reads presets from their texts, by the name of their file. */
    static Presets of(Map<String, String> files) {
        return of(files, List::of);
    }

    private static Presets of(Map<String, String> files, Supplier<List<Entry>> watched) {
        Map<String, Preset> byName = new LinkedHashMap<>();
        files.forEach((name, text) -> byName.put(name, PresetFile.read(name, text)));
        Presets presets = new Presets(byName, watched);
        byName.values().forEach(preset -> presets.withIncluded(List.of(preset.name())));
        return presets;
    }

    public Collection<Preset> all() {
        return List.copyOf(byName.values());
    }

    /**
     * The entry that says that anyone may publish at a name of this pattern; empty where none is
     * known. The known ones are the flagged entries of every preset and a list of hosts for pastes,
     * files, pages, messages and tunnels: more than most, never all.
     */
    public Optional<Entry> publishing(DomainPattern pattern) {
        return publishing.get().find(pattern);
    }

    /** The named presets and all that they include, each once, in order. */
    public List<Preset> withIncluded(Collection<String> names) {
        Map<String, Preset> found = new LinkedHashMap<>();
        List<String> left = new ArrayList<>(names);
        while (!left.isEmpty()) {
            Preset preset = named(left.removeFirst());
            if (found.put(preset.name(), preset) == null) {
                left.addAll(preset.includes());
            }
        }
        return List.copyOf(found.values());
    }

    private Preset named(String name) {
        Preset preset = byName.get(name);
        if (preset == null) {
            throw new IllegalStateException(
                    "there is no preset \"" + name + "\"; there are " + byName.keySet());
        }
        return preset;
    }
}
