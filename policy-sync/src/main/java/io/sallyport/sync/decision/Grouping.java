package io.sallyport.sync.decision;

import com.google.common.net.InternetDomainName;
import io.sallyport.sync.decision.Decisions.Domain;
import io.sallyport.sync.decision.Decisions.Seen;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names gathered by the domain that somebody registered. */
final class Grouping {
    /** Of one domain: a page shows some, and says how many times all were asked for. */
    static final int MAX_SHOWN = 50;

    private Grouping() {}

    static List<Domain> byDomain(Collection<Seen> names, int limit) {
        Map<String, List<Seen>> groups = new LinkedHashMap<>();
        for (Seen name : names) {
            groups.computeIfAbsent(registrable(name.name()), ignored -> new ArrayList<>())
                    .add(name);
        }
        return groups.entrySet().stream()
                .map(group -> domain(group.getKey(), group.getValue()))
                .sorted(
                        Comparator.comparing(Domain::count)
                                .reversed()
                                .thenComparing(Domain::domain))
                .limit(limit)
                .toList();
    }

    private static Domain domain(String domain, List<Seen> names) {
        return new Domain(
                domain,
                names.stream().mapToLong(Seen::count).sum(),
                names.stream()
                        .map(Seen::first)
                        .min(Comparator.naturalOrder())
                        .orElse(Instant.EPOCH),
                names.stream().map(Seen::last).max(Comparator.naturalOrder()).orElse(Instant.EPOCH),
                names.stream().limit(MAX_SHOWN).toList());
    }

    /** What is no name of the public DNS stands for itself. */
    private static String registrable(String name) {
        try {
            InternetDomainName domain = InternetDomainName.from(name);
            return domain.isUnderPublicSuffix() ? domain.topPrivateDomain().toString() : name;
        } catch (IllegalArgumentException e) {
            return name;
        }
    }
}
