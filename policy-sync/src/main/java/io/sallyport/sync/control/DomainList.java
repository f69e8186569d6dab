package io.sallyport.sync.control;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One of the two lists of an org. */
enum DomainList {
    ALLOW,
    DENY;

    static DomainList parse(String text) {
        return switch (text) {
            case "allow" -> ALLOW;
            case "deny" -> DENY;
            default -> throw new IllegalArgumentException("list: write allow or deny");
        };
    }

    /** The list that a body names; the allow list if it names none. */
    static DomainList read(Optional<Document> given) {
        return given.map(text -> parse(text.text())).orElse(ALLOW);
    }

    /** A text with commas, spaces or lines between patterns, or a list of patterns. */
    static List<DomainPattern> patterns(Document given) {
        List<DomainPattern> patterns =
                given.isText()
                        ? given.textAs(Settings::patterns)
                        : given.items().stream()
                                .map(item -> item.<DomainPattern>textAs(DomainPattern::parse))
                                .toList();
        if (patterns.isEmpty()) {
            throw given.error("must name at least one domain");
        }
        return patterns;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    List<DomainPattern> of(Settings settings) {
        return this == ALLOW ? settings.allow() : settings.deny();
    }

    Settings with(Settings settings, List<DomainPattern> patterns) {
        return settings.with(
                this == ALLOW ? new Change.Allow(patterns) : new Change.Deny(patterns));
    }

    /** Taken from this list; what the other has of it stays. */
    Settings without(Settings settings, DomainPattern pattern) {
        Settings neither = settings.with(new Change.Remove(List.of(pattern)));
        DomainList other = this == ALLOW ? DENY : ALLOW;
        return other.of(settings).contains(pattern)
                ? other.with(neither, List.of(pattern))
                : neither;
    }
}
