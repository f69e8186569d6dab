package io.sallyport.sync.proposal;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.preset.Presets.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where anyone may publish: by the flags of presets, and by suffixes that are shared. */
final class UserContent {
    /** Services have tens of hosts; a tunnel has a new name for each few octets that it carries. */
    static final int LIKE_A_TUNNEL = 100;

    private final Presets presets;

    UserContent(Presets presets) {
        this.presets = presets;
    }

    boolean at(WireName name) {
        return presets.publishing(exact(name)).isPresent() || sharedSuffix(name).isPresent();
    }

    /** Whether a wildcard at a name would cover a place where anyone may publish. */
    boolean within(WireName name) {
        return presets.publishing(new DomainPattern(Scope.AT_OR_BELOW, name, List.of())).isPresent()
                || sharedSuffix(name).isPresent();
    }

    private static DomainPattern exact(WireName name) {
        return new DomainPattern(Scope.EXACT, name, List.of());
    }

    /** The suffix that whoever answers for a name shares with others. */
    private static Optional<WireName> sharedSuffix(WireName name) {
        WireName suffix = DomainPattern.site(name).map(WireName::parent).orElse(name);
        return suffix != null && suffix.labels() > 0 && DomainPattern.isSharedSuffix(suffix)
                ? Optional.of(suffix)
                : Optional.empty();
    }

    List<String> notes(Wildcards.Group group) {
        List<String> notes = new ArrayList<>();
        WireName name = group.pattern().name();
        Optional<Entry> entry = presets.publishing(group.pattern());
        Optional<WireName> suffix = sharedSuffix(name);
        if (entry.isPresent()) {
            notes.add(
                    "anyone may publish or receive at "
                            + entry.get().pattern()
                            + ": data can leave by it");
        } else if (suffix.isPresent()) {
            notes.add(
                    "a site of one customer of "
                            + suffix.get()
                            + ": make sure that you know whose");
        }
        if (group.pattern().scope() != Scope.EXACT) {
            notes.add(
                    group.names().size()
                            + " names below it were asked for; whoever runs "
                            + DomainPattern.site(name).orElse(name)
                            + " can be told things by the names alone");
        }
        if (group.names().size() >= LIKE_A_TUNNEL) {
            notes.add("so many names are seldom hosts: look at them, it may be a tunnel");
        }
        return notes;
    }
}
