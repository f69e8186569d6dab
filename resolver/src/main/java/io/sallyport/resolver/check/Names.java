package io.sallyport.resolver.check;

import java.util.Arrays;

/** Comparison of lower-cased, decompressed names. */
final class Names {
    private Names() {}

    /** Whether {@code name} is {@code suffix} or stands below it. */
    static boolean isAtOrBelow(byte[] name, byte[] suffix) {
        int start = name.length - suffix.length;
        int at = 0;
        while (at < start) {
            at += name[at] + 1;
        }
        return at == start && Arrays.equals(name, start, name.length, suffix, 0, suffix.length);
    }
}
