package io.sallyport.sync.proposal;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.preset.Presets.Entry;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.traffic.Traffic.Name;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Which level saves the most custom domains without opening far more than was asked for. */
final class Levels {
    /**
     * A level opens a hundred domains. One or two names are the smaller list; from three domains
     * on, it is the toolchain that is needed and not the names.
     */
    static final int WORTH_A_LEVEL = 3;

    /** From the narrowest; all is never proposed. */
    private static final List<Level> CANDIDATES =
            List.of(
                    Level.NONE,
                    Level.CONNECTIONS,
                    Level.PACKAGE_MANAGERS,
                    Level.COMMON_DEPENDENCIES);

    private final String org;
    private final Settings current;
    private final List<Policy.Entry> emergency;
    private final Presets presets;
    private final Policy now;
    private final Map<Level, Policy> policies = new EnumMap<>(Level.class);

    Levels(String org, Settings current, List<Policy.Entry> emergency, Presets presets) {
        this.org = org;
        this.current = current;
        this.emergency = emergency;
        this.presets = presets;
        now = policy(current);
    }

    /** The policy of the settings in force. */
    Policy now() {
        return now;
    }

    private Policy policy(Settings settings) {
        return Snapshot.of(org, null, 0, "settings", settings, presets)
                .policy()
                .withEmergency(emergency);
    }

    private Policy at(Level level) {
        return policies.computeIfAbsent(
                level, wanted -> policy(current.with(new Change.SetLevel(wanted))));
    }

    /** Whether a name is allowed at a level, with the custom domains there are. */
    boolean covers(Level level, Name name) {
        return at(level).judge(name.name()) instanceof Allow;
    }

    /**
     * Whether a level opens a name that neither custom domains nor the start of the search have.
     */
    boolean brings(Level level, Name name) {
        return covers(level, name) && !covers(start(), name);
    }

    private Level start() {
        return current.level() == Level.ALL ? Level.NONE : current.level();
    }

    /** At level all the search begins at none; else no level is given up, only exchanged. */
    Level choose(List<Name> wanted) {
        if (wanted.isEmpty()) {
            return current.level(); // nobody asked for anything: that proves nothing
        }
        Level best = start();
        for (Level candidate : CANDIDATES.subList(CANDIDATES.indexOf(best), CANDIDATES.size())) {
            if (saved(wanted, best, candidate) - saved(wanted, candidate, best) >= WORTH_A_LEVEL) {
                best = candidate;
            }
        }
        return best;
    }

    /** Domains with names that {@code level} allows and {@code instead} does not. */
    private long saved(List<Name> wanted, Level instead, Level level) {
        return wanted.stream()
                .filter(name -> covers(level, name) && !covers(instead, name))
                .map(name -> DomainPattern.site(name.name()).orElse(name.name()))
                .distinct()
                .count();
    }

    List<String> notes(Level level) {
        List<String> notes = new ArrayList<>();
        if (current.level() == Level.ALL) {
            notes.add("in place of level all: what was not asked for is closed");
            return notes;
        }
        long lost =
                entries(current.level()).stream()
                        .map(entry -> entry.pattern().name())
                        .filter(Predicate.not(name -> isIn(level, name)))
                        .count();
        if (lost > 0) {
            notes.add(
                    "it does not have "
                            + lost
                            + " domains of level "
                            + current.level().text()
                            + "; what was asked for of them is listed below");
        }
        long flagged = entries(level).stream().filter(Entry::userContent).count();
        notes.add(
                "it opens "
                        + entries(level).size()
                        + " domains, at "
                        + flagged
                        + " of which anyone may publish");
        return notes;
    }

    private boolean isIn(Level level, WireName name) {
        return entries(level).stream().anyMatch(entry -> name.isAtOrBelow(entry.pattern().name()));
    }

    private List<Entry> entries(Level level) {
        return presets.withIncluded(level.presets()).stream()
                .flatMap(preset -> preset.entries().stream())
                .distinct()
                .toList();
    }
}
