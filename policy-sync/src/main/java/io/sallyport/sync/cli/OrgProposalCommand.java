package io.sallyport.sync.cli;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.proposal.Proposal;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.traffic.Traffic;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sallyport org proposal …}: the smallest list for what was asked for. */
@Command(
        name = "proposal",
        description =
                "The smallest change that lets through what sessions in observe mode asked for: a level,"
                        + " names, wildcards.",
        mixinStandardHelpOptions = true)
final class OrgProposalCommand implements Callable<Integer> {
    @Mixin private StoreOption store = new StoreOption();

    @Mixin private ChangeOption change = new ChangeOption();

    @Mixin private TrafficOption traffic = new TrafficOption();

    @Option(names = "--apply", description = "Make the change.")
    private boolean apply;

    @Parameters(paramLabel = "NAME")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Override
    public Integer call() throws Exception {
        try (Orgs orgs = store.open()) {
            Document proposal = proposal(orgs);
            if (apply && proposal.fields().required("changed").flag()) {
                return change.told(orgs.change(name, changes(proposal), terms(proposal)));
            }
            return change.output.print(
                    proposal::plain, () -> InsightText.proposal(name, proposal.fields()));
        }
    }

    private Document proposal(Orgs orgs) throws Exception {
        Optional<Traffic> names = traffic.names();
        if (names.isEmpty()) {
            return orgs.proposal(name, traffic.days());
        }
        Version current = orgs.current(name);
        Proposal proposal =
                Proposal.of(
                        name,
                        current.settings(),
                        orgs.emergency(name),
                        new Proposal.Seeking(names.get(), Traffic.of(List.of())),
                        Presets.shipped());
        Map<String, Object> document = new TreeMap<>(proposal.document());
        document.put("version", current.number());
        return Document.json(Document.canonical(document));
    }

    private static List<Change> changes(Document proposal) {
        Document.Fields settings = proposal.fields().required("settings").fields();
        return List.of(new Change.Replace(Settings.read(settings)));
    }

    /** For the version that was looked at, so that nobody's change is lost. */
    private Orgs.Terms terms(Document proposal) {
        Orgs.Terms given = change.terms();
        long version = proposal.fields().required("version").number(1, Long.MAX_VALUE);
        return given.expected().isPresent()
                ? given
                : new Orgs.Terms(OptionalLong.of(version), given.by(), given.confirmed());
    }
}
