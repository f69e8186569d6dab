package io.sallyport.sync.cli;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Risk;
import io.sallyport.sync.store.Database.Refusal;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every change of settings takes. */
final class ChangeOption {
    /** Nobody changes an org that often at once. */
    private static final int ATTEMPTS = 20;

    @Mixin private AuthorOption by = new AuthorOption();

    @Option(names = "--json", description = OrgCommand.JSON)
    boolean json;

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

    /** What is to become of settings. */
    private interface Edit {
        Settings of(Settings before);
    }

    /** Asks the store for it. */
    private interface Request {
        Outcome make(OptionalLong expected, Author by) throws Exception;
    }

    Outcome change(Orgs orgs, String org, List<Change> changes) throws Exception {
        return confirmed(
                orgs,
                org,
                before -> before.with(changes),
                (expected, author) -> orgs.change(org, expected, changes, author, confirm));
    }

    Outcome rollback(Orgs orgs, String org, long to) throws Exception {
        Settings earlier = orgs.version(org, to).settings();
        return confirmed(
                orgs,
                org,
                before -> earlier,
                (expected, author) -> orgs.rollback(org, to, expected, author, confirm));
    }

    /**
     * The risks are those of the very settings that are replaced: where somebody else was faster,
     * they are read again.
     */
    private Outcome confirmed(Orgs orgs, String org, Edit edit, Request request)
            throws Exception {
        for (int attempt = 1; ; attempt++) {
            Version before = orgs.current(org);
            long expected = version == null ? before.number() : version;
            if (expected == before.number()) {
                requireConfirmed(before.settings(), edit.of(before.settings()));
            }
            try {
                return request.make(OptionalLong.of(expected), by.author());
            } catch (Refusal e) {
                if (e.kind() != Refusal.Kind.STALE || version != null || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void requireConfirmed(Settings before, Settings after) throws Unconfirmed {
        Set<Risk.Code> confirmed =
                confirm.stream().map(Risk.Code::parse).collect(Collectors.toSet());
        List<Risk> risks =
                after.risksSince(before, Presets.shipped()).stream()
                        .filter(risk -> !confirmed.contains(risk.code()))
                        .toList();
        if (!risks.isEmpty()) {
            throw new Unconfirmed(risks);
        }
    }
}
