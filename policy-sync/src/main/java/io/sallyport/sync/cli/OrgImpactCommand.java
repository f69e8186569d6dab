package io.sallyport.sync.cli;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.impact.Impact;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.traffic.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sallyport org impact …}: a change tried on names that were asked for. */
@Command(
        name = "impact",
        description =
                "What a change would have allowed and denied of the names that were asked for; changes nothing.",
        mixinStandardHelpOptions = true)
final class OrgImpactCommand implements Callable<Integer> {
    @Mixin private StoreOption store = new StoreOption();

    @Mixin private TrafficOption traffic = new TrafficOption();

    @Option(names = "--internet", paramLabel = "on|off")
    private @Nullable String internet;

    @Option(names = "--level", paramLabel = "LEVEL")
    private @Nullable String level;

    @Option(names = "--allow", paramLabel = "LIST", description = "Allow these as well.")
    private List<String> allow = List.of();

    @Option(names = "--deny", paramLabel = "LIST", description = "Deny these as well.")
    private List<String> deny = List.of();

    @Option(names = "--remove", paramLabel = "LIST", description = "Take these from both lists.")
    private List<String> remove = List.of();

    @Option(
            names = "--to-version",
            paramLabel = "N",
            description = "Begin with the settings of that version, as a rollback would.")
    private @Nullable Long version;

    @Mixin private OutputOption output = new OutputOption();

    @Parameters(paramLabel = "NAME")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Override
    public Integer call() throws Exception {
        List<Change> changes = changes();
        try (Orgs orgs = store.open()) {
            Settings before = orgs.current(name).settings();
            Settings from = version == null ? before : orgs.version(name, version).settings();
            Document impact = impact(orgs, new Impact.Edit(before, from.with(changes)));
            return output.print(impact::plain, () -> InsightText.impact(impact.fields()));
        }
    }

    private Document impact(Orgs orgs, Impact.Edit edit) throws Exception {
        Optional<Traffic> names = traffic.names();
        if (names.isEmpty()) {
            return orgs.impact(name, edit.after(), traffic.days());
        }
        Impact impact = Impact.of(name, edit, orgs.emergency(name), names.get(), Presets.shipped());
        return Document.json(Document.canonical(impact.document()));
    }

    private List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        if (internet != null) {
            changes.add(new Change.SetInternet(Words.onOrOff("--internet", internet)));
        }
        if (level != null) {
            changes.add(new Change.SetLevel(Level.parse(level)));
        }
        add(changes, remove, Change.Remove::new);
        add(changes, allow, Change.Allow::new);
        add(changes, deny, Change.Deny::new);
        if (changes.isEmpty() && version == null) {
            throw new IllegalArgumentException(
                    "nothing to try; give --internet, --level, --allow, --deny, --remove or --to-version");
        }
        return changes;
    }

    private static void add(
            List<Change> changes, List<String> lists, Function<List<DomainPattern>, Change> as) {
        if (!lists.isEmpty()) {
            changes.add(as.apply(OrgCommand.patterns(lists)));
        }
    }
}
