package io.sallyport.sync.settings;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.preset.Presets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An org's network access. Lists are sorted and without repetitions, so that equal settings are
 * equal values.
 *
 * @param allow custom domains, allowed at every level
 * @param deny denied domains, denied at every level; they beat every allowance
 * @param ports of patterns without their own
 * @param internal private blocks that named internal domains may resolve to
 */
public record Settings(
        boolean internet,
        Level level,
        List<DomainPattern> allow,
        List<DomainPattern> deny,
        List<Port> ports,
        List<RecordType> types,
        List<Internal> internal,
        Ancestors ancestors) {

    /**
     * A list that people keep; a policy of a million names belongs into the resolver's own files.
     */
    public static final int MAX_PATTERNS = 10_000;

    static final int MAX_PORTS = 64; // as many kernel entries for each address of an answer
    static final int MAX_TYPES = 64;
    static final int MAX_INTERNAL = 64; // each is looked at for each answer

    private static final Pattern ORG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern AGENT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    /** By name, then by form, then by port. */
    public static final Comparator<DomainPattern> ORDER =
            Comparator.comparing((DomainPattern pattern) -> pattern.name().toString())
                    .thenComparing(DomainPattern::scope)
                    .thenComparing(DomainPattern::toString);

    /** What is allowed before custom domains are added. */
    public enum Level {
        NONE,
        CONNECTIONS,
        PACKAGE_MANAGERS,
        COMMON_DEPENDENCIES,
        ALL;

        /** As people and documents write it: {@code package-managers}. */
        public String text() {
            return Words.text(this);
        }

        /** Names of the presets that it is made of. */
        public List<String> presets() {
            return switch (this) {
                case NONE, ALL -> List.of();
                case CONNECTIONS, PACKAGE_MANAGERS, COMMON_DEPENDENCIES -> List.of(text());
            };
        }

        public static Level parse(String text) {
            return Words.parse(values(), "a level", text);
        }
    }

    /** A port of TCP (6) or UDP (17). */
    public record Port(int protocol, int number) implements Comparable<Port> {
        /** SSH and the web, with HTTP/3. */
        public static final List<Port> DEFAULTS =
                List.of(
                        new Port(Ports.TCP, 22),
                        new Port(Ports.TCP, 80),
                        new Port(Ports.TCP, 443),
                        new Port(Ports.UDP, 443));

        public Port {
            if ((protocol != Ports.TCP && protocol != Ports.UDP) || number < 1 || number > 65535) {
                throw new IllegalArgumentException(
                        "a port is tcp or udp and a number of 1 to 65535");
            }
        }

        /** Reads {@code tcp/443}, {@code udp/443}, {@code 443/tcp} or {@code 443}, which is TCP. */
        public static Port parse(String text) {
            return Ports.parse(text);
        }

        /** Protocol in the upper 16 bits, number in the lower. */
        public int packed() {
            return protocol << 16 | number;
        }

        @Override
        public int compareTo(Port other) {
            return Integer.compare(packed(), other.packed());
        }

        @Override
        public String toString() {
            return (protocol == Ports.TCP ? "tcp/" : "udp/") + number;
        }
    }

    /** A DNS record type that may be asked for. */
    public record RecordType(int number) implements Comparable<RecordType> {
        /** A, CNAME, PTR, AAAA. */
        public static final List<RecordType> DEFAULTS =
                List.of(
                        new RecordType(1),
                        new RecordType(5),
                        new RecordType(12),
                        new RecordType(28));

        public RecordType {
            RecordTypes.check(number);
        }

        /** Reads {@code AAAA} or {@code TYPE28}. */
        public static RecordType parse(String text) {
            return RecordTypes.parse(text);
        }

        @Override
        public int compareTo(RecordType other) {
            return Integer.compare(number, other.number);
        }

        @Override
        public String toString() {
            return RecordTypes.text(number);
        }
    }

    /**
     * A domain that may resolve to private addresses, and to which. It still has to be allowed as
     * well.
     */
    public record Internal(DomainPattern pattern, List<Cidr> blocks) {
        public Internal {
            blocks = List.copyOf(blocks);
            InternalDomains.check(pattern, blocks);
        }

        /** Reads {@code .corp.example=10.1.0.0/16,fd12::/32}. */
        public static Internal parse(String text) {
            return InternalDomains.parse(text);
        }

        @Override
        public String toString() {
            return pattern + "=" + String.join(",", blocks.stream().map(Cidr::toString).toList());
        }
    }

    /** One edit, applied whole or refused whole. */
    public sealed interface Change {
        record SetInternet(boolean on) implements Change {}

        record SetLevel(Level level) implements Change {}

        record Allow(List<DomainPattern> patterns) implements Change {
            public Allow {
                patterns = List.copyOf(patterns);
            }
        }

        record Deny(List<DomainPattern> patterns) implements Change {
            public Deny {
                patterns = List.copyOf(patterns);
            }
        }

        /** Takes patterns from both lists. */
        record Remove(List<DomainPattern> patterns) implements Change {
            public Remove {
                patterns = List.copyOf(patterns);
            }
        }

        record SetPorts(List<Port> ports) implements Change {
            public SetPorts {
                ports = List.copyOf(ports);
            }
        }

        record SetTypes(List<RecordType> types) implements Change {
            public SetTypes {
                types = List.copyOf(types);
            }
        }

        record SetInternal(Internal internal) implements Change {}

        record RemoveInternal(DomainPattern pattern) implements Change {}

        record SetAncestors(Ancestors ancestors) implements Change {}

        /** All of it, as the API's PUT has it. */
        record Replace(Settings settings) implements Change {}
    }

    /**
     * What differs in one field.
     *
     * @param field its name in documents: {@code level}, {@code allow}
     * @param removed the old value, or the items that went
     * @param added the new value, or the items that came
     */
    public record Difference(String field, List<String> removed, List<String> added) {
        public Difference {
            removed = List.copyOf(removed);
            added = List.copyOf(added);
        }
    }

    /**
     * Something wide that a change opens: not refused, but an admin has to say that it is meant.
     *
     * @param pattern the entry; empty where it is the level
     * @param text what can happen, in one sentence
     */
    public record Risk(Code code, String pattern, String text) {
        /** What an admin confirms. */
        public enum Code {
            /** Level all. */
            ALL_DOMAINS,
            /** A wildcard over a suffix that a company shares with its customers. */
            SHARED_SUFFIX,
            /** An entry in a domain where anyone may publish. */
            USER_CONTENT;

            /** As people and documents write it: {@code all-domains}. */
            public String text() {
                return Words.text(this);
            }

            public static Code parse(String text) {
                return Words.parse(values(), "a risk that can be confirmed", text);
            }
        }

        /** As JSON has it. */
        public Map<String, Object> document() {
            return pattern.isEmpty()
                    ? Map.of("code", code.text(), "text", text)
                    : Map.of("code", code.text(), "text", text, "pattern", pattern);
        }
    }

    public Settings {
        allow = Lists.tidy("allow", allow, ORDER, MAX_PATTERNS);
        deny = Lists.tidy("deny", deny, ORDER, MAX_PATTERNS);
        ports = Lists.tidy("ports", ports, Comparator.naturalOrder(), MAX_PORTS);
        types = Lists.tidy("types", types, Comparator.naturalOrder(), MAX_TYPES);
        internal =
                Lists.tidy(
                        "internal",
                        internal,
                        Comparator.comparing(Internal::pattern, ORDER),
                        MAX_INTERNAL);
        Lists.check(deny, ports, types, internal);
    }

    /** A new org: internet on, package managers. */
    public static Settings forNewOrg() {
        return of(Level.PACKAGE_MANAGERS);
    }

    /**
     * An org from before this setting existed keeps its access to every domain until an admin
     * changes it.
     */
    public static Settings forImportedOrg() {
        return of(Level.ALL);
    }

    /** Internet on, a level, and the default of everything else. */
    public static Settings of(Level level) {
        return new Settings(
                true,
                level,
                List.of(),
                List.of(),
                Port.DEFAULTS,
                RecordType.DEFAULTS,
                List.of(),
                Ancestors.NXDOMAIN);
    }

    /** Reads a list of patterns; one bad entry refuses all, and the complaint names it. */
    public static List<DomainPattern> patterns(String text) {
        List<DomainPattern> patterns = DomainPattern.parseList(text);
        if (patterns.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is no domain in \""
                            + text.strip()
                            + "\"; write one such as api.example.com, *.example.com or .example.com");
        }
        return patterns;
    }

    /** Reads {@code nxdomain} or {@code nodata}. */
    public static Ancestors ancestors(String text) {
        return SettingsV1.ancestors(text);
    }

    /** The name of an org, checked: it travels in paths, labels and the text of denials. */
    public static String org(String text) {
        return checked(ORG, "an org", 63, text);
    }

    public static String agent(String text) {
        return checked(AGENT, "an agent", 128, text);
    }

    private static String checked(Pattern form, String what, int length, String text) {
        if (!form.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "\""
                            + Lists.printable(text)
                            + "\" cannot be the name of "
                            + what
                            + "; write 1 to "
                            + length
                            + " letters, digits, dots, dashes or underscores, a letter or digit first");
        }
        return text;
    }

    /** These settings after a change; equal to these where it changes nothing. */
    public Settings with(Change change) {
        return Changes.apply(this, change);
    }

    /** These settings after changes in order. */
    public Settings with(List<Change> changes) {
        Settings settings = this;
        for (Change change : changes) {
            settings = settings.with(change);
        }
        return settings;
    }

    /** What came and went since {@code earlier}, field by field; empty where nothing differs. */
    public List<Difference> since(Settings earlier) {
        return Changes.differences(earlier, this);
    }

    /** What an admin should know about these settings, as sentences; none of it is refused. */
    public List<String> warnings() {
        return Warnings.of(this);
    }

    /**
     * What wide things these settings open that {@code earlier} ones do not. A change that has any
     * needs a word from its author for each code.
     */
    public List<Risk> risksSince(Settings earlier, Presets presets) {
        return Risks.of(earlier, this, presets);
    }

    /**
     * What each of these patterns would open if it were allowed as well, as {@link #risksSince} of
     * it alone would say; looked up for all of them at once.
     */
    public Map<DomainPattern, Risk> risksOfAllowing(
            Collection<DomainPattern> more, Presets presets) {
        return Risks.ofAllowing(this, more, presets);
    }

    /** The document that stores and interfaces hold: nested maps, lists, strings and booleans. */
    public Map<String, Object> document() {
        return SettingsV1.document(this);
    }

    /**
     * Reads what {@link #document} wrote, or what a person wrote in its form. Internet access and
     * level must be there, the rest has defaults. Takes the keys it knows; {@code end} is the
     * caller's, who may know more.
     */
    public static Settings read(Document.Fields fields) {
        return SettingsV1.read(fields);
    }
}
