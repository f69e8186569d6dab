package io.sallyport.sync.session;

import java.security.SecureRandom;

/** Names for things that must never be mistaken for earlier ones. */
final class Ids {
    private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

    /**
     * 50 bits: no two of a host's bindings meet, and the firewall's chain names stay short enough.
     */
    private static final int LENGTH = 10;

    private static final SecureRandom RANDOM = new SecureRandom();

    private Ids() {}

    static String session() {
        return "s-" + random();
    }

    static String network() {
        return "n-" + random();
    }

    static String binding() {
        return random();
    }

    private static String random() {
        StringBuilder id = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            id.append(DIGITS.charAt(RANDOM.nextInt(DIGITS.length())));
        }
        return id.toString();
    }
}
