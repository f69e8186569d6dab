package io.sallyport.sync.settings;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Difference;
import io.sallyport.sync.settings.Settings.Internal;
import io.sallyport.sync.settings.Settings.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Applies a change, and tells two settings apart. */
final class Changes {
    private Changes() {}

    static Settings apply(Settings s, Change change) {
        return switch (change) {
            case Change.SetInternet(var on) ->
                    new Settings(
                            on,
                            s.level(),
                            s.allow(),
                            s.deny(),
                            s.ports(),
                            s.types(),
                            s.internal(),
                            s.ancestors());
            case Change.SetLevel(Level level) ->
                    new Settings(
                            s.internet(),
                            level,
                            s.allow(),
                            s.deny(),
                            s.ports(),
                            s.types(),
                            s.internal(),
                            s.ancestors());
            case Change.Allow(var patterns) -> lists(s, plus(s.allow(), patterns), s.deny());
            case Change.Deny(var patterns) -> lists(s, s.allow(), plus(s.deny(), patterns));
            case Change.Remove(var patterns) ->
                    lists(s, minus(s.allow(), patterns), minus(s.deny(), patterns));
            case Change.SetPorts(var ports) ->
                    new Settings(
                            s.internet(),
                            s.level(),
                            s.allow(),
                            s.deny(),
                            ports,
                            s.types(),
                            s.internal(),
                            s.ancestors());
            case Change.SetTypes(var types) ->
                    new Settings(
                            s.internet(),
                            s.level(),
                            s.allow(),
                            s.deny(),
                            s.ports(),
                            types,
                            s.internal(),
                            s.ancestors());
            case Change.SetInternal(Internal internal) ->
                    internal(s, plus(others(s, internal.pattern()), List.of(internal)));
            case Change.RemoveInternal(DomainPattern pattern) -> internal(s, others(s, pattern));
            case Change.SetAncestors(Ancestors ancestors) ->
                    new Settings(
                            s.internet(),
                            s.level(),
                            s.allow(),
                            s.deny(),
                            s.ports(),
                            s.types(),
                            s.internal(),
                            ancestors);
            case Change.Replace(Settings settings) -> settings;
        };
    }

    private static Settings lists(Settings s, List<DomainPattern> allow, List<DomainPattern> deny) {
        return new Settings(
                s.internet(),
                s.level(),
                allow,
                deny,
                s.ports(),
                s.types(),
                s.internal(),
                s.ancestors());
    }

    private static Settings internal(Settings s, List<Internal> internal) {
        return new Settings(
                s.internet(),
                s.level(),
                s.allow(),
                s.deny(),
                s.ports(),
                s.types(),
                internal,
                s.ancestors());
    }

    private static List<Internal> others(Settings settings, DomainPattern pattern) {
        return settings.internal().stream()
                .filter(internal -> !internal.pattern().equals(pattern))
                .toList();
    }

    private static <T> List<T> plus(List<T> before, List<T> more) {
        return Stream.concat(before.stream(), more.stream()).toList();
    }

    private static <T> List<T> minus(List<T> before, List<?> less) {
        return before.stream().filter(Predicate.not(new HashSet<Object>(less)::contains)).toList();
    }

    static List<Difference> differences(Settings before, Settings after) {
        List<Difference> found = new ArrayList<>();
        compare(found, "internet-access", List.of(onOff(before)), List.of(onOff(after)));
        compare(found, "level", List.of(before.level().text()), List.of(after.level().text()));
        compare(found, "allow", before.allow(), after.allow());
        compare(found, "deny", before.deny(), after.deny());
        compare(found, "ports", before.ports(), after.ports());
        compare(found, "types", before.types(), after.types());
        compare(found, "internal", before.internal(), after.internal());
        compare(
                found,
                "ancestors",
                List.of(lower(before.ancestors())),
                List.of(lower(after.ancestors())));
        return List.copyOf(found);
    }

    private static void compare(
            List<Difference> found, String field, List<?> before, List<?> after) {
        if (!before.equals(after)) {
            found.add(
                    new Difference(
                            field, texts(minus(before, after)), texts(minus(after, before))));
        }
    }

    private static List<String> texts(List<?> items) {
        return items.stream().map(Object::toString).toList();
    }

    private static String onOff(Settings settings) {
        return settings.internet() ? "on" : "off";
    }

    static String lower(Ancestors ancestors) {
        return ancestors.name().toLowerCase(Locale.ROOT);
    }
}
