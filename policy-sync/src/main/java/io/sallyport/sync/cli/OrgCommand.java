package io.sallyport.sync.cli;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import java.io.PrintWriter;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport org …}: the settings of orgs in the embedded store. */
@Command(
        name = "org",
        description = "Orgs and their network access.",
        mixinStandardHelpOptions = true,
        subcommands = OrgSetCommand.class)
final class OrgCommand {
    private static final String JSON = "Print JSON.";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Command(
            description = "Create an org: internet on, package managers.",
            mixinStandardHelpOptions = true)
    int create(
            @Mixin DataOption data,
            @Mixin AuthorOption by,
            @Option(names = "--json", description = JSON) boolean json,
            @Option(
                            names = "--imported",
                            description =
                                    "It is older than these settings: all domains until an admin changes it.")
                    boolean imported,
            @Parameters(paramLabel = "NAME") String name)
            throws Exception {
        try (OrgStore store = data.openStore()) {
            Settings settings = imported ? Settings.forImportedOrg() : Settings.forNewOrg();
            Version created = store.create(name, settings, by.author());
            print(
                    json
                            ? Document.canonical(OrgJson.version(created))
                            : "created org " + name + ": " + OrgText.access(settings));
            return Cli.OK;
        }
    }

    @Command(description = "Every org with its level.", mixinStandardHelpOptions = true)
    int list(@Mixin DataOption data, @Option(names = "--json", description = JSON) boolean json)
            throws Exception {
        try (OrgStore store = data.openStore()) {
            List<Version> orgs = store.orgs();
            print(
                    json
                            ? Document.canonical(orgs.stream().map(OrgJson::version).toList())
                            : OrgText.list(orgs));
            return Cli.OK;
        }
    }

    @Command(description = "The settings of an org.", mixinStandardHelpOptions = true)
    int show(
            @Mixin DataOption data,
            @Option(names = "--json", description = JSON) boolean json,
            @Parameters(paramLabel = "NAME") String name)
            throws Exception {
        try (OrgStore store = data.openStore()) {
            Version current = store.current(name);
            Presets presets = Presets.shipped();
            print(
                    json
                            ? Document.canonical(OrgJson.page(current, presets))
                            : OrgText.page(current, presets));
            return Cli.OK;
        }
    }

    @Command(
            description =
                    "Allow domains, at every level: api.example.com, *.example.com (below it), .example.com (both).",
            mixinStandardHelpOptions = true)
    int allow(
            @Mixin DataOption data,
            @Mixin ChangeOption change,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "PATTERN", arity = "1..*") List<String> patterns)
            throws Exception {
        return change(data, change, name, List.of(new Change.Allow(patterns(patterns))));
    }

    @Command(
            description = "Deny domains; deny beats every level and list.",
            mixinStandardHelpOptions = true)
    int deny(
            @Mixin DataOption data,
            @Mixin ChangeOption change,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "PATTERN", arity = "1..*") List<String> patterns)
            throws Exception {
        return change(data, change, name, List.of(new Change.Deny(patterns(patterns))));
    }

    @Command(
            description = "Take domains from the allow and the deny list.",
            mixinStandardHelpOptions = true)
    int remove(
            @Mixin DataOption data,
            @Mixin ChangeOption change,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "PATTERN", arity = "1..*") List<String> patterns)
            throws Exception {
        return change(data, change, name, List.of(new Change.Remove(patterns(patterns))));
    }

    @Command(
            description = "Who changed what, when and why; newest first.",
            mixinStandardHelpOptions = true)
    int history(
            @Mixin DataOption data,
            @Option(names = "--json", description = JSON) boolean json,
            @Option(
                            names = "--last",
                            paramLabel = "N",
                            description = "So many versions; 20.",
                            defaultValue = "20")
                    int last,
            @Parameters(paramLabel = "NAME") String name)
            throws Exception {
        if (last < 1 || last > 10_000) {
            throw new IllegalArgumentException("--last: write a number of 1 to 10000");
        }
        try (OrgStore store = data.openStore()) {
            List<Version> versions =
                    store.history(name, last + 1); // one more, for the oldest one's differences
            print(
                    json
                            ? Document.canonical(OrgJson.history(versions, last))
                            : OrgText.history(versions, last));
            return Cli.OK;
        }
    }

    /** One bad entry refuses all of them. */
    private static List<DomainPattern> patterns(List<String> texts) {
        return texts.stream().flatMap(text -> Settings.patterns(text).stream()).distinct().toList();
    }

    /** Changes an org and says what came of it. */
    int change(DataOption data, ChangeOption option, String name, List<Change> changes)
            throws Exception {
        try (OrgStore store = data.openStore()) {
            Outcome outcome = store.change(name, option.expected(), changes, option.author());
            List<String> notes = OrgText.notes(outcome, changes);
            print(
                    option.json
                            ? Document.canonical(OrgJson.outcome(outcome, notes))
                            : OrgText.outcome(outcome, notes));
            return Cli.OK;
        }
    }

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }

    /** What every change takes. */
    static final class ChangeOption {
        @Mixin AuthorOption by = new AuthorOption();

        @Option(names = "--json", description = JSON)
        boolean json;

        @Option(
                names = "--if-version",
                paramLabel = "N",
                description = "Only if the settings are still at this version.")
        @Nullable Long version;

        OptionalLong expected() {
            return version == null ? OptionalLong.empty() : OptionalLong.of(version);
        }

        Author author() {
            return by.author();
        }
    }
}
