package io.sallyport.sync.cli;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.settings.Settings.Risk;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What {@code org proposal} and {@code org impact} print for people. */
final class InsightText {
    /** A list to be read at once; {@code --json} has all of it. */
    private static final int SHOWN = 20;

    private InsightText() {}

    /** Of a proposal as JSON has it. */
    static String proposal(String org, Document.Fields proposal) {
        StringBuilder text = new StringBuilder();
        List<Document> items = proposal.required("items").items();
        if (items.isEmpty()) {
            text.append("nothing to change for org ").append(org);
        } else {
            text.append("org ").append(org).append(": for what was asked for and is closed");
        }
        text.append("; open already: ").append(names(proposal.required("allowed").items().size()));
        items.forEach(item -> item(text, item.fields()));
        leftOut(text, proposal.required("left-out").items());
        if (proposal.required("changed").flag()) {
            text.append("\nto apply it, give the same command with --apply")
                    .append(
                            confirm(
                                    proposal.required("risks").items().stream()
                                            .map(risk -> risk.fields().required("code").text())));
        }
        return text.toString();
    }

    private static void item(StringBuilder text, Document.Fields item) {
        String kind = item.required("kind").text();
        List<Document> names = item.required("names").items();
        text.append(
                "\n  %-44s %s, %d times"
                        .formatted(
                                (kind.equals("level") ? "level " : "+ ")
                                        + item.required("value").text(),
                                names(names.size()),
                                item.required("count").number(0, Long.MAX_VALUE)));
        if (!kind.equals("name")) {
            names.stream().limit(SHOWN).forEach(seen -> seen(text, seen.fields()));
            more(text, names.size());
        }
        item.required("notes")
                .items()
                .forEach(note -> text.append("\n      note: ").append(note.text()));
    }

    private static void seen(StringBuilder text, Document.Fields seen) {
        text.append("\n      ")
                .append(seen.required("name").text())
                .append(seen.required("user-content").flag() ? "  (anyone may publish there)" : "");
    }

    private static void leftOut(StringBuilder text, List<Document> leftOut) {
        if (!leftOut.isEmpty()) {
            text.append("\nleft out");
            leftOut.stream()
                    .limit(SHOWN)
                    .map(Document::fields)
                    .forEach(left ->
                            text.append(
                                    "\n  %-44s %s"
                                            .formatted(
                                                    left.required("name").text(),
                                                    left.required("text").text())));
            more(text, leftOut.size());
        }
    }

    /** Of an impact as JSON has it. */
    static String impact(Document.Fields impact) {
        StringBuilder text = new StringBuilder();
        names(text, "would newly be allowed", impact.required("newly-allowed").items());
        names(text, "would newly be denied", impact.required("newly-denied").items());
        return text.append("same as now: ")
                .append(names((int) impact.required("unchanged").number(0, Integer.MAX_VALUE)))
                .toString();
    }

    private static void names(StringBuilder text, String what, List<Document> names) {
        text.append(what).append(": ").append(names(names.size()));
        names.stream()
                .limit(SHOWN)
                .map(Document::fields)
                .forEach(name ->
                        text.append(
                                "\n  %-44s %d times"
                                        .formatted(
                                                name.required("name").text(),
                                                name.required("count").number(0, Long.MAX_VALUE))));
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
        return confirm(risks.stream().map(risk -> risk.code().text()));
    }

    private static String confirm(Stream<String> codes) {
        String list = codes.distinct().collect(Collectors.joining(","));
        return list.isEmpty() ? "" : " --confirm " + list;
    }
}
