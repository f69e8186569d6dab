package io.sallyport.sync.cli;

import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Risk;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every change of settings takes. */
final class ChangeOption {
    @Mixin private AuthorOption by = new AuthorOption();

    @Mixin OutputOption output = new OutputOption();

    @Option(
            names = "--if-version",
            paramLabel = "N",
            description = "Only if the settings are still at this version.")
    private @Nullable Long version;

    @Option(
            names = "--confirm",
            paramLabel = "CODE",
            split = ",",
            description =
                    "What the change opens is meant: all-domains, shared-suffix, user-content.")
    private List<String> confirm = List.of();

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

    /** Says what came of a change. */
    int told(Outcome outcome, Change... changes) {
        List<String> notes = OrgText.notes(outcome, List.of(changes));
        return output.print(
                () -> OrgJson.outcome(outcome, notes), () -> OrgText.outcome(outcome, notes));
    }

    Orgs.Terms terms() {
        return new Orgs.Terms(
                version == null ? OptionalLong.empty() : OptionalLong.of(version),
                by.author(),
                confirm.stream().map(Risk.Code::parse).collect(Collectors.toUnmodifiableSet()));
    }
}
