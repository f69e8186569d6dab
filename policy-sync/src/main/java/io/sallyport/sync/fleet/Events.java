package io.sallyport.sync.fleet;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.audit.AuditTrail.Event;
import io.sallyport.sync.fleet.Fleet.Denial;
import io.sallyport.sync.fleet.Fleet.Session;
import java.util.Map;
import java.util.Optional;

/** Wishes as the audit trail tells of them. */
final class Events {
    private Events() {}

    static Event end(Session session, Author by) {
        return new Event(
                by,
                Optional.of(session.what().org()),
                "session.end",
                session.what().id(),
                Map.of("node", session.node(), "snapshot", session.what().snapshot()));
    }

    static Event denied(Denial denial) {
        return new Event(
                denial.by(),
                denial.org(),
                "emergency.deny",
                denial.pattern().toString(),
                Map.of("id", denial.id()));
    }

    static Event lifted(Denial denial, Author by) {
        return new Event(
                by,
                denial.org(),
                "emergency.lift",
                denial.pattern().toString(),
                Map.of("id", denial.id()));
    }
}
