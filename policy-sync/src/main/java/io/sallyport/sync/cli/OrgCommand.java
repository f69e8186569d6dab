package io.sallyport.sync.cli;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sallyport org …}: the settings of orgs, in the store here or behind a control server. */
@Command(
        name = "org",
        description = "Orgs and their network access.",
        mixinStandardHelpOptions = true,
        subcommands = {OrgSetCommand.class, OrgProposalCommand.class, OrgImpactCommand.class})
final class OrgCommand {
    @Command(
            description = "Create an org: internet on, package managers.",
            mixinStandardHelpOptions = true)
    int create(
            @Mixin StoreOption store,
            @Mixin AuthorOption by,
            @Mixin OutputOption output,
            @Option(
                            names = "--imported",
                            description =
                                    "It is older than these settings: all domains until an admin changes it.")
                    boolean imported,
            @Parameters(paramLabel = "NAME") String name)
            throws Exception {
        try (Orgs orgs = store.open()) {
            Version created = orgs.create(name, imported, by.author());
            return output.print(
                    () -> OrgJson.version(created),
                    () -> "created org " + name + ": " + OrgText.access(created.settings()));
        }
    }

    @Command(description = "Every org with its level.", mixinStandardHelpOptions = true)
    int list(@Mixin StoreOption store, @Mixin OutputOption output) throws Exception {
        try (Orgs orgs = store.open()) {
            List<Version> found = orgs.orgs();
            return output.print(
                    () -> found.stream().map(OrgJson::version).toList(), () -> OrgText.list(found));
        }
    }

    @Command(description = "The settings of an org.", mixinStandardHelpOptions = true)
    int show(
            @Mixin StoreOption store,
            @Mixin OutputOption output,
            @Parameters(paramLabel = "NAME") String name)
            throws Exception {
        try (Orgs orgs = store.open()) {
            Version current = orgs.current(name);
            Presets presets = Presets.shipped();
            return output.print(
                    () -> OrgJson.page(current, presets), () -> OrgText.page(current, presets));
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
        return change(store, change, name, new Change.Allow(patterns(patterns)));
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
        return change(store, change, name, new Change.Deny(patterns(patterns)));
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
        return change(store, change, name, new Change.Remove(patterns(patterns)));
    }

    @Command(
            description = "Who changed what, when and why; newest first.",
            mixinStandardHelpOptions = true)
    int history(
            @Mixin StoreOption store,
            @Mixin OutputOption output,
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
            List<Orgs.Past> history = orgs.history(name, last);
            return output.print(
                    () -> OrgJson.history(name, history), () -> OrgText.history(history));
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
            return change.told(orgs.rollback(name, version, change.terms()));
        }
    }

    /** One bad entry refuses all of them. */
    static List<DomainPattern> patterns(List<String> texts) {
        return texts.stream().flatMap(text -> Settings.patterns(text).stream()).distinct().toList();
    }

    private static int change(StoreOption store, ChangeOption option, String name, Change change)
            throws Exception {
        try (Orgs orgs = store.open()) {
            return option.told(orgs.change(name, List.of(change), option.terms()), change);
        }
    }
}
