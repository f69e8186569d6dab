package io.sallyport.resolver.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Compiled lists by the digest of their entries, as long as some policy holds them. Policies differ
 * in their labels, because a denial names its snapshot; the lists behind them are few, for
 * organisations of one level have the same presets.
 */
final class SharedLists {
    private static final Cache<ByteBuffer, EntryList> LISTS =
            Caffeine.newBuilder().weakValues().build();

    private static final EntryList NONE = new EntryList(List.of());

    private SharedLists() {}

    static EntryList of(List<Entry> entries) {
        return entries.isEmpty()
                ? NONE
                : LISTS.get(digest(entries), unknown -> new EntryList(entries));
    }

    /** SHA-256, so that nobody can write a list that is taken for another's. */
    private static ByteBuffer digest(List<Entry> entries) {
        MessageDigest sha256 = sha256();
        ByteBuffer numbers = ByteBuffer.allocate(Integer.BYTES);
        String source = "";
        for (Entry entry : entries) {
            DomainPattern pattern = entry.pattern();
            sha256.update((byte) pattern.scope().prefix().length());
            sha256.update(pattern.name().octets()); // ends in the root label
            number(sha256, numbers, pattern.ports().size());
            for (int port : pattern.ports()) {
                number(sha256, numbers, port);
            }
            boolean same = entry.source().equals(source);
            sha256.update((byte) (same ? 1 : 0));
            if (!same) {
                source = entry.source();
                byte[] text = source.getBytes(StandardCharsets.UTF_8);
                number(sha256, numbers, text.length);
                sha256.update(text);
            }
        }
        return ByteBuffer.wrap(sha256.digest());
    }

    private static void number(MessageDigest digest, ByteBuffer scratch, int number) {
        digest.update(scratch.clear().putInt(number).flip());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
