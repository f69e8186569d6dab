package io.sallyport.sync.cli;

import io.sallyport.sync.impact.Impact;
import io.sallyport.sync.proposal.Proposal;
import io.sallyport.sync.proposal.Proposal.Item;
import io.sallyport.sync.proposal.Proposal.LeftOut;
import io.sallyport.sync.proposal.Proposal.Seen;
import io.sallyport.sync.settings.Settings.Risk;
import io.sallyport.sync.traffic.Traffic.Name;
import java.util.List;
import java.util.stream.Collectors;

/** What {@code org proposal} and {@code org impact} print for people. */
final class InsightText {
    /** A list to be read at once; {@code --json} has all of it. */
    private static final int SHOWN = 20;

    private InsightText() {}

    static String proposal(String org, Proposal proposal) {
        StringBuilder text = new StringBuilder();
        if (proposal.items().isEmpty()) {
            text.append("nothing to change for org ").append(org);
        } else {
            text.append("org ").append(org).append(": for what was asked for and is closed");
        }
        text.append("; open already: ").append(names(proposal.allowed().size()));
        proposal.items().forEach(item -> item(text, item));
        leftOut(text, proposal.leftOut());
        if (!proposal.changes().isEmpty()) {
            text.append("\nto apply it, give the same command with --apply")
                    .append(confirm(proposal.risks()));
        }
        return text.toString();
    }

    private static void item(StringBuilder text, Item item) {
        String value =
                switch (item.kind()) {
                    case LEVEL -> "level " + item.value();
                    case NAME, WILDCARD -> "+ " + item.value();
                };
        text.append(
                "\n  %-44s %s, %d times"
                        .formatted(value, names(item.names().size()), item.count()));
        if (item.kind() != Proposal.Kind.NAME) {
            item.names().stream().limit(SHOWN).forEach(seen -> seen(text, seen));
            more(text, item.names().size());
        }
        item.notes().forEach(note -> text.append("\n      note: ").append(note));
    }

    private static void seen(StringBuilder text, Seen seen) {
        text.append("\n      ")
                .append(seen.name())
                .append(seen.userContent() ? "  (anyone may publish there)" : "");
    }

    private static void leftOut(StringBuilder text, List<LeftOut> leftOut) {
        if (!leftOut.isEmpty()) {
            text.append("\nleft out");
            leftOut.stream()
                    .limit(SHOWN)
                    .forEach(left ->
                            text.append(
                                    "\n  %-44s %s"
                                            .formatted(left.name(), left.reason().sentence())));
            more(text, leftOut.size());
        }
    }

    static String impact(Impact impact) {
        StringBuilder text = new StringBuilder();
        names(text, "would newly be allowed", impact.newlyAllowed());
        names(text, "would newly be denied", impact.newlyDenied());
        return text.append("same as now: ").append(names(impact.unchanged())).toString();
    }

    private static void names(StringBuilder text, String what, List<Name> names) {
        text.append(what).append(": ").append(names(names.size()));
        names.stream()
                .limit(SHOWN)
                .forEach(name ->
                        text.append("\n  %-44s %d times".formatted(name.name(), name.count())));
        more(text, names.size());
        text.append('\n');
    }

    private static void more(StringBuilder text, int all) {
        if (all > SHOWN) {
            text.append("\n      and ").append(all - SHOWN).append(" more");
        }
    }

    private static String names(int number) {
        return number + (number == 1 ? " name" : " names");
    }

    /** The option that confirms risks; empty where there are none. */
    static String confirm(List<Risk> risks) {
        return risks.isEmpty()
                ? ""
                : " --confirm "
                        + risks.stream()
                                .map(risk -> risk.code().text())
                                .distinct()
                                .collect(Collectors.joining(","));
    }
}
