package io.sallyport.sync.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Version 1 on disk: a line {@code sallyport-journal 1 <sha-256 of the next line>}, the entry as
 * JSON with the digest of its snapshot, a line end, and the snapshot's text. A truncated or altered
 * file cannot have both digests.
 *
 * <p>One of these reads one run's journal: a text that many entries have is looked at once, and all
 * of them share it. Any thread.
 */
final class EntryFormat {
    private static final String MAGIC = "sallyport-journal 1 ";
    private static final int DIGEST_DIGITS = 64;
    private static final int ENTRY_AT = MAGIC.length() + DIGEST_DIGITS + 1;
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /** The same, as it is read and as it is worked with. */
    private record Text(ByteBuffer octets, String text) {}

    /** By their digests, those that were found whole. */
    private final Map<String, Text> snapshots = new ConcurrentHashMap<>();

    static byte[] write(Journal.Entry entry) {
        byte[] line = JSON.writeValueAsBytes(entry);
        String head = MAGIC + digest(line, 0, line.length) + "\n";
        Journal.Bound session = entry.session();
        byte[] snapshot =
                session == null ? new byte[0] : session.snapshot().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(ENTRY_AT + line.length + 1 + snapshot.length)
                .put(head.getBytes(StandardCharsets.US_ASCII))
                .put(line)
                .put((byte) '\n')
                .put(snapshot)
                .array();
    }

    /**
     * @throws IllegalArgumentException if this is not, to the octet, what was written
     */
    Journal.Entry read(byte[] octets) {
        int end = ENTRY_AT;
        while (end < octets.length && octets[end] != '\n') {
            end++;
        }
        String head =
                new String(
                        octets, 0, Math.min(ENTRY_AT, octets.length), StandardCharsets.ISO_8859_1);
        if (end >= octets.length || !head.startsWith(MAGIC) || !head.endsWith("\n")) {
            throw new IllegalArgumentException("not a journal entry of version 1, or cut short");
        }
        if (!digest(octets, ENTRY_AT, end).equals(head.substring(MAGIC.length(), ENTRY_AT - 1))) {
            throw new IllegalArgumentException("its digest does not match: truncated or altered");
        }
        return withSnapshot(entry(octets, end), octets, end + 1);
    }

    private static Journal.Entry entry(byte[] octets, int end) {
        try {
            return JSON.readValue(octets, ENTRY_AT, end - ENTRY_AT, Journal.Entry.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "its digest matches, but it is not an entry: " + e.getOriginalMessage(), e);
        }
    }

    private Journal.Entry withSnapshot(Journal.Entry entry, byte[] octets, int from) {
        Journal.Bound session = entry.session();
        if (session != null) {
            return entry.with(session.with(snapshot(session.digest(), octets, from)));
        }
        if (from < octets.length) {
            throw new IllegalArgumentException("something follows an entry without a session");
        }
        return entry;
    }

    private String snapshot(String digest, byte[] octets, int from) {
        ByteBuffer given = ByteBuffer.wrap(octets, from, octets.length - from).slice();
        Text known = snapshots.get(digest);
        if (known != null && known.octets.equals(given)) {
            return known.text;
        }
        if (!digest(octets, from, octets.length).equals(digest)) {
            throw new IllegalArgumentException(
                    "its snapshot does not have the digest " + digest + ": truncated or altered");
        }
        String text = new String(octets, from, octets.length - from, StandardCharsets.UTF_8);
        Text first = snapshots.putIfAbsent(digest, new Text(given, text));
        return first == null ? text : first.text;
    }

    private static String digest(byte[] octets, int from, int to) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(octets, from, to - from);
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
