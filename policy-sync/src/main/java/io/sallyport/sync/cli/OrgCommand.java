package io.sallyport.sync.cli;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport org …}: the settings of orgs, in the store here or behind a control server. */
@Command(
        name = "org",
        description = "Orgs and their network access.",
        mixinStandardHelpOptions = true,
        subcommands = {OrgSetCommand.class, OrgProposalCommand.class, OrgImpactCommand.class})
final class OrgCommand {
    static final String JSON = "Print JSON.";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Command(
            description = "Create an org: internet on, package managers.",
            mixinStandardHelpOptions = true)
    int create(
            @Mixin StoreOption store,
            @Mixin AuthorOption by,
            @Option(names = "--json", description = JSON) boolean json,
            @Option(
                            names = "--imported",
                            description =
                                    "It is older than these settings: all domains until an admin changes it.")
                    boolean imported,
            @Parameters(paramLabel = "NAME") String name)
            throws Exception {
        try (Orgs orgs = store.open()) {
            Version created = orgs.create(name, imported, by.author());
            print(
                    json
                            ? Document.canonical(OrgJson.version(created))
                            : "created org " + name + ": " + OrgText.access(created.settings()));
            return Cli.OK;
        }
    }

    @Command(description = "Every org with its level.", mixinStandardHelpOptions = true)
    int list(@Mixin StoreOption store, @Option(names = "--json", description = JSON) boolean json)
            throws Exception {
        try (Orgs orgs = store.open()) {
            List<Version> found = orgs.orgs();
            print(
                    json
                            ? Document.canonical(found.stream().map(OrgJson::version).toList())
                            : OrgText.list(found));
            return Cli.OK;
        }
    }

    @Command(description = "The settings of an org.", mixinStandardHelpOptions = true)
    int show(
            @Mixin StoreOption store,
            @Option(names = "--json", description = JSON) boolean json,
            @Parameters(paramLabel = "NAME") String name)
            throws Exception {
        try (Orgs orgs = store.open()) {
            Version current = orgs.current(name);
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
            @Mixin StoreOption store,
            @Mixin ChangeOption change,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "PATTERN", arity = "1..*") List<String> patterns)
            throws Exception {
        return change(store, change, name, List.of(new Change.Allow(patterns(patterns))));
    }

    @Command(
            description = "Deny domains; deny beats every level and list.",
            mixinStandardHelpOptions = true)
    int deny(
            @Mixin StoreOption store,
            @Mixin ChangeOption change,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "PATTERN", arity = "1..*") List<String> patterns)
            throws Exception {
        return change(store, change, name, List.of(new Change.Deny(patterns(patterns))));
    }

    @Command(
            description = "Take domains from the allow and the deny list.",
            mixinStandardHelpOptions = true)
    int remove(
            @Mixin StoreOption store,
            @Mixin ChangeOption change,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "PATTERN", arity = "1..*") List<String> patterns)
            throws Exception {
        return change(store, change, name, List.of(new Change.Remove(patterns(patterns))));
    }

    @Command(
            description = "Who changed what, when and why; newest first.",
            mixinStandardHelpOptions = true)
    int history(
            @Mixin StoreOption store,
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
        try (Orgs orgs = store.open()) {
            List<Version> versions =
                    orgs.history(name, last + 1); // one more, for the oldest one's differences
            print(
                    json
                            ? Document.canonical(OrgJson.history(versions, last))
                            : OrgText.history(versions, last));
            return Cli.OK;
        }
    }

    @Command(
            description = "Bring the settings of an earlier version back, as a new version.",
            mixinStandardHelpOptions = true)
    int rollback(
            @Mixin StoreOption store,
            @Mixin ChangeOption change,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "VERSION") long version)
            throws Exception {
        try (Orgs orgs = store.open()) {
            return told(change, orgs.rollback(name, version, change.terms()), List.of());
        }
    }

    /** One bad entry refuses all of them. */
    static List<DomainPattern> patterns(List<String> texts) {
        return texts.stream().flatMap(text -> Settings.patterns(text).stream()).distinct().toList();
    }

    /** Changes an org and says what came of it. */
    int change(StoreOption store, ChangeOption option, String name, List<Change> changes)
            throws Exception {
        try (Orgs orgs = store.open()) {
            return told(option, orgs.change(name, changes, option.terms()), changes);
        }
    }

    private int told(ChangeOption option, Outcome outcome, List<Change> changes) {
        List<String> notes = OrgText.notes(outcome, changes);
        print(
                option.json
                        ? Document.canonical(OrgJson.outcome(outcome, notes))
                        : OrgText.outcome(outcome, notes));
        return Cli.OK;
    }

    void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }
}
