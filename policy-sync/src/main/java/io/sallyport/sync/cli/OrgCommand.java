package io.sallyport.sync.cli;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Risk;
import io.sallyport.sync.store.OrgStore;
import io.sallyport.sync.store.OrgStore.Outcome;
import io.sallyport.sync.store.OrgStore.Version;
import java.io.PrintWriter;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
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
        subcommands = {OrgSetCommand.class, OrgProposalCommand.class, OrgImpactCommand.class})
final class OrgCommand {
    private static final String JSON = "Print JSON.";

    /** Nobody changes an org that often at once. */
    private static final int ATTEMPTS = 20;

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

    @Command(
            description = "Bring the settings of an earlier version back, as a new version.",
            mixinStandardHelpOptions = true)
    int rollback(
            @Mixin DataOption data,
            @Mixin ChangeOption change,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "VERSION") long version)
            throws Exception {
        Settings earlier;
        try (OrgStore store = data.openStore()) {
            earlier = version(store, name, version).settings();
        }
        return change(data, change, name, List.of(new Change.Replace(earlier)));
    }

    /** One bad entry refuses all of them. */
    static List<DomainPattern> patterns(List<String> texts) {
        return texts.stream().flatMap(text -> Settings.patterns(text).stream()).distinct().toList();
    }

    /** Changes an org and says what came of it. */
    int change(DataOption data, ChangeOption option, String name, List<Change> changes)
            throws Exception {
        try (OrgStore store = data.openStore()) {
            Outcome outcome = confirmed(store, name, option, changes);
            List<String> notes = OrgText.notes(outcome, changes);
            print(
                    option.json
                            ? Document.canonical(OrgJson.outcome(outcome, notes))
                            : OrgText.outcome(outcome, notes));
            return Cli.OK;
        }
    }

    /**
     * The risks are those of the very settings that are replaced: where somebody else was faster,
     * they are read again.
     */
    private static Outcome confirmed(
            OrgStore store, String name, ChangeOption option, List<Change> changes)
            throws Exception {
        for (int attempt = 1; ; attempt++) {
            Version before = store.current(name);
            long expected = option.version == null ? before.number() : option.version;
            if (expected == before.number()) {
                option.requireConfirmed(before.settings(), changes);
            }
            try {
                return store.change(
                        name, OptionalLong.of(expected), changes, option.author());
            } catch (OrgStore.Refusal e) {
                if (e.kind() != OrgStore.Refusal.Kind.STALE
                        || option.version != null
                        || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Settings of an org as they once were. */
    static Version version(OrgStore store, String org, long number) throws Exception {
        return store.history(org, Integer.MAX_VALUE).stream()
                .filter(version -> version.number() == number)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "org "
                                        + org
                                        + " has no version "
                                        + number
                                        + "; see: sallyport org history "
                                        + org));
    }

    void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }

    /** Nothing was done, because nobody has said yet that what it opens is meant. */
    static final class Unconfirmed extends Exception {
        private static final long serialVersionUID = 1L;

        Unconfirmed(List<Risk> risks) {
            super(
                    "nothing was changed; if this is meant, repeat it with"
                            + InsightText.confirm(risks)
                            + risks.stream()
                                    .map(risk -> "\n  " + risk.text())
                                    .collect(Collectors.joining()));
        }
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

        @Option(
                names = "--confirm",
                paramLabel = "CODE",
                split = ",",
                description =
                        "What the change opens is meant: all-domains, shared-suffix, user-content.")
        List<String> confirm = List.of();

        /** Only if the settings are still those that the change was made from. */
        ChangeOption at(long number) {
            version = version == null ? Long.valueOf(number) : version;
            return this;
        }

        void requireConfirmed(Settings before, List<Change> changes) throws Unconfirmed {
            Set<Risk.Code> confirmed =
                    confirm.stream().map(Risk.Code::parse).collect(Collectors.toSet());
            Settings after = before;
            for (Change change : changes) {
                after = after.with(change);
            }
            List<Risk> risks =
                    after.risksSince(before, Presets.shipped()).stream()
                            .filter(risk -> !confirmed.contains(risk.code()))
                            .toList();
            if (!risks.isEmpty()) {
                throw new Unconfirmed(risks);
            }
        }

        OrgStore.Author author() {
            return by.author();
        }
    }
}
