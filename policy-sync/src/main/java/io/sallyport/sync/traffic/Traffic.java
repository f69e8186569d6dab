package io.sallyport.sync.traffic;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Names that were asked for, each once, the most asked for first.
 *
 * @param names host names
 * @param others what else was asked for: names with octets that no host name has, with a star
 */
public record Traffic(List<Name> names, List<Asked> others) {

    /**
     * One name as it was recorded; the same one may stand in many, of many sessions.
     *
     * @param name as {@link WireName#toString} writes it
     */
    public record Asked(String name, long count, Instant first, Instant last) {
        public Asked {
            if (count < 1 || last.isBefore(first)) {
                throw new IllegalArgumentException(
                        "a recorded name was asked for at least once, and first before last");
            }
        }

        private Asked with(Asked other) {
            return new Asked(
                    name,
                    Math.addExact(count, other.count),
                    first.isBefore(other.first) ? first : other.first,
                    last.isAfter(other.last) ? last : other.last);
        }
    }

    /** A host name, and how often it was asked for. */
    public record Name(WireName name, long count, Instant first, Instant last) {}

    private static final Comparator<Asked> MOST_FIRST =
            Comparator.comparingLong(Asked::count).reversed().thenComparing(Asked::name);

    public Traffic {
        names = List.copyOf(names);
        others = List.copyOf(others);
    }

    public static Traffic of(Collection<Asked> recorded) {
        Map<String, Asked> once = new HashMap<>();
        recorded.forEach(asked -> once.merge(asked.name(), asked, Asked::with));
        List<Name> names = new ArrayList<>();
        List<Asked> others = new ArrayList<>();
        for (Asked asked : once.values().stream().sorted(MOST_FIRST).toList()) {
            try {
                names.add(new Name(hostName(asked), asked.count(), asked.first(), asked.last()));
            } catch (IllegalArgumentException e) {
                others.add(asked);
            }
        }
        return new Traffic(names, others);
    }

    /** Read as an exact entry would be, and only if that entry would be written the same. */
    private static WireName hostName(Asked asked) {
        DomainPattern pattern = DomainPattern.parse(asked.name());
        if (pattern.scope() != Scope.EXACT || !pattern.name().toString().equals(asked.name())) {
            throw new IllegalArgumentException("not a host name");
        }
        return pattern.name();
    }
}
