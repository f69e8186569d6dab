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

    private static final int MAX_LABELS = 6;

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
                        Comparator.comparingLong(Domain::count)
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

    /**
     * What is no name of the public DNS stands for itself, and so does a name with an escape: its
     * dots are not all between labels.
     */
    private static String registrable(String name) {
        if (name.indexOf('\\') >= 0) {
            return name;
        }
        for (String end = end(name); !end.isEmpty(); end = below(end)) {
            try {
                InternetDomainName domain = InternetDomainName.from(end);
                return domain.isUnderPublicSuffix() ? domain.topPrivateDomain().toString() : name;
            } catch (IllegalArgumentException e) {
                // a label such as _tcp, which may stand before a registered domain
            }
        }
        return name;
    }

    /** The last labels: no public suffix has more, and a hostile name has a hundred. */
    private static String end(String name) {
        int from = name.length();
        for (int labels = 0; labels < MAX_LABELS && from > 0; labels++) {
            from = name.lastIndexOf('.', from - 1);
        }
        return name.substring(Math.max(0, from + 1));
    }

    private static String below(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1);
    }
}
