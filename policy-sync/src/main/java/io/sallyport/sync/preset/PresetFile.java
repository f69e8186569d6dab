package io.sallyport.sync.preset;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.document.Document.Fields;
import io.sallyport.sync.preset.Presets.Entry;
import io.sallyport.sync.preset.Presets.Group;
import io.sallyport.sync.preset.Presets.Preset;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads one preset file, strictly. */
final class PresetFile {
    private final Set<DomainPattern> seen = new HashSet<>();

    private PresetFile() {}

    static String shipped(String name) {
        try (InputStream in = PresetFile.class.getResourceAsStream("/presets/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException(
                        "presets/" + name + ".yaml is missing in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("presets/" + name + ".yaml cannot be read", e);
        }
    }

    static Preset read(String name, String text) {
        try {
            return new PresetFile().preset(name, Document.yaml(text).fields());
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("presets/" + name + ".yaml: " + e.getMessage(), e);
        }
    }

    private Preset preset(String name, Fields fields) {
        Preset preset =
                new Preset(
                        fields.required("name").textAs(given -> sameAs(name, given)),
                        (int) fields.required("version").number(1, Integer.MAX_VALUE),
                        fields.required("description").text(),
                        fields.list("includes", Document::text),
                        groups(fields.required("groups").fields()));
        fields.end();
        return preset;
    }

    private static String sameAs(String file, String given) {
        if (!given.equals(file)) {
            throw new IllegalArgumentException(
                    "\"" + given + "\" must be the name of its file, " + file);
        }
        return given;
    }

    private List<Group> groups(Fields fields) {
        List<Group> groups = new ArrayList<>();
        for (Map.Entry<String, Document> group : fields.rest().entrySet()) {
            Fields inside = group.getValue().fields();
            groups.add(
                    new Group(
                            group.getKey(),
                            inside.required("description").text(),
                            inside.required("entries").items().stream().map(this::entry).toList()));
            inside.end();
        }
        return groups;
    }

    /** {@code .example.com}, or a mapping where there is more to say. */
    private Entry entry(Document item) {
        if (item.isText()) {
            return unseen(item, new Entry(item.textAs(PresetFile::pattern), false, ""));
        }
        Fields fields = item.fields();
        Document domain = fields.required("domain");
        Entry entry =
                new Entry(
                        domain.textAs(PresetFile::pattern),
                        fields.optional("user-content").map(Document::flag).orElse(false),
                        fields.optional("note").map(Document::text).orElse(""));
        fields.end();
        return unseen(domain, entry);
    }

    private Entry unseen(Document place, Entry entry) {
        if (!seen.add(entry.pattern())) {
            throw place.error("\"" + entry.pattern() + "\" stands in this file twice");
        }
        return entry;
    }

    private static DomainPattern pattern(String text) {
        DomainPattern pattern = DomainPattern.parse(text);
        if (pattern.scope() != DomainPattern.Scope.AT_OR_BELOW || !pattern.ports().isEmpty()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" must be a domain with a leading dot and no port");
        }
        if (!pattern.toString().equals(text)) {
            throw new IllegalArgumentException("\"" + text + "\" must be written " + pattern);
        }
        return pattern;
    }
}
