package io.sallyport.sync.cli;

import io.sallyport.resolver.network.Networks;
import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.decision.Decisions.Decision;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.fleet.Fleet.Reported;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.report.Reports;
import io.sallyport.sync.report.Reports.NotUnderstood;
import io.sallyport.sync.report.Reports.Orders;
import io.sallyport.sync.report.Reports.Report;
import io.sallyport.sync.report.Reports.Running;
import io.sallyport.sync.session.Sessions.Decided;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reports of the node to the control server beside it: into its store, without a detour. */
final class InProcess implements Reports.Control {
    private final Fleet fleet;
    private final Decisions decisions;
    private final String node;

    InProcess(Database database, InstantSource clock, String node) {
        this.fleet = new Fleet(database, clock);
        this.decisions = new Decisions(database, clock);
        this.node = node;
    }

    @Override
    public Orders report(Report report) throws IOException {
        fleet.heard(
                node,
                report.sessions().stream().map(InProcess::session).toList(),
                report.emergencyVersion());
        add(report.decisions());
        Fleet.Orders orders = fleet.orders(node);
        return new Orders(
                orders.end(),
                orders.emergencyVersion() == report.emergencyVersion()
                        ? Optional.empty()
                        : Optional.of(emergencies(orders)));
    }

    private void add(List<Decided> decided) throws IOException {
        if (decided.isEmpty()) {
            return;
        }
        try {
            decisions.add(node, decided.stream().map(InProcess::decision).toList());
        } catch (IllegalArgumentException e) {
            throw new NotUnderstood("the store does not take a report: " + e.getMessage(), e);
        }
    }

    private static Emergencies emergencies(Fleet.Orders orders) {
        return Emergencies.of(
                orders.emergencyVersion(),
                orders.denied().stream()
                        .map(denial ->
                                new Emergencies.Denial(denial.pattern(), denial.org().orElse(null)))
                        .toList());
    }

    private static Reported session(Running running) {
        Session session = running.session();
        return new Reported(
                session.id(),
                session.org(),
                Optional.ofNullable(session.agent()),
                running.state(),
                session.mode().text(),
                session.snapshot().digest(),
                session.snapshot().version(),
                session.started());
    }

    private static Decision decision(Decided decided) {
        Networks.Decision decision = decided.decision();
        Verdict verdict =
                switch (decision.verdict()) {
                    case ALLOWED -> Verdict.ALLOWED;
                    case DENIED -> Verdict.DENIED;
                    case OBSERVED -> Verdict.OBSERVED;
                };
        return new Decision(
                decided.org(),
                decided.session(),
                decision.name(),
                verdict,
                verdict == Verdict.ALLOWED
                        ? ""
                        : decision.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                decision.count(),
                Instant.ofEpochSecond(decision.first()),
                Instant.ofEpochSecond(decision.last()));
    }
}
