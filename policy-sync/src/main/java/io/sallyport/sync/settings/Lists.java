package io.sallyport.sync.settings;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.settings.Settings.Internal;
import io.sallyport.sync.settings.Settings.Port;
import io.sallyport.sync.settings.Settings.RecordType;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What holds for every list in settings. */
final class Lists {
    /** Of a refused text, as much as a sentence can carry. */
    private static final int MAX_QUOTED = 80;

    private Lists() {}

    static <T> List<T> tidy(String field, List<T> items, Comparator<? super T> order, int most) {
        List<T> tidy = items.stream().distinct().sorted(order).toList();
        if (tidy.size() > most) {
            throw new IllegalArgumentException(
                    field + " has " + tidy.size() + " entries; the most is " + most);
        }
        return tidy;
    }

    static void check(
            List<DomainPattern> deny,
            List<Port> ports,
            List<RecordType> types,
            List<Internal> internal) {
        for (DomainPattern pattern : deny) {
            if (!pattern.ports().isEmpty()) {
                throw new IllegalArgumentException(
                        "deny: \""
                                + pattern
                                + "\" must have no port: a denied name does not resolve at all");
            }
        }
        if (ports.isEmpty()) {
            throw new IllegalArgumentException(
                    "ports: at least one is needed; to close all, turn internet access off");
        }
        if (types.isEmpty()) {
            throw new IllegalArgumentException(
                    "types: at least one is needed; to close all, turn internet access off");
        }
        Set<DomainPattern> seen = new HashSet<>();
        for (Internal domain : internal) {
            if (!seen.add(domain.pattern())) {
                throw new IllegalArgumentException(
                        "internal: \"" + domain.pattern() + "\" is there twice");
            }
        }
    }

    /** A stranger's text, cut and without control characters, fit for a terminal. */
    static String printable(String text) {
        String cut = text.length() > MAX_QUOTED ? text.substring(0, MAX_QUOTED) + "…" : text;
        return cut.codePoints()
                .map(c ->
                        Character.isISOControl(c) || Character.getType(c) == Character.FORMAT
                                ? '?'
                                : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
