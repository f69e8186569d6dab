package io.sallyport.sync.proposal;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.sync.proposal.Proposal.Kind;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.traffic.Traffic.Name;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * From names to patterns. The names of one owner's domain are a tree; where enough entries stand
 * below a node, a wildcard at that node takes their place, the deepest node first, so that it is as
 * narrow as it can be. Entries are then names and narrower wildcards alike.
 */
final class Wildcards {
    /**
     * Five hosts below one domain are a service that will have a sixth tomorrow; four are quicker
     * read one by one.
     */
    static final int WORTH_A_WILDCARD = 5;

    /** A pattern and the names that it is for. */
    record Group(DomainPattern pattern, List<Name> names) {
        Group {
            names =
                    names.stream()
                            .sorted(
                                    Comparator.comparingLong(Name::count)
                                            .reversed()
                                            .thenComparing(name -> name.name().toString()))
                            .toList();
        }

        Kind kind() {
            return pattern.scope() == Scope.EXACT ? Kind.NAME : Kind.WILDCARD;
        }

        long count() {
            return names.stream().mapToLong(Name::count).sum();
        }
    }

    /** One name of the tree, with what stands directly below it. */
    private static final class Node {
        final WireName name;
        final Map<WireName, Node> below = new TreeMap<>();
        @Nullable Name seen;

        Node(WireName name) {
            this.name = name;
        }
    }

    private final UserContent userContent;

    private Wildcards(UserContent userContent) {
        this.userContent = userContent;
    }

    /** The most asked for first. */
    static List<Group> of(List<Name> names, UserContent userContent) {
        Wildcards wildcards = new Wildcards(userContent);
        Map<WireName, Node> sites = new HashMap<>();
        for (Name name : names) {
            Optional<WireName> site = DomainPattern.site(name.name());
            WireName top = site.orElse(name.name());
            plant(sites.computeIfAbsent(top, Node::new), name);
        }
        return sites.values().stream()
                .flatMap(site -> wildcards.groups(site).stream())
                .sorted(
                        Comparator.comparingLong(Group::count)
                                .reversed()
                                .thenComparing(Group::pattern, Settings.ORDER))
                .toList();
    }

    private static void plant(Node site, Name name) {
        List<WireName> path = new ArrayList<>();
        WireName step = name.name();
        while (step != null && !step.equals(site.name)) {
            path.addFirst(step);
            step = step.parent();
        }
        Node node = site;
        for (WireName next : path) {
            node = node.below.computeIfAbsent(next, Node::new);
        }
        node.seen = name;
    }

    private List<Group> groups(Node node) {
        List<Group> groups = new ArrayList<>();
        node.below.values().forEach(child -> groups.addAll(groups(child)));
        Name seen = node.seen;
        if (groups.size() >= WORTH_A_WILDCARD && !userContent.within(node.name)) {
            List<Name> names = new ArrayList<>();
            groups.forEach(group -> names.addAll(group.names()));
            if (seen != null) {
                names.add(seen);
            }
            Scope scope = seen == null ? Scope.BELOW : Scope.AT_OR_BELOW;
            return List.of(group(scope, node.name, names));
        }
        if (seen != null) {
            groups.add(group(Scope.EXACT, node.name, List.of(seen)));
        }
        return groups;
    }

    private static Group group(Scope scope, WireName name, List<Name> names) {
        return new Group(new DomainPattern(scope, name, List.of()), names);
    }
}
