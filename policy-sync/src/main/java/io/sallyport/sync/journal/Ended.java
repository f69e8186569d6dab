package io.sallyport.sync.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Version 1 on disk of what is over for good: a file of slots, written one after the other and
 * round again, made at its full size so that a full disk takes no word less. A slot is a number
 * that grows, a word of ASCII behind its length, and a CRC-32 of both; one that was cut short or
 * altered is no word.
 */
final class Ended {
    /** 4,096 ends of sessions, each with its pod's: 1.3 MB. */
    static final int SLOTS = 8192;

    /** "session " and the longest id, 128 letters, fit. */
    static final int LONGEST = 147;

    private static final int HEAD = Long.BYTES + 1;
    private static final int CHECKED = HEAD + LONGEST;
    static final int SLOT = CHECKED + Integer.BYTES;

    private final Path file;
    private final int slots;
    private final Syncing syncing;

    /** 0 while nobody has looked which it is. */
    private long next;

    Ended(Path file, int slots) {
        this.file = file;
        this.slots = slots;
        this.syncing = new Syncing(file);
    }

    /** All words that are there, oldest first; makes the file if need be. */
    synchronized List<String> read() throws IOException {
        TreeMap<Long, String> words = new TreeMap<>();
        ByteBuffer all =
                ByteBuffer.wrap(Files.exists(file) ? Files.readAllBytes(file) : new byte[0]);
        for (int at = 0; at + SLOT <= all.limit() && at < slots * SLOT; at += SLOT) {
            take(all.slice(at, SLOT), words);
        }
        next = words.isEmpty() ? 1 : words.lastKey() + 1;
        if (all.limit() < slots * SLOT) {
            enlarge(all.limit());
        }
        return List.copyOf(words.values());
    }

    private static void take(ByteBuffer slot, Map<Long, String> words) {
        long number = slot.getLong(0);
        int length = slot.get(Long.BYTES);
        if (number > 0
                && length > 0
                && length <= LONGEST
                && slot.getInt(CHECKED) == sum(slot.slice(0, CHECKED))) {
            byte[] word = new byte[length];
            slot.get(HEAD, word);
            words.put(number, new String(word, StandardCharsets.US_ASCII));
        }
    }

    private void enlarge(int from) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")))) {
            write(channel, ByteBuffer.allocate(slots * SLOT - from), from);
            channel.force(true);
        }
    }

    /** Durable when it returns. */
    void add(String word) throws IOException {
        byte[] octets = word.getBytes(StandardCharsets.US_ASCII);
        if (octets.length == 0 || octets.length > LONGEST) {
            throw new IOException("a word of " + octets.length + " octets does not fit");
        }
        put(octets);
        syncing.sync();
    }

    private synchronized void put(byte[] word) throws IOException {
        if (next == 0) {
            read();
        }
        ByteBuffer slot = ByteBuffer.allocate(SLOT);
        slot.putLong(next).put((byte) word.length).put(word);
        slot.putInt(CHECKED, sum(slot.slice(0, CHECKED))).rewind();
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            write(channel, slot, next % slots * SLOT);
        }
        next++;
    }

    private static void write(FileChannel channel, ByteBuffer octets, long at) throws IOException {
        long position = at;
        while (octets.hasRemaining()) {
            position += channel.write(octets, position);
        }
    }

    private static int sum(ByteBuffer octets) {
        CRC32 sum = new CRC32();
        sum.update(octets);
        return (int) sum.getValue();
    }
}
