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

    static byte[] write(Journal.Entry entry) {
        String body = JSON.writeValueAsString(entry);
        byte[] octets = body.getBytes(StandardCharsets.UTF_8);
        return (MAGIC + digest(octets, 0) + "\n" + body).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @throws IllegalArgumentException if this is not, to the octet, what was written
     */
    static Journal.Entry read(byte[] octets) {
        int bodyAt = MAGIC.length() + DIGEST_DIGITS + 1;
        String head =
                new String(octets, 0, Math.min(bodyAt, octets.length), StandardCharsets.ISO_8859_1);
        if (octets.length <= bodyAt || !head.startsWith(MAGIC) || !head.endsWith("\n")) {
            throw new IllegalArgumentException("not a journal entry of version 1, or cut short");
        }
        if (!digest(octets, bodyAt).equals(head.substring(MAGIC.length(), bodyAt - 1))) {
            throw new IllegalArgumentException("its digest does not match: truncated or altered");
        }
        try {
            return JSON.readValue(octets, bodyAt, octets.length - bodyAt, Journal.Entry.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "its digest matches, but it is not an entry: " + e.getOriginalMessage(), e);
        }
    }

    private static String digest(byte[] octets, int from) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(octets, from, octets.length - from);
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
