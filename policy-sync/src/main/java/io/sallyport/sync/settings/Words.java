package io.sallyport.sync.settings;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Closed choices as people and documents write them. */
final class Words {
    private Words() {}

    static String text(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static <E extends Enum<E>> E parse(E[] choices, String what, String text) {
        for (E choice : choices) {
            if (text(choice).equalsIgnoreCase(text.strip())) {
                return choice;
            }
        }
        throw new IllegalArgumentException(
                "\""
                        + Lists.printable(text)
                        + "\" is not "
                        + what
                        + "; write one of "
                        + Stream.of(choices).map(Words::text).collect(Collectors.joining(", ")));
    }
}
