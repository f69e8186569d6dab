package io.sallyport.sync.cli;

import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.proposal.Proposal;
import io.sallyport.sync.settings.Settings;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code sallyport org proposal …}: the smallest list for what was asked for. */
@Command(
        name = "proposal",
        description =
                "The smallest change that lets through what sessions in observe mode asked for: a level,"
                        + " names, wildcards.",
        mixinStandardHelpOptions = true)
final class OrgProposalCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private OrgCommand org;

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
        Settings current;
        try (Orgs orgs = store.open()) {
            current = orgs.current(name).settings();
        }
        Proposal proposal =
                Proposal.of(
                        name,
                        current,
                        traffic.read(store, name, Set.of(Verdict.OBSERVED)),
                        traffic.read(store, name, Set.of(Verdict.ALLOWED)),
                        Presets.shipped());
        if (apply && !proposal.changes().isEmpty()) {
            return org.change(store, change, name, proposal.changes());
        }
        org.print(
                change.json
                        ? Document.canonical(proposal.document())
                        : InsightText.proposal(name, proposal));
        return Cli.OK;
    }
}
