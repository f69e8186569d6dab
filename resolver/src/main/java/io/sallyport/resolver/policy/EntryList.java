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
import java.util.stream.IntStream;

/**
 * One compiled list of entries. Entries of one name are merged: the first one explains, and all of
 * their ports hold. What entries have in common (source, ports) is kept once, so that a million
 * entries of one list cost little more than their names.
 */
final class EntryList {

    /**
     * What entries of one name say beyond it.
     *
     * @param shown the first entry's own ports, as its text shows them
     * @param policyPorts whether one of them has no ports of its own, so that the policy's hold
     * @param ownPorts those of all of them
     */
    private record Grant(
            Scope scope,
            String source,
            List<Integer> shown,
            boolean policyPorts,
            List<Integer> ownPorts) {

        static Grant of(Entry entry) {
            List<Integer> ports = entry.pattern().ports();
            return new Grant(
                    entry.pattern().scope(), entry.source(), ports, ports.isEmpty(), ports);
        }

        Grant and(Grant other) {
            LinkedHashSet<Integer> ports = new LinkedHashSet<>(ownPorts);
            ports.addAll(other.ownPorts);
            return new Grant(
                    scope, source, shown, policyPorts || other.policyPorts, List.copyOf(ports));
        }
    }

    private final NameTable table;
    private final List<Grant> grants = new ArrayList<>();

    EntryList(List<Entry> entries) {
        table = new NameTable(entries.size());
        Map<Grant, Integer> numbers = new HashMap<>();
        for (Entry entry : entries) {
            DomainPattern pattern = entry.pattern();
            Grant grant = Grant.of(entry);
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
        Grant both = before == NameTable.MISS ? grant : grants.get(before).and(grant);
        Integer number = numbers.get(both);
        if (number == null) {
            number = grants.size();
            grants.add(both);
            numbers.put(both, number);
        }
        return number;
    }

    /** The place of the most specific entry that covers the name, or {@link NameTable#MISS}. */
    int find(Subject subject) {
        return table.find(subject);
    }

    /** Octets of the name below which the entry allows any; 0 where it speaks of one name. */
    int covered(int place) {
        return (place & 1) == 0 ? 0 : table.length(place);
    }

    int places() {
        return table.places();
    }

    String source(int place) {
        return grants.get(table.number(place)).source;
    }

    /** Whether some entry opens ports of its own. */
    boolean hasOwnPorts() {
        return grants.stream().anyMatch(grant -> !grant.ownPorts.isEmpty());
    }

    /** What the entry opens, given what the policy's entries open. */
    int[] ports(int place, int[] policyPorts) {
        Grant grant = grants.get(table.number(place));
        IntStream own = grant.ownPorts.stream().mapToInt(Integer::intValue);
        return grant.policyPorts
                ? IntStream.concat(IntStream.of(policyPorts), own).distinct().toArray()
                : own.toArray();
    }

    /** The canonical text of the entry. */
    String text(int place) {
        Grant grant = grants.get(table.number(place));
        return new DomainPattern(grant.scope, table.name(place), grant.shown).toString();
    }
}
