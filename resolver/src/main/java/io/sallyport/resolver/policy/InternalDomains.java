package io.sallyport.resolver.policy;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.resolver.policy.Policy.Internal;
import io.sallyport.resolver.policy.Policy.Subject;
import java.util.ArrayList;
import java.util.List;

/**
 * Named internal domains and the private blocks that each may resolve to; the most specific one
 * holds.
 */
final class InternalDomains {
    private final NameTable table;
    private final List<AddressFilter> filters = new ArrayList<>();

    InternalDomains(List<Internal> internal) {
        table = new NameTable(internal.size());
        for (Internal domain : internal) {
            int node = table.node(domain.pattern().name());
            if (domain.pattern().scope() != Scope.BELOW) {
                table.at(node, merged(table.at(node), domain.filter()));
            }
            if (domain.pattern().scope() != Scope.EXACT) {
                table.below(node, merged(table.below(node), domain.filter()));
            }
        }
    }

    private int merged(int before, AddressFilter filter) {
        List<Cidr> blocks =
                new ArrayList<>(
                        before == NameTable.MISS ? List.of() : filters.get(before).internal());
        blocks.addAll(filter.internal());
        filters.add(new AddressFilter(blocks));
        return filters.size() - 1;
    }

    /** The most specific domain that the name belongs to, or {@link NameTable#MISS}. */
    int find(Subject subject) {
        return table.find(subject);
    }

    AddressFilter filter(int place) {
        return filters.get(table.number(place));
    }
}
