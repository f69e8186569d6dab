package io.sallyport.sync.impact;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.special.SpecialNames;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.traffic.Traffic;
import io.sallyport.sync.traffic.Traffic.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which recorded names get another verdict, the most asked for first.
 *
 * @param unchanged number of names with the same verdict
 * @param unread number of recorded names that are no host names, and are not looked at
 */
public record Impact(List<Name> newlyAllowed, List<Name> newlyDenied, int unchanged, int unread) {

    public Impact {
        newlyAllowed = List.copyOf(newlyAllowed);
        newlyDenied = List.copyOf(newlyDenied);
    }

    /** A change of settings. */
    public record Edit(Settings before, Settings after) {}

    /**
     * @param emergency what is denied before and after
     */
    public static Impact of(
            String org, Edit edit, List<Policy.Entry> emergency, Traffic traffic, Presets presets) {
        Policy old = policy(org, edit.before(), presets).withEmergency(emergency);
        Policy changed = policy(org, edit.after(), presets).withEmergency(emergency);
        List<Name> newlyAllowed = new ArrayList<>();
        List<Name> newlyDenied = new ArrayList<>();
        for (Name name : traffic.names()) {
            boolean was = resolves(old, name.name());
            boolean is = resolves(changed, name.name());
            if (!was && is) {
                newlyAllowed.add(name);
            } else if (was && !is) {
                newlyDenied.add(name);
            }
        }
        return new Impact(
                newlyAllowed,
                newlyDenied,
                traffic.names().size() - newlyAllowed.size() - newlyDenied.size(),
                traffic.others().size());
    }

    private static Policy policy(String org, Settings settings, Presets presets) {
        return Snapshot.of(org, null, 0, "settings", settings, presets).policy();
    }

    /** Special-use names are answered by the resolver whatever the level. */
    private static boolean resolves(Policy policy, WireName name) {
        return policy.judge(name) instanceof Allow allow
                && !SpecialNames.answeredHere(name.octets(), name.length(), allow.explicit());
    }

    /** As JSON has it: nested maps, lists, strings and numbers. */
    public Map<String, Object> document() {
        Map<String, Object> document = new TreeMap<>();
        document.put("newly-allowed", newlyAllowed.stream().map(Impact::document).toList());
        document.put("newly-denied", newlyDenied.stream().map(Impact::document).toList());
        document.put("unchanged", unchanged);
        document.put("unread", unread);
        return document;
    }

    private static Map<String, Object> document(Name name) {
        return Map.of(
                "name", name.name().toString(),
                "count", name.count(),
                "first", name.first().toString(),
                "last", name.last().toString());
    }
}
