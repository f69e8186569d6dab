package io.sallyport.sync.cli;

import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings.Difference;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What {@code org} prints with {@code --json}. */
final class OrgJson {
    private OrgJson() {}

    static Map<String, Object> version(Version version) {
        Map<String, Object> json = new TreeMap<>();
        json.put("org", version.org());
        json.put("version", version.number());
        json.put("changed-at", version.at().toString());
        json.put("changed-by", version.by().who());
        json.put("why", version.by().why());
        json.put("network-access", version.settings().document());
        return json;
    }

    static Map<String, Object> page(Version version, Presets presets) {
        Map<String, Object> json = version(version);
        json.put("warnings", version.settings().warnings());
        json.put("snapshot", OrgText.snapshot(version, presets).digest());
        return json;
    }

    static Map<String, Object> outcome(Outcome outcome, List<String> notes) {
        Map<String, Object> json = version(outcome.now());
        json.put("changed", outcome.changed());
        json.put("warnings", notes);
        json.put(
                "differences",
                differences(outcome.now().settings().since(outcome.before().settings())));
        return json;
    }

    static List<Map<String, Object>> history(String org, List<Orgs.Past> history) {
        return history.stream()
                .map(past ->
                        Map.<String, Object>of(
                                "org", org,
                                "version", past.number(),
                                "changed-at", past.at().toString(),
                                "changed-by", past.by().who(),
                                "why", past.by().why(),
                                "differences", differences(past.differences())))
                .toList();
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
}
