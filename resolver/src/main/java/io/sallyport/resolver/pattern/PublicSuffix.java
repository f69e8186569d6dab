package io.sallyport.resolver.pattern;

import com.google.common.net.InternetDomainName;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
        InternetDomainName domain = domain(name);
        return domain != null && domain.isRegistrySuffix();
    }

    private static boolean isPrivate(WireName name) {
        InternetDomainName domain = domain(name);
        return domain != null && domain.isPublicSuffix();
    }

    /** Null for what the list cannot read, or is too deep for it; read once, 600 ns. */
    private static @Nullable InternetDomainName domain(WireName name) {
        try {
            return name.labels() > MAX_LABELS ? null : InternetDomainName.from(name.toString());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Of any name that a client can ask for: what the list cannot read has two labels. */
    static int registrable(byte[] lowered, int length) {
        int[] starts = new int[MAX_LABELS];
        int labels = 0;
        for (int at = 0; lowered[at] != 0; at += lowered[at] + 1) {
            starts[labels++ % starts.length] = at;
        }
        if (labels <= 2) {
            return length;
        }
        int from = starts[labels < starts.length ? 0 : labels % starts.length];
        WireName end = WireName.ofLowered(lowered, from, length - from);
        InternetDomainName domain = domain(end);
        int own = domain == null ? 2 : ownLabels(domain);
        return length - starts[(labels - own) % starts.length];
    }

    private static int ownLabels(InternetDomainName domain) {
        return domain.isUnderRegistrySuffix()
                ? domain.topDomainUnderRegistrySuffix().parts().size()
                : domain.isRegistrySuffix() ? domain.parts().size() : 2;
    }

    static boolean isShared(WireName name) {
        return isPrivate(name) && !isIcann(name);
    }

    static Optional<WireName> site(WireName name) {
        WireName end = name;
        for (int labels = name.labels(); labels > MAX_LABELS; labels--) {
            end = Objects.requireNonNull(end.parent());
        }
        InternetDomainName domain = domain(end);
        if (end.labels() < 2 || (domain != null && domain.isPublicSuffix())) {
            return Optional.empty();
        }
        int own =
                domain == null || !domain.isUnderPublicSuffix()
                        ? 2
                        : domain.topPrivateDomain().parts().size();
        while (end.labels() > own) {
            end = Objects.requireNonNull(end.parent());
        }
        return Optional.of(end);
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
