package io.sallyport.sync.snapshot;

import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.settings.Settings.Port;
import io.sallyport.sync.settings.Settings.RecordType;
import io.sallyport.sync.snapshot.SnapshotV1.FrozenPreset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Turns a snapshot into what the resolver compiles. */
final class PolicyRules {
    private PolicyRules() {}

    static Policy.Rules of(SnapshotV1 content, String name) {
        Settings settings = content.settings();
        return new Policy.Rules(
                "org "
                        + content.org()
                        + ", level "
                        + settings.level().text()
                        + ", snapshot "
                        + name,
                settings.internet(),
                settings.level() == Level.ALL,
                allow(content),
                entries(settings.deny(), "denied domain"),
                List.of(),
                settings.internal().stream()
                        .map(domain ->
                                new Policy.Internal(
                                        domain.pattern(), new AddressFilter(domain.blocks())))
                        .toList(),
                settings.types().stream()
                        .map(RecordType::number)
                        .collect(Collectors.toUnmodifiableSet()),
                settings.ports().stream().map(Port::packed).toList(),
                settings.ancestors());
    }

    private static List<Entry> allow(SnapshotV1 content) {
        List<Entry> allow = new ArrayList<>(entries(content.settings().allow(), "custom domain"));
        for (FrozenPreset preset : content.presets()) {
            preset.groups()
                    .forEach((group, patterns) ->
                            allow.addAll(
                                    entries(
                                            patterns,
                                            "preset " + preset.name() + ", group " + group)));
        }
        return allow;
    }

    private static List<Entry> entries(List<DomainPattern> patterns, String source) {
        return patterns.stream().map(pattern -> new Entry(pattern, source)).toList();
    }
}
