package io.sallyport.sync.cli;

import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.preset.Presets.Entry;
import io.sallyport.sync.preset.Presets.Group;
import io.sallyport.sync.preset.Presets.Preset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sallyport preset …}: what the levels are made of. */
@Command(
        name = "preset",
        description = "The lists that levels are made of, as this release has them.",
        mixinStandardHelpOptions = true)
final class PresetCommand {
    @Command(description = "Every preset in a line.", mixinStandardHelpOptions = true)
    int list(@Mixin OutputOption output) {
        List<Preset> presets = List.copyOf(Presets.shipped().all());
        return output.print(
                () -> presets.stream().map(PresetCommand::document).toList(),
                () -> presets.stream().map(PresetCommand::line).collect(Collectors.joining("\n")));
    }

    private static String line(Preset preset) {
        return "%-20s  version %-3d  %3d domains  %s"
                .formatted(
                        preset.name(),
                        preset.version(),
                        preset.entries().size(),
                        preset.description());
    }

    @Command(description = "Every domain of a preset, by group.", mixinStandardHelpOptions = true)
    int show(@Mixin OutputOption output, @Parameters(paramLabel = "NAME") String name) {
        Presets presets = Presets.shipped();
        Preset preset =
                presets.all().stream()
                        .filter(one -> one.name().equals(name))
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "there is no such preset; there are "
                                                + String.join(
                                                        ", ",
                                                        presets.all().stream()
                                                                .map(Preset::name)
                                                                .toList())));
        return output.print(() -> document(preset), () -> text(preset));
    }

    private static String text(Preset preset) {
        StringBuilder text =
                new StringBuilder(
                        preset.name()
                                + " version "
                                + preset.version()
                                + ": "
                                + preset.description());
        preset.includes().forEach(included -> text.append("\nwith preset ").append(included));
        for (Group group : preset.groups()) {
            text.append("\n").append(group.name()).append(": ").append(group.description());
            group.entries().forEach(entry -> text.append("\n").append(line(entry)));
        }
        return text.toString();
    }

    private static String line(Entry entry) {
        return "  %-28s%s%s"
                .formatted(
                        entry.pattern(),
                        entry.userContent() ? "  anyone may publish there" : "",
                        entry.note().isEmpty() ? "" : "  " + entry.note())
                .stripTrailing();
    }

    private static Map<String, Object> document(Preset preset) {
        Map<String, Object> json = new TreeMap<>();
        json.put("name", preset.name());
        json.put("version", preset.version());
        json.put("description", preset.description());
        json.put("includes", preset.includes());
        json.put("groups", preset.groups().stream().map(PresetCommand::document).toList());
        return json;
    }

    private static Map<String, Object> document(Group group) {
        return Map.of(
                "name",
                group.name(),
                "description",
                group.description(),
                "entries",
                group.entries().stream()
                        .map(entry ->
                                Map.of(
                                        "domain", entry.pattern().toString(),
                                        "user-content", entry.userContent(),
                                        "note", entry.note()))
                        .toList());
    }
}
