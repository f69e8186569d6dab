package io.sallyport.resolver.network;

import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.policy.Policy.Reason;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a denial says to a person or an agent: why, by whose policy, and that asking again changes
 * nothing.
 */
final class Denials {
    private static final String FINAL = "; retrying will not help";

    private final Map<Reason, ExtendedError> denials = new EnumMap<>(Reason.class);
    private final ExtendedError observed;

    /** Those of the policy that is called {@code label}. */
    Denials(String label) {
        for (Reason reason : Reason.values()) {
            denials.put(reason, denial(reason, label));
        }
        observed =
                new ExtendedError(
                        ExtendedError.OTHER,
                        cut(
                                "OBSERVE MODE: answered and recorded, but not allowed by " + label,
                                170));
    }

    ExtendedError of(Reason reason) {
        return Objects.requireNonNull(denials.get(reason), "every reason has a text");
    }

    /**
     * What an answer says that nothing allows, and that leaves to see what a sandbox would need.
     */
    ExtendedError observed() {
        return observed;
    }

    private static ExtendedError denial(Reason reason, String label) {
        return reason == Reason.NOT_READY
                ? new ExtendedError(ExtendedError.NOT_READY, because(reason, label))
                : blocked(because(reason, label));
    }

    /** The reason as the end of a sentence. */
    static String because(Reason reason, String label) {
        return switch (reason) {
            case NOT_READY ->
                    "no session is bound to this network yet; every name is denied until then";
            case INTERNET_OFF -> "internet access is off: " + label;
            case DENIED_DOMAIN -> "on the deny list of " + label;
            case EMERGENCY -> "blocked by an emergency denial: " + label;
            case PUBLIC_RESOLVER -> "public DNS resolvers are blocked: " + label;
            case NOT_ALLOWED -> "not allowed by " + label;
        };
    }

    private static ExtendedError blocked(String text) {
        // The label may be long and the end is what matters, so the middle is what is cut.
        int room = 170 - FINAL.length();
        return new ExtendedError(ExtendedError.BLOCKED, cut(text, room) + FINAL);
    }

    private static String cut(String text, int room) {
        return text.length() <= room ? text : text.substring(0, room) + "…";
    }
}
