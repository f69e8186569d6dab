package io.sallyport.sync.event;

import io.sallyport.resolver.budget.Budget.Event;
import io.sallyport.resolver.budget.Budget.Kind;
import io.sallyport.sync.document.Document;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Events as lines, format 1. Keys may be added; none is taken away or changes its meaning. */
final class EventV1 {
    private static final int FORMAT = 1;

    private EventV1() {}

    static String overBudget(Instant at, String budget, Event event) {
        Map<String, Object> line = line(at, "over-budget");
        line.put("budget", budget);
        line.put("network", event.network());
        if (event.kind() == Kind.NAMES) {
            line.put("pattern", event.pattern());
            line.put("new-names", event.names());
            line.put("new-name-octets", event.octets());
        }
        return Document.canonical(line);
    }

    static String leaseExpired(Instant at, String network, String session, String org) {
        Map<String, Object> line = line(at, "lease-expired");
        line.put("network", network);
        line.put("session", session);
        line.put("org", org);
        return Document.canonical(line);
    }

    static String podRefused(Instant at, String network, String pod, String org, String why) {
        Map<String, Object> line = line(at, "pod-refused");
        line.put("network", network);
        line.put("pod", pod);
        line.put("org", org);
        line.put("why", why);
        return Document.canonical(line);
    }

    static String podOrgChanged(Instant at, String network, String pod, String org, String other) {
        Map<String, Object> line = line(at, "pod-org-changed");
        line.put("network", network);
        line.put("pod", pod);
        line.put("org", org);
        line.put("named", other);
        return Document.canonical(line);
    }

    static String rulesChanged(
            Instant at, boolean repaired, List<String> faults, int count, long millis) {
        Map<String, Object> line = line(at, repaired ? "rules-repaired" : "rules-not-repaired");
        line.put("faults", faults);
        line.put("count", count);
        line.put("millis", millis);
        return Document.canonical(line);
    }

    static String lost(Instant at, long count) {
        Map<String, Object> line = line(at, "events-lost");
        line.put("count", count);
        return Document.canonical(line);
    }

    private static Map<String, Object> line(Instant at, String event) {
        Map<String, Object> line = new TreeMap<>();
        line.put("format", FORMAT);
        line.put("time", at.toString());
        line.put("event", event);
        return line;
    }
}
