package io.sallyport.sync.explain;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.resolver.policy.Policy.Deny;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.resolver.special.SpecialNames;
import io.sallyport.sync.explain.Explanation.Advice;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reasons as sentences, and the commands that change a verdict. */
final class AdviceBook {
    private static final Advice NEW_SESSIONS =
            new Advice(
                    "a change reaches new sessions; a running session keeps what it started with",
                    "");

    private static final Advice USER_CONTENT =
            new Advice("anyone may publish there, so that data can leave by it", "");

    private AdviceBook() {}

    static String reason(Reason reason) {
        return switch (reason) {
            case INTERNET_OFF -> "internet-off";
            case NOT_READY, DENIED_DOMAIN, EMERGENCY, PUBLIC_RESOLVER, NOT_ALLOWED ->
                    reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
        };
    }

    static String because(Deny deny, Snapshot snapshot) {
        return switch (deny.reason()) {
            case NOT_READY -> "no session is bound yet";
            case INTERNET_OFF -> "internet access of org " + snapshot.org() + " is off";
            case DENIED_DOMAIN -> deny.pattern() + " is on the deny list of org " + snapshot.org();
            case EMERGENCY ->
                    (deny.pattern().startsWith("..") ? "every name" : deny.pattern())
                            + " is denied in an emergency, by "
                            + emergencyOf(deny);
            case PUBLIC_RESOLVER ->
                    "it is a public DNS resolver, by which the policy could be walked around";
            case NOT_ALLOWED ->
                    "neither level "
                            + snapshot.level()
                            + " nor a custom domain of org "
                            + snapshot.org()
                            + " has it";
        };
    }

    static List<Advice> onAllowed(Snapshot snapshot, WireName name, boolean userContent) {
        List<Advice> advice = new ArrayList<>();
        if (userContent) {
            advice.add(USER_CONTENT);
        }
        advice.add(edit(snapshot, "to deny it", "deny", name.toString()));
        return advice;
    }

    static List<Advice> onSpecial(Snapshot snapshot, WireName name) {
        return SpecialNames.answeredHere(name.octets(), name.length(), true)
                ? List.of(new Advice("no setting sends it to a name server", ""))
                : List.of(
                        edit(
                                snapshot,
                                "if you have name servers of your own for it, allow it by name",
                                "allow",
                                name.toString()),
                        NEW_SESSIONS);
    }

    static List<Advice> onDenied(Snapshot snapshot, WireName name, Deny deny, Presets presets) {
        return switch (deny.reason()) {
            case NOT_READY -> List.of(new Advice("wait until the session is bound", ""));
            case INTERNET_OFF ->
                    List.of(set(snapshot, "to turn it on", "internet", "on"), NEW_SESSIONS);
            case DENIED_DOMAIN ->
                    List.of(
                            edit(
                                    snapshot,
                                    "to take it from the deny list",
                                    "remove",
                                    deny.pattern()),
                            NEW_SESSIONS);
            case EMERGENCY ->
                    List.of(
                            new Advice(
                                    "only an admin of "
                                            + emergencyOf(deny)
                                            + " can lift it; that reaches running sessions too",
                                    ""));
            case PUBLIC_RESOLVER ->
                    List.of(
                            new Advice(
                                    "no setting opens it; the sandbox's own DNS answers what is allowed",
                                    ""));
            case NOT_ALLOWED -> onNotAllowed(snapshot, name, presets);
        };
    }

    /** The platform, or the org. */
    private static String emergencyOf(Deny deny) {
        return deny.source().startsWith("org ") ? deny.source() : "the platform";
    }

    private static List<Advice> onNotAllowed(Snapshot snapshot, WireName name, Presets presets) {
        List<Advice> advice = new ArrayList<>();
        for (DomainPattern custom : snapshot.settings().allow()) {
            if (custom.scope() == Scope.BELOW && custom.name().equals(name)) {
                advice.add(
                        edit(
                                snapshot,
                                custom
                                        + " covers the names below "
                                        + name
                                        + " and not itself; the form with a leading dot"
                                        + " covers both",
                                "allow",
                                "." + name));
            }
        }
        advice.add(edit(snapshot, "to allow it", "allow", name.toString()));
        if (Explanation.isPublishing(name, presets)) {
            advice.add(USER_CONTENT);
        }
        for (Level level : Level.values()) {
            presets.withIncluded(level.presets()).stream()
                    .flatMap(preset -> preset.entries().stream())
                    .filter(entry -> name.isAtOrBelow(entry.pattern().name()))
                    .findFirst()
                    .ifPresent(entry ->
                            advice.add(
                                    set(
                                            snapshot,
                                            "level "
                                                    + level.text()
                                                    + " allows it by "
                                                    + entry.pattern(),
                                            "level",
                                            level.text())));
        }
        advice.add(NEW_SESSIONS);
        return advice;
    }

    /** An edit of the lists: a command for the store, a place in a policy file. */
    private static Advice edit(Snapshot snapshot, String text, String verb, String pattern) {
        if (!isInFile(snapshot)) {
            return new Advice(
                    text, "sallyport org " + verb + " " + snapshot.org() + " " + quoted(pattern));
        }
        String place = " orgs." + snapshot.org() + (verb.equals("remove") ? ".deny" : "." + verb);
        return new Advice(
                text
                        + ": in the policy file, "
                        + (verb.equals("remove") ? "remove it from" : "add \"" + pattern + "\" to")
                        + place,
                "");
    }

    private static Advice set(Snapshot snapshot, String text, String option, String value) {
        if (!isInFile(snapshot)) {
            return new Advice(
                    text, "sallyport org set " + snapshot.org() + " --" + option + " " + value);
        }
        String key = option.equals("internet") ? "internet-access" : option;
        return new Advice(
                text
                        + ": in the policy file, write "
                        + key
                        + ": "
                        + value
                        + " under orgs."
                        + snapshot.org(),
                "");
    }

    private static boolean isInFile(Snapshot snapshot) {
        return snapshot.origin().equals("policy-file");
    }

    /** A shell would read a star as files. */
    private static String quoted(String pattern) {
        return pattern.startsWith("*") ? "'" + pattern + "'" : pattern;
    }
}
