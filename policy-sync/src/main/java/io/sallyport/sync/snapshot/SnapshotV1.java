package io.sallyport.sync.snapshot;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.document.Document.Fields;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.preset.Presets.Entry;
import io.sallyport.sync.preset.Presets.Preset;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The content of a snapshot, format 1. Frozen: what it writes for given values must stay to the
 * octet, for the digests of running sessions hang on it.
 *
 * @param agent null where the snapshot is any agent's
 */
record SnapshotV1(
        String org,
        @Nullable String agent,
        long version,
        String origin,
        Settings settings,
        List<FrozenPreset> presets) {

    static final int FORMAT = 1;

    /** All presets together; as many as an org's own list may have. */
    static final int MAX_ENTRIES = Settings.MAX_PATTERNS;

    private static final Pattern WORD = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    /**
     * A preset as it was when the snapshot was made.
     *
     * @param userContent canonical texts of the entries where anyone may publish
     */
    record FrozenPreset(
            String name,
            long version,
            SortedMap<String, List<DomainPattern>> groups,
            List<String> userContent) {

        static FrozenPreset of(Preset preset) {
            SortedMap<String, List<DomainPattern>> groups = new TreeMap<>();
            preset.groups()
                    .forEach(group ->
                            groups.put(
                                    group.name(),
                                    sorted(group.entries().stream().map(Entry::pattern).toList())));
            return new FrozenPreset(
                    preset.name(),
                    preset.version(),
                    groups,
                    preset.entries().stream()
                            .filter(Entry::userContent)
                            .map(entry -> entry.pattern().toString())
                            .sorted()
                            .toList());
        }

        Map<String, Object> document() {
            Map<String, Object> lists = new TreeMap<>();
            groups.forEach((group, patterns) ->
                    lists.put(group, patterns.stream().map(DomainPattern::toString).toList()));
            return Map.of("version", version, "groups", lists, "user-content", userContent);
        }
    }

    static SnapshotV1 of(
            String org,
            @Nullable String agent,
            long version,
            String origin,
            Settings settings,
            Presets presets) {
        return new SnapshotV1(
                Settings.org(org),
                agent == null ? null : Settings.agent(agent),
                version,
                word(origin),
                settings,
                byName(
                        presets.withIncluded(settings.level().presets()).stream()
                                .map(FrozenPreset::of)
                                .toList()));
    }

    String json() {
        Map<String, Object> document = new TreeMap<>(settings.document());
        document.put("format", FORMAT);
        document.put("org", org);
        if (agent != null) {
            document.put("agent", agent);
        }
        document.put("version", version);
        document.put("origin", origin);
        Map<String, Object> named = new TreeMap<>();
        presets.forEach(preset -> named.put(preset.name(), preset.document()));
        document.put("presets", named);
        return Document.canonical(document);
    }

    static SnapshotV1 parse(String json) {
        Fields fields = Document.json(json).fields();
        fields.required("format").as(format -> format.number(FORMAT, FORMAT), number -> number);
        SnapshotV1 content =
                new SnapshotV1(
                        fields.required("org").textAs(Settings::org),
                        fields.optional("agent")
                                .map(agent -> agent.textAs(Settings::agent))
                                .orElse(null),
                        fields.optional("version")
                                .map(number -> number.number(0, Long.MAX_VALUE))
                                .orElse(0L),
                        fields.optional("origin")
                                .map(origin -> origin.textAs(SnapshotV1::word))
                                .orElse("api"),
                        Settings.read(fields),
                        fields.optional("presets").map(SnapshotV1::presets).orElse(List.of()));
        fields.end();
        content.checkPresets();
        return content;
    }

    /** A level that is made of presets has to bring their entries; the others have none. */
    private void checkPresets() {
        Level level = settings.level();
        boolean wanted = !level.presets().isEmpty();
        if (wanted == presets.isEmpty()) {
            throw new IllegalArgumentException(
                    wanted
                            ? "presets: level "
                                    + level.text()
                                    + " needs the entries of its presets here; a snapshot"
                                    + " is complete in itself (send level none to allow custom domains only)"
                            : "presets: level " + level.text() + " has none; leave them out");
        }
        long entries =
                presets.stream()
                        .flatMap(preset -> preset.groups().values().stream())
                        .mapToLong(Collection::size)
                        .sum();
        if (entries > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    "presets: " + entries + " entries are too many; the most is " + MAX_ENTRIES);
        }
    }

    private static List<FrozenPreset> presets(Document document) {
        List<FrozenPreset> presets = new ArrayList<>();
        document.fields().rest().forEach((name, preset) -> presets.add(preset(preset, name)));
        return byName(presets);
    }

    private static FrozenPreset preset(Document document, String name) {
        document.as(ignored -> name, SnapshotV1::word);
        Fields fields = document.fields();
        SortedMap<String, List<DomainPattern>> groups = new TreeMap<>();
        fields.required("groups")
                .fields()
                .rest()
                .forEach((group, patterns) ->
                        groups.put(
                                patterns.as(ignored -> group, SnapshotV1::word),
                                sorted(
                                        patterns.items().stream()
                                                .map(pattern ->
                                                        pattern.textAs(DomainPattern::parse))
                                                .toList())));
        FrozenPreset preset =
                new FrozenPreset(
                        name,
                        fields.required("version").number(1, Integer.MAX_VALUE),
                        groups,
                        List.copyOf(
                                new TreeSet<>(
                                        fields.list(
                                                "user-content",
                                                text ->
                                                        text.textAs(DomainPattern::parse)
                                                                .toString()))));
        fields.end();
        return preset;
    }

    private static List<DomainPattern> sorted(List<DomainPattern> patterns) {
        return patterns.stream().distinct().sorted(Settings.ORDER).toList();
    }

    private static List<FrozenPreset> byName(List<FrozenPreset> presets) {
        return presets.stream().sorted((one, other) -> one.name().compareTo(other.name())).toList();
    }

    private static String word(String text) {
        if (!WORD.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "must be 1 to 63 lower-case letters, digits and dashes, a letter or digit first");
        }
        return text;
    }
}
