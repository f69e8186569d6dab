package io.sallyport.sync.proposal;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.policy.Policy.Deny;
import io.sallyport.resolver.special.SpecialNames;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.proposal.Proposal.Item;
import io.sallyport.sync.proposal.Proposal.Kind;
import io.sallyport.sync.proposal.Proposal.LeftOut;
import io.sallyport.sync.proposal.Proposal.Reason;
import io.sallyport.sync.proposal.Proposal.Seen;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.traffic.Traffic;
import io.sallyport.sync.traffic.Traffic.Asked;
import io.sallyport.sync.traffic.Traffic.Name;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Sorts the names, then decides on the level, then on the list. */
final class Draft {
    private final Settings current;
    private final Presets presets;
    private final Levels levels;
    private final UserContent userContent;
    private final List<Seen> allowed = new ArrayList<>();
    private final List<LeftOut> leftOut = new ArrayList<>();

    /** What the outcome has to allow, also what is open already: another level may not have it. */
    private final List<Name> wanted = new ArrayList<>();

    Draft(String org, Settings current, List<Policy.Entry> emergency, Presets presets) {
        this.current = current;
        this.presets = presets;
        levels = new Levels(org, current, emergency, presets);
        userContent = new UserContent(presets);
    }

    Proposal proposal(Traffic observed, Traffic answered) {
        observed.names().forEach(this::sort);
        observed.others().forEach(this::leaveOut);
        Set<WireName> known = observed.names().stream().map(Name::name).collect(Collectors.toSet());
        for (Name name : answered.names()) {
            boolean open = levels.now().judge(name.name()) instanceof Allow;
            if (open && !known.contains(name.name())) {
                sort(name);
            }
        }
        allowed.sort(Comparator.comparingLong(Seen::count).reversed().thenComparing(Seen::name));
        Level level = levels.choose(wanted);
        List<Item> items = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        if (level != current.level()) {
            changes.add(new Change.SetLevel(level));
            items.add(levelItem(level));
        }
        List<Item> domains = domains(level);
        items.addAll(domains);
        if (!domains.isEmpty()) {
            changes.add(
                    new Change.Allow(
                            domains.stream()
                                    .map(item -> DomainPattern.parse(item.value()))
                                    .toList()));
        }
        Settings settings = current.with(changes);
        leftOut.sort(
                Comparator.comparingLong(LeftOut::count).reversed().thenComparing(LeftOut::name));
        return new Proposal(
                items, allowed, leftOut, changes, settings, settings.risksSince(current, presets));
    }

    private void sort(Name name) {
        Policy.Verdict verdict = levels.now().judge(name.name());
        boolean named = verdict instanceof Allow allow && allow.explicit();
        Optional<Reason> reason =
                switch (verdict) {
                    case Deny deny when deny.reason() != Policy.Reason.NOT_ALLOWED ->
                            Optional.of(reason(deny));
                    case Deny _, Allow _ -> notAHost(name, named);
                };
        if (reason.isPresent()) {
            leaveOut(name, reason.get());
        } else {
            wanted.add(name);
            if (named) {
                allowed.add(seen(name));
            }
        }
    }

    private static Optional<Reason> notAHost(Name name, boolean named) {
        if (SpecialNames.answeredHere(name.name().octets(), name.name().length(), named)) {
            return Optional.of(Reason.SPECIAL_NAME);
        }
        return !named
                        && DomainPattern.site(name.name()).isEmpty()
                        && !DomainPattern.isSharedSuffix(name.name())
                ? Optional.of(Reason.SUFFIX)
                : Optional.empty();
    }

    private static Reason reason(Deny deny) {
        return switch (deny.reason()) {
            case DENIED_DOMAIN -> Reason.DENIED_DOMAIN;
            case EMERGENCY -> Reason.EMERGENCY;
            case PUBLIC_RESOLVER -> Reason.PUBLIC_RESOLVER;
            case INTERNET_OFF, NOT_READY -> Reason.INTERNET_OFF;
            case NOT_ALLOWED -> throw new IllegalArgumentException("not a reason to leave out");
        };
    }

    private void leaveOut(Name name, Reason reason) {
        leftOut.add(
                new LeftOut(
                        name.name().toString(), name.count(), name.first(), name.last(), reason));
    }

    /** What is in brackets stands for names, not for one. */
    private void leaveOut(Asked asked) {
        boolean many = asked.name().startsWith("(");
        leftOut.add(
                new LeftOut(
                        asked.name(),
                        asked.count(),
                        asked.first(),
                        asked.last(),
                        many ? Reason.NOT_RECORDED : Reason.NO_HOST_NAME));
    }

    private Seen seen(Name name) {
        return new Seen(
                name.name().toString(),
                name.count(),
                name.first(),
                name.last(),
                userContent.at(name.name()));
    }

    private Item levelItem(Level level) {
        List<Seen> names =
                wanted.stream().filter(name -> levels.brings(level, name)).map(this::seen).toList();
        return new Item(Kind.LEVEL, level.text(), names, levels.notes(level));
    }

    private List<Item> domains(Level level) {
        List<Name> left = wanted.stream().filter(name -> !levels.covers(level, name)).toList();
        List<Item> domains = new ArrayList<>();
        int room = Settings.MAX_PATTERNS - current.allow().size();
        for (Wildcards.Group group : Wildcards.of(left, userContent)) {
            if (domains.size() < room) {
                domains.add(
                        new Item(
                                group.kind(),
                                group.pattern().toString(),
                                group.names().stream().map(this::seen).toList(),
                                userContent.notes(group)));
            } else {
                group.names().forEach(name -> leaveOut(name, Reason.LIST_FULL));
            }
        }
        return domains;
    }
}
