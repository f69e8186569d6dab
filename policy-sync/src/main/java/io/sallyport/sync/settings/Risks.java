package io.sallyport.sync.settings;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.preset.Presets.Entry;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.settings.Settings.Risk;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a change opens that an admin should mean. What was open before is no risk of the change. */
final class Risks {
    /** Also what the settings themselves say as long as it is so. */
    static final String ALL_DOMAINS =
            "an agent that reads a planted instruction can send code and secrets to any public"
                    + " address on any port, and run what it fetches there, malware or under whatever"
                    + " licence; only private networks, metadata services and your denied domains"
                    + " stay closed";

    private Risks() {}

    static List<Risk> of(Settings before, Settings after, Presets presets) {
        if (!after.internet()) {
            return List.of();
        }
        boolean all = before.internet() && before.level() == Level.ALL;
        List<Risk> risks = new ArrayList<>();
        if (after.level() == Level.ALL && !all) {
            risks.add(new Risk(Risk.Code.ALL_DOMAINS, "", "level all: " + ALL_DOMAINS));
        }
        Covering open = before.internet() ? open(before, presets) : Covering.NONE;
        Covering oldDeny = before.internet() ? new Covering(before.deny()) : Covering.NONE;
        Covering newDeny = new Covering(after.deny());
        for (DomainPattern pattern : after.allow()) {
            boolean wasOpen = (all || open.covers(pattern)) && !oldDeny.covers(pattern);
            if (!wasOpen && !newDeny.covers(pattern)) {
                risk(pattern, presets).ifPresent(risks::add);
            }
        }
        if (before.internet()) {
            reopened(before, after, newDeny, presets).forEach(risks::add);
        }
        return List.copyOf(risks);
    }

    /** What each of these would open if it were allowed as well; most open nothing wide. */
    static Map<DomainPattern, Risk> ofAllowing(
            Settings now, Collection<DomainPattern> more, Presets presets) {
        Map<DomainPattern, Risk> risks = new HashMap<>();
        if (!now.internet() || now.level() == Level.ALL) {
            return risks;
        }
        Covering open = open(now, presets);
        Covering deny = new Covering(now.deny());
        for (DomainPattern pattern : more) {
            if (!open.covers(pattern) && !deny.covers(pattern)) {
                risk(pattern, presets).ifPresent(risk -> risks.put(pattern, risk));
            }
        }
        return risks;
    }

    /** What was denied, is so no more, and is open now by the level or by another entry. */
    private static Stream<Risk> reopened(
            Settings before, Settings after, Covering newDeny, Presets presets) {
        List<DomainPattern> risky =
                before.deny().stream()
                        .filter(pattern -> !newDeny.covers(pattern))
                        .filter(pattern -> !after.allow().contains(pattern)) // told already
                        .filter(pattern -> risk(pattern, presets).isPresent())
                        .toList();
        if (risky.isEmpty()) {
            return Stream.of();
        }
        Covering open = open(after, presets);
        Covering within = new Covering(risky);
        Set<DomainPattern> holding =
                entries(after, presets)
                        .flatMap(entry -> within.find(entry).stream())
                        .collect(Collectors.toSet());
        return risky.stream()
                .filter(pattern ->
                        after.level() == Level.ALL
                                || open.covers(pattern)
                                || holding.contains(pattern))
                .flatMap(pattern -> risk(pattern, presets).stream());
    }

    private static Covering open(Settings settings, Presets presets) {
        return new Covering(entries(settings, presets).toList());
    }

    private static Stream<DomainPattern> entries(Settings settings, Presets presets) {
        return Stream.concat(
                settings.allow().stream(),
                presets.withIncluded(settings.level().presets()).stream()
                        .flatMap(preset -> preset.entries().stream())
                        .map(Entry::pattern));
    }

    private static Optional<Risk> risk(DomainPattern pattern, Presets presets) {
        if (pattern.scope() != Scope.EXACT && DomainPattern.isSharedSuffix(pattern.name())) {
            return Optional.of(sharedSuffix(pattern));
        }
        return presets.publishing(pattern).map(entry -> userContent(pattern, entry));
    }

    private static Risk sharedSuffix(DomainPattern pattern) {
        return new Risk(
                Risk.Code.SHARED_SUFFIX,
                pattern.toString(),
                pattern
                        + " covers every customer of "
                        + pattern.name()
                        + ": whoever gets a program to run in a sandbox can have a host there in minutes,"
                        + " and receive what the program sends; name the hosts that are needed, such as"
                        + " yours."
                        + pattern.name());
    }

    private static Risk userContent(DomainPattern pattern, Entry entry) {
        String place = pattern.name().isAtOrBelow(entry.pattern().name()) ? "lies in " : "holds ";
        return new Risk(
                Risk.Code.USER_CONTENT,
                pattern.toString(),
                pattern
                        + " "
                        + place
                        + entry.pattern()
                        + ", where anyone may publish or receive: data can leave in requests that look"
                        + " like ordinary use, and what comes from there may be anyone's; a list of names"
                        + " cannot tell your account from another's");
    }
}
