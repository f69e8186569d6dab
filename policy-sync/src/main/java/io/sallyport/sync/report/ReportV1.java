package io.sallyport.sync.report;

import io.sallyport.resolver.network.Networks.Decision;
import io.sallyport.resolver.network.Networks.Verdict;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.document.Document.Fields;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.report.Reports.Orders;
import io.sallyport.sync.report.Reports.Report;
import io.sallyport.sync.report.Reports.Running;
import io.sallyport.sync.session.Sessions.Decided;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Reports and orders on the wire, format 1. Keys may be added; none is taken away. */
final class ReportV1 {
    private ReportV1() {}

    static String json(Report report) {
        Map<String, Object> document = new TreeMap<>();
        document.put("sessions", report.sessions().stream().map(ReportV1::session).toList());
        document.put("decisions", report.decisions().stream().map(ReportV1::decided).toList());
        document.put("emergency-version", report.emergencyVersion());
        return Document.canonical(document);
    }

    private static Map<String, Object> session(Running running) {
        Session session = running.session();
        Map<String, Object> row = new TreeMap<>();
        row.put("id", session.id());
        row.put("org", session.org());
        if (session.agent() != null) {
            row.put("agent", session.agent());
        }
        row.put("state", running.state());
        row.put("mode", session.mode().text());
        row.put("snapshot", session.snapshot().digest());
        row.put("version", session.snapshot().version());
        row.put("started", session.started().toString());
        return row;
    }

    private static Map<String, Object> decided(Decided decided) {
        Decision decision = decided.decision();
        Map<String, Object> row = new TreeMap<>();
        row.put("org", decided.org());
        row.put("session", decided.session());
        row.put("name", decision.name());
        row.put("verdict", word(decision.verdict()));
        row.put("reason", decision.verdict() == Verdict.ALLOWED ? "" : word(decision.reason()));
        row.put("count", decision.count());
        row.put("first", Instant.ofEpochSecond(decision.first()).toString());
        row.put("last", Instant.ofEpochSecond(decision.last()).toString());
        return row;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * @throws IllegalArgumentException if these are no orders; what is not known is passed over
     */
    static Orders orders(String json) {
        Fields fields = Document.json(json).fields();
        List<String> end = fields.list("end", Document::text);
        return new Orders(
                end,
                fields.optional("emergency")
                        .filter(list -> !list.isNothing())
                        .map(Emergencies::read));
    }
}
