package io.sallyport.sync.explain;

import io.sallyport.sync.explain.Explanation.Advice;
import io.sallyport.sync.snapshot.Snapshot;

/** Blocked by design, by whom, do not retry, where to ask: in words that an agent acts on. */
final class InsideText {
    private InsideText() {}

    static String of(Explanation explanation, boolean observed) {
        StringBuilder text = new StringBuilder(explanation.sentence()).append(".\n");
        if (explanation.allowed()) {
            text.append(
                    "It works in this sandbox. If it does not, the policy is not why: the name may not"
                            + " exist, or its servers may not answer; a retry can help.\n");
        } else if (isObserved(explanation, observed)) {
            text.append(
                    "OBSERVE MODE: this session answers it all the same and records it. A session that"
                            + " enforces the policy would not.\n");
        } else {
            blocked(explanation, text);
        }
        return text.append("\n").append(session(explanation.snapshot())).append("\n").toString();
    }

    static boolean isObserved(Explanation explanation, boolean observed) {
        return observed && explanation.reason().equals("not-allowed");
    }

    private static void blocked(Explanation explanation, StringBuilder text) {
        text.append(
                "It is blocked by design, by an admin's decision; nothing is broken. Do not retry, and do"
                        + " not look for a way around: other DNS servers, ports, protocols and IP"
                        + " addresses are closed too.\n"
                        + "Go on without it, or tell your user what you need it for; an admin of org "
                        + explanation.snapshot().org()
                        + " decides.\n");
        for (Advice advice : explanation.advice()) {
            text.append("- ").append(advice.text());
            text.append(advice.command().isEmpty() ? "" : ": " + advice.command()).append("\n");
        }
    }

    private static String session(Snapshot snapshot) {
        return "org "
                + snapshot.org()
                + ", level "
                + snapshot.level()
                + ", settings version "
                + snapshot.version()
                + ", snapshot "
                + snapshot.name();
    }
}
