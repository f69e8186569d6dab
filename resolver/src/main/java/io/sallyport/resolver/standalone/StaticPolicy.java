package io.sallyport.resolver.standalone;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.resolver.policy.Policy.Internal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** From flags to a policy. Whatever is wrong becomes one sentence that names the flag. */
final class StaticPolicy {
    /**
     * tcp 22, 80, 443 and udp 443: what an allow list opens unless told otherwise. Nothing is
     * pinned here.
     */
    private static final List<Integer> PORTS =
            List.of(6 << 16 | 22, 6 << 16 | 80, 6 << 16 | 443, 17 << 16 | 443);

    private static final Map<String, Integer> TYPES =
            Map.ofEntries(
                    Map.entry("A", 1),
                    Map.entry("NS", 2),
                    Map.entry("CNAME", 5),
                    Map.entry("SOA", 6),
                    Map.entry("PTR", 12),
                    Map.entry("MX", 15),
                    Map.entry("TXT", 16),
                    Map.entry("AAAA", 28),
                    Map.entry("SRV", 33),
                    Map.entry("NAPTR", 35),
                    Map.entry("DS", 43),
                    Map.entry("DNSKEY", 48),
                    Map.entry("TLSA", 52),
                    Map.entry("SVCB", 64),
                    Map.entry("HTTPS", 65),
                    Map.entry("CAA", 257),
                    Map.entry("ALL", Policy.EVERY_TYPE));

    private StaticPolicy() {}

    static Policy compile(
            boolean all,
            List<String> allow,
            List<String> deny,
            String types,
            List<String> internal) {
        return Policy.compile(
                new Policy.Rules(
                        "this resolver's static policy",
                        true,
                        all,
                        entries("--allow", allow),
                        entries("--deny", deny),
                        List.of(),
                        internal.stream().map(StaticPolicy::internal).toList(),
                        types(types),
                        PORTS,
                        Policy.Ancestors.NXDOMAIN));
    }

    private static List<Entry> entries(String flag, List<String> lists) {
        List<Entry> entries = new ArrayList<>();
        for (String list : lists) {
            try {
                String text = list.startsWith("@") ? read(Path.of(list.substring(1))) : list;
                for (DomainPattern pattern : DomainPattern.parseList(text)) {
                    entries.add(new Entry(pattern, flag));
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(flag + ": " + e.getMessage(), e);
            }
        }
        return entries;
    }

    private static String read(Path file) {
        try {
            StringBuilder text = new StringBuilder();
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                int comment = line.indexOf('#');
                text.append(comment < 0 ? line : line.substring(0, comment)).append('\n');
            }
            return text.toString();
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read the file " + file + ": " + e, e);
        }
    }

    private static Internal internal(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException(
                    "--internal: write PATTERN=CIDR, such as .corp.example=10.1.0.0/16");
        }
        try {
            DomainPattern pattern = DomainPattern.parse(text.substring(0, equals));
            return new Internal(
                    pattern, new AddressFilter(List.of(Cidr.parse(text.substring(equals + 1)))));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--internal: " + e.getMessage(), e);
        }
    }

    private static Set<Integer> types(String text) {
        Set<Integer> types = new LinkedHashSet<>();
        for (String word : text.toUpperCase(Locale.ROOT).split("[,\\s]+", -1)) {
            if (!word.isEmpty()) {
                types.add(type(word));
            }
        }
        return types;
    }

    /** RFC 3597 §5: a type without a name is TYPE and its number. */
    private static int type(String word) {
        Integer known = TYPES.get(word);
        if (known != null) {
            return known;
        }
        if (word.matches("TYPE\\d{1,5}")) {
            int number = Integer.parseInt(word.substring(4));
            if (number > 0 && number <= 0xffff) {
                return number;
            }
        }
        throw new IllegalArgumentException(
                "--types: \""
                        + word
                        + "\" is no record type; write names such as A,AAAA,TXT, or TYPE65280, or all");
    }
}
