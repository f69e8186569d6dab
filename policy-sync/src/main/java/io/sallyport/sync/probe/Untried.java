package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Way.Seen;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Attacks that one process inside a sandbox cannot try, and why: they count neither way. */
final class Untried {
    private static final Map<String, String> REASONS =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry(
                                    "domain-fronting",
                                    "names are guarded; what an allowed address serves under"
                                            + " another name is between the program and that server"),
                            Map.entry(
                                    "query-octets-upstream",
                                    "only the name's own server sees which options, case and ids"
                                            + " were passed on"),
                            Map.entry(
                                    "pin-flooding",
                                    "needs a server that answers with new addresses each time, and"
                                            + " minutes"),
                            Map.entry(
                                    "address-after-its-time",
                                    "needs minutes: an address must close when its answer has run"
                                            + " out, and not before"),
                            Map.entry("address-reuse", "needs two sandboxes, one after the other"),
                            Map.entry("start-up", "this program is not the first that runs here"),
                            Map.entry("crash-of-the-guard", "whoever owns the host has to stop it"),
                            Map.entry(
                                    "revoked-under-way",
                                    "whoever owns the policy has to change it meanwhile"),
                            Map.entry(
                                    "poisoned-upstream",
                                    "needs a place between the resolver and its upstream"),
                            Map.entry(
                                    "crafted-answers",
                                    "would be an attack on the resolver of others"),
                            Map.entry(
                                    "names-in-logs-and-metrics",
                                    "only whoever reads them can tell")));

    private Untried() {}

    static List<Way> list() {
        return REASONS.entrySet().stream()
                .map(entry ->
                        new Way(
                                entry.getKey(),
                                "cannot be tried from inside",
                                () -> Seen.unknown(entry.getValue())))
                .toList();
    }
}
