package io.sallyport.sync.org;

import io.sallyport.sync.audit.AuditTrail.Event;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Mapping;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.settings.Settings.Difference;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Changes as the audit trail tells of them. */
final class Events {
    private Events() {}

    static Event settings(String action, Optional<Version> before, Version now) {
        Object what =
                before.<Object>map(earlier -> differences(now.settings().since(earlier.settings())))
                        .orElseGet(() -> now.settings().document());
        return new Event(
                now.by(),
                Optional.of(now.org()),
                action,
                now.org(),
                Map.of(
                        "version",
                        now.number(),
                        before.isPresent() ? "changes" : "network-access",
                        what));
    }

    private static List<Map<String, Object>> differences(List<Difference> differences) {
        return differences.stream()
                .map(one ->
                        Map.<String, Object>of(
                                "field",
                                one.field(),
                                "removed",
                                one.removed(),
                                "added",
                                one.added()))
                .toList();
    }

    static Event namespace(String action, Mapping mapping) {
        return new Event(
                mapping.by(),
                Optional.of(mapping.org()),
                action,
                mapping.namespace(),
                Map.of("namespace", mapping.namespace()));
    }

    static Event agent(Agent agent) {
        return new Event(
                agent.by(),
                Optional.of(agent.org()),
                "agent.change",
                agent.name(),
                Map.of("code-execution", agent.codeExecution()));
    }
}
