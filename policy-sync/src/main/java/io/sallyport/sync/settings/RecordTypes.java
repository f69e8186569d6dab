package io.sallyport.sync.settings;

import io.sallyport.sync.settings.Settings.RecordType;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The mnemonics of record types, as IANA has them; any other is written {@code TYPE} and its number
 * (RFC 3597 §5).
 */
final class RecordTypes {
    private static final Map<String, Integer> NUMBERS =
            Map.ofEntries(
                    Map.entry("A", 1),
                    Map.entry("NS", 2),
                    Map.entry("CNAME", 5),
                    Map.entry("SOA", 6),
                    Map.entry("PTR", 12),
                    Map.entry("HINFO", 13),
                    Map.entry("MX", 15),
                    Map.entry("TXT", 16),
                    Map.entry("AAAA", 28),
                    Map.entry("LOC", 29),
                    Map.entry("SRV", 33),
                    Map.entry("NAPTR", 35),
                    Map.entry("DNAME", 39),
                    Map.entry("DS", 43),
                    Map.entry("SSHFP", 44),
                    Map.entry("DNSKEY", 48),
                    Map.entry("TLSA", 52),
                    Map.entry("SMIMEA", 53),
                    Map.entry("OPENPGPKEY", 61),
                    Map.entry("SVCB", 64),
                    Map.entry("HTTPS", 65),
                    Map.entry("URI", 256),
                    Map.entry("CAA", 257));

    private static final Map<Integer, String> NAMES =
            NUMBERS.entrySet().stream()
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));

    private static final Pattern GENERIC = Pattern.compile("TYPE([0-9]{1,5})");

    private RecordTypes() {}

    /**
     * OPT, and RFC 6895 §3.1: 128 to 255 are questions and meta types, not records that one may
     * allow.
     */
    static void check(int number) {
        if (number < 1 || number > 65534 || number == 41 || (number >= 128 && number <= 255)) {
            throw new IllegalArgumentException(
                    "record type " + number + " cannot be allowed; it is not one of data");
        }
    }

    static RecordType parse(String text) {
        String upper = text.strip().toUpperCase(Locale.ROOT);
        Integer number = NUMBERS.get(upper);
        if (number != null) {
            return new RecordType(number);
        }
        var generic = GENERIC.matcher(upper);
        if (generic.matches()) {
            return new RecordType(Integer.parseInt(generic.group(1)));
        }
        throw new IllegalArgumentException(
                "\""
                        + Lists.printable(text)
                        + "\" is not a record type; write a name such as AAAA, TXT or SRV, or TYPE and its number");
    }

    static String text(int number) {
        return NAMES.getOrDefault(number, "TYPE" + number);
    }
}
