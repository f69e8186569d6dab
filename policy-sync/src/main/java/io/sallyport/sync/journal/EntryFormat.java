package io.sallyport.sync.journal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Version 1 on disk: a line {@code sallyport-journal 1 <sha-256 of the rest>}, then the entry as
 * JSON. A truncated or altered file cannot have the digest in its first line.
 */
final class EntryFormat {
    private static final String MAGIC = "sallyport-journal 1 ";
    private static final int DIGEST_DIGITS = 64;
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private EntryFormat() {}

    static String write(Journal.Entry entry) {
        String body = JSON.writeValueAsString(entry);
        return MAGIC + digest(body) + "\n" + body;
    }

    /**
     * @throws IllegalArgumentException if this is not, to the octet, what was written
     */
    static Journal.Entry read(String text) {
        int bodyAt = MAGIC.length() + DIGEST_DIGITS + 1;
        if (text.length() <= bodyAt || !text.startsWith(MAGIC) || text.charAt(bodyAt - 1) != '\n') {
            throw new IllegalArgumentException("not a journal entry of version 1, or cut short");
        }
        String body = text.substring(bodyAt);
        if (!digest(body).equals(text.substring(MAGIC.length(), bodyAt - 1))) {
            throw new IllegalArgumentException("its digest does not match: truncated or altered");
        }
        try {
            return JSON.readValue(body, Journal.Entry.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "its digest matches, but it is not an entry: " + e.getOriginalMessage(), e);
        }
    }

    private static String digest(String body) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(body.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
