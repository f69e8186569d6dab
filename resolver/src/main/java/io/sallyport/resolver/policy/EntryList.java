package io.sallyport.resolver.policy;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.resolver.policy.Policy.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * One compiled list of entries. Entries of one name are merged: the first one explains, and all of
 * their ports hold. What entries have in common (source, ports) is kept once, so that a million
 * entries of one list cost little more than their names.
 */
final class EntryList {

    /** What an entry says beyond its name; own ports only, empty for the policy's. */
    private record Grant(Scope scope, String source, List<Integer> ports) {}

    private final NameTable table;
    private final List<Grant> grants = new ArrayList<>();

    EntryList(List<Entry> entries) {
        table = new NameTable(entries.size());
        Map<Grant, Integer> numbers = new HashMap<>();
        for (Entry entry : entries) {
            DomainPattern pattern = entry.pattern();
            Grant grant = new Grant(pattern.scope(), entry.source(), pattern.ports());
            int node = table.node(pattern.name());
            if (pattern.scope() != Scope.BELOW) {
                table.at(node, merged(table.at(node), grant, numbers));
            }
            if (pattern.scope() != Scope.EXACT) {
                table.below(node, merged(table.below(node), grant, numbers));
            }
        }
    }

    private int merged(int before, Grant grant, Map<Grant, Integer> numbers) {
        Grant both = before == NameTable.MISS ? grant : union(grants.get(before), grant);
        Integer number = numbers.get(both);
        if (number == null) {
            number = grants.size();
            grants.add(both);
            numbers.put(both, number);
        }
        return number;
    }

    /**
     * An entry without ports of its own opens the policy's ports already; then nothing narrows
     * them.
     */
    private static Grant union(Grant first, Grant second) {
        if (first.ports.isEmpty() || first.ports.equals(second.ports)) {
            return first;
        }
        if (second.ports.isEmpty()) {
            return new Grant(first.scope, first.source, List.of());
        }
        LinkedHashSet<Integer> ports = new LinkedHashSet<>(first.ports);
        ports.addAll(second.ports);
        return new Grant(first.scope, first.source, List.copyOf(ports));
    }

    /** The place of the most specific entry that covers the name, or {@link NameTable#MISS}. */
    int find(Subject subject) {
        return table.find(subject);
    }

    int places() {
        return table.places();
    }

    String source(int place) {
        return grants.get(table.number(place)).source;
    }

    /** The entry's own ports; empty for the policy's. */
    List<Integer> ports(int place) {
        return grants.get(table.number(place)).ports;
    }

    /** The canonical text of the entry. */
    String text(int place) {
        Grant grant = grants.get(table.number(place));
        return new DomainPattern(grant.scope, table.name(place), grant.ports).toString();
    }
}
