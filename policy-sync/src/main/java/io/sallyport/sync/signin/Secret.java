package io.sallyport.sync.signin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A value that only one browser knows. It does not print itself.
 *
 * @param text 43 characters
 */
record Secret(String text) {
    /** 256 bits: nobody guesses it, and a fast hash of it is safe to store. */
    private static final int OCTETS = 32;

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final SecureRandom RANDOM = new SecureRandom();

    Secret {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("not a secret of ours");
        }
    }

    static Secret fresh() {
        byte[] octets = new byte[OCTETS];
        RANDOM.nextBytes(octets);
        return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(octets));
    }

    /** What someone sent, if it has the form of a secret. */
    static Optional<Secret> of(String sent) {
        return FORM.matcher(sent).matches() ? Optional.of(new Secret(sent)) : Optional.empty();
    }

    /** What is stored in its place. */
    String hash() {
        return HexFormat.of().formatHex(sha256(text));
    }

    /** Another secret that follows from this one and does not give it away. */
    Secret derive(String purpose) {
        return new Secret(
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(sha256(purpose + '\0' + text)));
    }

    /** Takes as long for a near miss as for a far one. */
    boolean is(String sent) {
        return MessageDigest.isEqual(
                text.getBytes(StandardCharsets.UTF_8), sent.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "Secret";
    }
}
