package io.sallyport.sync.cli;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.preset.Presets.Entry;
import io.sallyport.sync.preset.Presets.Group;
import io.sallyport.sync.preset.Presets.Preset;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport preset …}: what the levels are made of. */
@Command(
        name = "preset",
        description = "The lists that levels are made of, as this release has them.",
        mixinStandardHelpOptions = true)
final class PresetCommand {
    private static final String JSON = "Print JSON.";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Command(description = "Every preset in a line.", mixinStandardHelpOptions = true)
    int list(@Option(names = "--json", description = JSON) boolean json) {
        List<Preset> presets = List.copyOf(Presets.shipped().all());
        if (json) {
            print(Document.canonical(presets.stream().map(PresetCommand::document).toList()));
        } else {
            presets.forEach(preset ->
                    print(
                            "%-20s  version %-3d  %3d domains  %s"
                                    .formatted(
                                            preset.name(),
                                            preset.version(),
                                            preset.entries().size(),
                                            preset.description())));
        }
        return Cli.OK;
    }

    @Command(description = "Every domain of a preset, by group.", mixinStandardHelpOptions = true)
    int show(
            @Option(names = "--json", description = JSON) boolean json,
            @Parameters(paramLabel = "NAME") String name) {
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
        if (json) {
            print(Document.canonical(document(preset)));
        } else {
            print(preset.name() + " version " + preset.version() + ": " + preset.description());
            preset.includes().forEach(included -> print("with preset " + included));
            preset.groups().forEach(this::print);
        }
        return Cli.OK;
    }

    private void print(Group group) {
        print(group.name() + ": " + group.description());
        for (Entry entry : group.entries()) {
            print(
                    "  %-28s%s%s"
                            .formatted(
                                    entry.pattern(),
                                    entry.userContent() ? "  anyone may publish there" : "",
                                    entry.note().isEmpty() ? "" : "  " + entry.note())
                            .stripTrailing());
        }
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

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }
}
