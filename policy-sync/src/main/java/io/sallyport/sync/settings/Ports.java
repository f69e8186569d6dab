package io.sallyport.sync.settings;

import io.sallyport.sync.settings.Settings.Port;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text forms of a port. */
final class Ports {
    static final int TCP = 6;
    static final int UDP = 17;

    private static final Pattern FORM =
            Pattern.compile("(?:(tcp|udp)/)?([0-9]{1,5})(?:/(tcp|udp))?");

    private Ports() {}

    static Port parse(String text) {
        Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (form.matches() && (form.group(1) == null || form.group(3) == null)) {
            int number = Integer.parseInt(form.group(2));
            if (number >= 1 && number <= 65535) {
                return new Port(
                        "udp".equals(form.group(1)) || "udp".equals(form.group(3)) ? UDP : TCP,
                        number);
            }
        }
        throw new IllegalArgumentException(
                "\""
                        + Lists.printable(text)
                        + "\" is not a port; write tcp/443 or udp/443 with a number of 1 to 65535");
    }
}
