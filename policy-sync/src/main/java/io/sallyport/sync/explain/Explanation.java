package io.sallyport.sync.explain;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.special.SpecialNames;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.snapshot.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The verdict on a name, for people.
 *
 * @param reason why it is denied: {@code not-allowed}, {@code internet-off}, {@code denied-domain},
 *     {@code public-resolver}, {@code emergency}, {@code special-name}; empty where it is allowed
 * @param pattern the entry that decided; empty where none did
 * @param source where that entry comes from; empty where none decided
 * @param ports that an allowed name opens; empty for every port (level all) and for a denied name
 * @param userContent anyone may publish there
 * @param sentence all of it in one sentence
 * @param advice what to do about it, and what to know
 */
public record Explanation(
        String name,
        Snapshot snapshot,
        boolean allowed,
        String reason,
        String pattern,
        String source,
        List<String> ports,
        boolean userContent,
        String sentence,
        List<Advice> advice) {

    /**
     * One thing to do or to know.
     *
     * @param command to be run as it is; empty where there is only the text
     */
    public record Advice(String text, String command) {
        Advice withOptions(String options) {
            return command.isEmpty() ? this : new Advice(text, command + options);
        }
    }

    public Explanation {
        ports = List.copyOf(ports);
        advice = List.copyOf(advice);
    }

    /**
     * Reads the name that is asked about, as forgiving as a pattern is read.
     *
     * @throws IllegalArgumentException if it is not one name
     */
    public static WireName name(String text) {
        DomainPattern pattern = DomainPattern.parse(text);
        if (pattern.scope() != DomainPattern.Scope.EXACT || !pattern.ports().isEmpty()) {
            throw new IllegalArgumentException(
                    "\""
                            + pattern
                            + "\" is not one name; ask about a name such as api.example.com");
        }
        return pattern.name();
    }

    public static Explanation of(Snapshot snapshot, WireName name, Presets presets) {
        return of(snapshot, snapshot.policy(), name, presets);
    }

    /**
     * As a session has it that starts now.
     *
     * @param emergency denied beyond the snapshot, which knows nothing of it
     */
    public static Explanation of(
            Snapshot snapshot, List<Policy.Entry> emergency, WireName name, Presets presets) {
        return of(snapshot, snapshot.policy().withEmergency(emergency), name, presets);
    }

    /**
     * As a running session has it.
     *
     * @param policy the snapshot's, with the emergency denials that hold for the session
     */
    public static Explanation of(Snapshot snapshot, Policy policy, WireName name, Presets presets) {
        return switch (policy.judge(name)) {
            case Policy.Allow allow when isSpecial(name, allow) -> special(snapshot, name);
            case Policy.Allow allow -> allowed(snapshot, name, allow, presets);
            case Policy.Deny deny -> denied(snapshot, name, deny, presets);
        };
    }

    /** Allowed, but the resolver never asks anyone for it. */
    private static boolean isSpecial(WireName name, Policy.Allow allow) {
        return SpecialNames.answeredHere(name.octets(), name.length(), allow.explicit());
    }

    private static Explanation special(Snapshot snapshot, WireName name) {
        return new Explanation(
                name.toString(),
                snapshot,
                false,
                "special-name",
                "",
                "",
                List.of(),
                false,
                name
                        + " is a name for private or special use: the resolver answers it itself and"
                        + " asks no name server",
                AdviceBook.onSpecial(snapshot, name));
    }

    private static Explanation allowed(
            Snapshot snapshot, WireName name, Policy.Allow allow, Presets presets) {
        List<String> ports =
                IntStream.of(allow.ports())
                        .mapToObj(packed ->
                                new Settings.Port(packed >>> 16, packed & 0xffff).toString())
                        .toList();
        boolean userContent =
                snapshot.isUserContent(allow.pattern()) || isPublishing(name, presets);
        return new Explanation(
                name.toString(),
                snapshot,
                true,
                "",
                allow.pattern(),
                allow.source(),
                ports,
                userContent,
                name
                        + " is allowed by "
                        + allow.pattern()
                        + " ("
                        + allow.source()
                        + "), "
                        + (ports.isEmpty()
                                ? "every port of public addresses"
                                : String.join(", ", ports)),
                AdviceBook.onAllowed(snapshot, name, userContent));
    }

    private static Explanation denied(
            Snapshot snapshot, WireName name, Policy.Deny deny, Presets presets) {
        return new Explanation(
                name.toString(),
                snapshot,
                false,
                AdviceBook.reason(deny.reason()),
                deny.pattern(),
                deny.source(),
                List.of(),
                isPublishing(name, presets),
                name + " is denied: " + AdviceBook.because(deny, snapshot),
                AdviceBook.onDenied(snapshot, name, deny, presets));
    }

    static boolean isPublishing(WireName name, Presets presets) {
        return presets.publishing(new DomainPattern(DomainPattern.Scope.EXACT, name, List.of()))
                .isPresent();
    }

    /** The same with options added to every command, such as {@code --data DIR}. */
    public Explanation withOptions(String options) {
        return new Explanation(
                name,
                snapshot,
                allowed,
                reason,
                pattern,
                source,
                ports,
                userContent,
                sentence,
                advice.stream().map(one -> one.withOptions(options)).toList());
    }

    /**
     * The same in words for whoever is inside the sandbox, an agent for example.
     *
     * @param observed whether the session answers what nothing allows, to record it
     */
    public String told(boolean observed) {
        return InsideText.of(this, observed);
    }

    /** As JSON has it: nested maps, lists, strings, numbers and booleans. */
    public Map<String, Object> document() {
        Map<String, Object> document = new TreeMap<>();
        document.put("name", name);
        document.put("org", snapshot.org());
        document.put("level", snapshot.level());
        document.put("version", snapshot.version());
        document.put("snapshot", snapshot.digest());
        document.put("verdict", allowed ? "allow" : "deny");
        document.put("reason", reason);
        document.put("pattern", pattern);
        document.put("source", source);
        document.put("ports", ports);
        document.put("user-content", userContent);
        document.put("sentence", sentence);
        document.put(
                "advice",
                advice.stream()
                        .map(one -> Map.of("text", one.text(), "command", one.command()))
                        .toList());
        return document;
    }
}
