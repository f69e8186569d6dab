package io.sallyport.resolver.pattern;

import com.google.common.net.InternetDomainName;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import java.util.Optional;

/**
 * Which names are not one organisation's: the public suffix list, its ICANN part and its private
 * part.
 */
final class PublicSuffix {
    /** The longest rules of the list have five labels; below that, a name is somebody's own. */
    private static final int MAX_LABELS = 6;

    private PublicSuffix() {}

    /** Whether whoever asks may register a name below this one: {@code com}, {@code co.uk}. */
    static boolean isIcann(WireName name) {
        return name.labels() <= MAX_LABELS
                && isValid(name)
                && InternetDomainName.from(name.toString()).isRegistrySuffix();
    }

    private static boolean isPrivate(WireName name) {
        return name.labels() <= MAX_LABELS
                && isValid(name)
                && InternetDomainName.from(name.toString()).isPublicSuffix();
    }

    private static boolean isValid(WireName name) {
        return InternetDomainName.isValid(name.toString());
    }

    /** Of any name that a client can ask for: what the list cannot read has two labels. */
    static int registrable(byte[] lowered, int length) {
        int[] starts = new int[MAX_LABELS + 1];
        int labels = 0;
        for (int at = 0; lowered[at] != 0; at += lowered[at] + 1) {
            starts[labels++ % starts.length] = at;
        }
        if (labels <= 2) {
            return length;
        }
        int from = starts[labels < starts.length ? 0 : labels % starts.length];
        WireName end = WireName.ofLowered(lowered, from, length - from);
        int own = isValid(end) ? ownLabels(end) : 2;
        return length - starts[(labels - own) % starts.length];
    }

    private static int ownLabels(WireName name) {
        InternetDomainName domain = InternetDomainName.from(name.toString());
        return domain.isUnderRegistrySuffix()
                ? domain.topDomainUnderRegistrySuffix().parts().size()
                : domain.isRegistrySuffix() ? domain.parts().size() : 2;
    }

    static Optional<String> warning(DomainPattern pattern) {
        if (pattern.scope() == Scope.EXACT) {
            return isIcann(pattern.name())
                    ? Optional.of(
                            "\""
                                    + pattern
                                    + "\" is a public suffix: this entry covers that one name and nothing below"
                                    + " it, which is seldom what is meant")
                    : Optional.empty();
        }
        return isPrivate(pattern.name())
                ? Optional.of(
                        "\""
                                + pattern
                                + "\" covers everyone who hosts below \""
                                + pattern.name()
                                + "\", where anybody may publish; name the sites that are needed")
                : Optional.empty();
    }
}
