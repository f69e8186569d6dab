package io.sallyport.sync.cli;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.preset.Presets.Group;
import io.sallyport.sync.preset.Presets.Preset;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Difference;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.snapshot.Snapshot;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What {@code org} prints for people. */
final class OrgText {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final int LABEL = 18;
    private static final int WIDTH = 78;

    private final List<String> lines = new ArrayList<>();

    private OrgText() {}

    static String time(Instant at) {
        return TIME.format(at);
    }

    /** On or off, and the level, in a few words. */
    static String access(Settings settings) {
        return settings.internet()
                ? "internet access on, level " + settings.level().text()
                : "internet access off (level " + settings.level().text() + " when on)";
    }

    static String list(List<Version> orgs) {
        OrgText text = new OrgText();
        orgs.forEach(org ->
                text.lines.add(
                        "%-24s  version %-4d  %s"
                                .formatted(org.org(), org.number(), access(org.settings()))
                                .stripTrailing()));
        return orgs.isEmpty()
                ? "there is no org yet; create one with: sallyport org create NAME"
                : String.join("\n", text.lines);
    }

    static Snapshot snapshot(Version version, Presets presets) {
        return Snapshot.of(
                version.org(), null, version.number(), "settings", version.settings(), presets);
    }

    static String page(Version version, Presets presets) {
        Settings settings = version.settings();
        OrgText text = new OrgText();
        text.lines.add("org " + version.org());
        text.field("internet access", settings.internet() ? "on" : "off: every name is denied");
        text.level(settings.level(), presets);
        text.list("custom domains", settings.allow());
        text.list("denied domains", settings.deny());
        text.field(
                "ports",
                settings.level() == Level.ALL
                        ? "every port and protocol of public addresses"
                        : joined(settings.ports()));
        text.field("record types", joined(settings.types()));
        text.list("internal domains", settings.internal());
        text.field(
                "ancestors",
                "a denied name above an allowed one is answered " + settings.ancestors().name());
        text.field("version", version.number() + ", " + by(version.at(), version.by()));
        text.field("snapshot", "new sessions get " + snapshot(version, presets).name());
        text.warnings(settings.warnings());
        return String.join("\n", text.lines);
    }

    private void field(String label, String value) {
        lines.add(("  %-" + LABEL + "s%s").formatted(label, value));
    }

    private void list(String label, List<?> items) {
        field(label, items.isEmpty() ? "none" : items.getFirst().toString());
        items.stream().skip(1).forEach(item -> field("", item.toString()));
    }

    private void level(Level level, Presets presets) {
        field("level", level.text());
        switch (level) {
            case NONE -> field("", "custom domains only");
            case ALL -> field("", "every domain that is not denied");
            case CONNECTIONS, PACKAGE_MANAGERS, COMMON_DEPENDENCIES ->
                    presets.withIncluded(level.presets()).forEach(this::preset);
        }
    }

    private void preset(Preset preset) {
        field(
                "",
                "preset "
                        + preset.name()
                        + " version "
                        + preset.version()
                        + ": "
                        + count(preset.entries().size(), "domain")
                        + " in "
                        + count(preset.groups().size(), "group"));
        StringBuilder line = new StringBuilder();
        for (Group group : preset.groups()) {
            if (line.length() + group.name().length() + 2 > WIDTH - LABEL) {
                field("", "  " + line + ",");
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : ", ").append(group.name());
        }
        field("", "  " + line);
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private void warnings(List<String> warnings) {
        warnings.forEach(warning -> lines.add("warning: " + warning));
    }

    static String outcome(Outcome outcome, List<String> notes) {
        Version now = outcome.now();
        OrgText text = new OrgText();
        if (!outcome.changed()) {
            text.lines.add(
                    "nothing changed: the settings of org "
                            + now.org()
                            + " are so already (version "
                            + now.number()
                            + ")");
            text.warnings(notes);
            return String.join("\n", text.lines);
        }
        text.lines.add("org " + now.org() + " is now at version " + now.number());
        text.differences(now.settings().since(outcome.before().settings()));
        text.warnings(notes);
        text.lines.add("new sessions get this; running sessions keep what they started with");
        return String.join("\n", text.lines);
    }

    /** What to know about a change: the warnings that it brought, and what it could not remove. */
    static List<String> notes(Outcome outcome, List<Change> changes) {
        Settings before = outcome.before().settings();
        Set<String> known = Set.copyOf(before.warnings());
        List<String> notes = new ArrayList<>(outcome.now().settings().warnings());
        notes.removeIf(known::contains);
        for (Change change : changes) {
            if (change instanceof Change.Remove(var patterns)) {
                patterns.stream()
                        .filter(pattern ->
                                !before.allow().contains(pattern)
                                        && !before.deny().contains(pattern))
                        .forEach(pattern -> notes.add(pattern + " was on neither list"));
            }
        }
        return List.copyOf(notes);
    }

    static String history(List<Orgs.Past> history) {
        OrgText text = new OrgText();
        for (Orgs.Past past : history) {
            text.lines.add("version " + past.number() + ", " + by(past.at(), past.by()));
            if (past.number() == 1) {
                text.lines.add("  created");
            }
            text.differences(past.differences());
        }
        return String.join("\n", text.lines);
    }

    private static String by(Instant at, Author by) {
        return time(at) + " by " + by.who() + (by.why().isEmpty() ? "" : ": " + by.why());
    }

    private void differences(List<Difference> differences) {
        for (Difference one : differences) {
            switch (one.field()) {
                case "internet-access", "level", "ancestors" ->
                        lines.add(
                                "  "
                                        + one.field()
                                        + ": "
                                        + joined(one.removed())
                                        + " -> "
                                        + joined(one.added()));
                default -> {
                    one.removed().forEach(item -> lines.add("  " + one.field() + ": - " + item));
                    one.added().forEach(item -> lines.add("  " + one.field() + ": + " + item));
                }
            }
        }
    }

    private static String joined(List<?> items) {
        return String.join(", ", items.stream().map(Object::toString).toList());
    }
}
