package io.sallyport.sync.journal;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's journal: a directory with a file for each attached network, and one of what has ended
 * for good. Every write is on disk when it returns. Any thread, as long as one network is written
 * by one at a time.
 */
public final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final String SUFFIX = ".v1";
    private static final String UNFINISHED = ".new";
    private static final String SET_ASIDE = ".corrupt";
    private static final String ENDED = "ended-1";
    private static final Pattern NETWORK = Pattern.compile("[a-z0-9-]{1,40}");

    /** A snapshot of the longest list that settings allow is far below; more is not ours. */
    private static final long MAX_FILE_OCTETS = 64L << 20;

    /**
     * A network and, once bound, its session.
     *
     * @param network the network's id; names the file
     * @param addresses blocks as text
     * @param kept whether the network stays, pending, when its session ends; false for a pod's that
     *     has had its session
     * @param session null while pending
     * @param origin null, and not written, where no container runtime asked for it
     */
    public record Entry(
            String network,
            String interfaceName,
            List<String> addresses,
            boolean kept,
            String binding,
            @Nullable Bound session,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Origin origin) {

        public Entry {
            if (!NETWORK.matcher(network).matches()) {
                throw new IllegalArgumentException(
                        "network id \"" + network + "\" cannot name a file");
            }
            addresses = List.copyOf(addresses);
        }

        /** Of a network that no container runtime asked for. */
        public Entry(
                String network,
                String interfaceName,
                List<String> addresses,
                boolean kept,
                String binding,
                @Nullable Bound session) {
            this(network, interfaceName, addresses, kept, binding, session, null);
        }

        Entry with(Bound whole) {
            return new Entry(network, interfaceName, addresses, kept, binding, whole, origin);
        }
    }

    /**
     * The bound session.
     *
     * @param started seconds since the epoch
     * @param mode null, and not written, where it enforces
     * @param lease seconds; null, and not written, where it has none
     * @param digest of the snapshot: SHA-256 in 64 lower-case hexadecimal digits
     * @param snapshot its canonical JSON; of what was read, those who have the same share one
     */
    public record Bound(
            String id,
            String org,
            @Nullable String agent,
            long started,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mode,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer lease,
            String digest,
            @JsonIgnore String snapshot) {

        Bound with(String text) {
            return new Bound(id, org, agent, started, mode, lease, digest, text);
        }
    }

    /**
     * The container that a network is for.
     *
     * @param namespace null, and not written, where it is no pod; likewise its name
     * @param uid null, and not written, where nobody told it
     */
    public record Origin(
            String container,
            String ifname,
            String device,
            int index,
            String boot,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String namespace,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String pod,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String uid) {}

    /**
     * What a restart finds.
     *
     * @param ended the words of {@link #end}, oldest first
     */
    public record Found(List<Entry> entries, List<String> setAside, List<String> ended) {}

    private final Path directory;
    private final Syncing names;
    private final Ended ended;

    private Journal(Path directory) {
        this.directory = directory;
        this.names = new Syncing(directory);
        this.ended = new Ended(directory.resolve(ENDED), Ended.SLOTS);
    }

    /** Opens, and makes if need be, the journal in {@code directory}; its mode is 0700. */
    public static Journal open(Path directory) throws IOException {
        Files.createDirectories(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new Journal(directory);
    }

    /**
     * Writes or replaces an entry: a new file, synced, renamed over the old one, and the directory
     * synced.
     *
     * @throws IOException if it is not surely on disk; the old entry, if any, is still there
     */
    public void write(Entry entry) throws IOException {
        byte[] text = EntryFormat.write(entry);
        Path fresh = directory.resolve(entry.network() + UNFINISHED);
        try (FileChannel file =
                FileChannel.open(
                        fresh,
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.TRUNCATE_EXISTING),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer octets = ByteBuffer.wrap(text);
            while (octets.hasRemaining()) {
                file.write(octets);
            }
            file.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(fresh);
            throw e;
        }
        Files.move(
                fresh,
                file(entry.network()),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        names.sync();
    }

    /** Forgets a network; does nothing if there is none. */
    public void delete(String network) throws IOException {
        Files.deleteIfExists(file(network));
        names.sync();
    }

    /**
     * Remembers what is over for good; of such words the last 8,192 are kept. A full disk takes
     * them too, if there was room when the journal was read for the first time.
     *
     * @throws IOException if it is not surely on disk
     */
    public void end(String word) throws IOException {
        ended.add(word);
    }

    /**
     * Reads every entry, several at once. Files that are truncated, altered or unreadable are
     * renamed, never deleted.
     */
    public Found read() throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(directory)) {
            files = listed.sorted().toList();
        }
        for (Path file : files) {
            if (file.toString().endsWith(UNFINISHED)) {
                Files.delete(file); // a crash came before it was reported
            }
        }
        EntryFormat format = new EntryFormat();
        List<Look> looks =
                files.parallelStream()
                        .filter(file -> file.toString().endsWith(SUFFIX))
                        .map(file -> look(file, format))
                        .toList();
        List<Entry> entries = new ArrayList<>();
        List<String> setAside = new ArrayList<>();
        for (Look look : looks) {
            switch (look) {
                case Whole(Entry entry) -> entries.add(entry);
                case Damaged(Path file, String how) -> setAside.add(setAside(file) + ": " + how);
            }
        }
        return new Found(List.copyOf(entries), List.copyOf(setAside), ended());
    }

    /** Its loss costs no session, and opens nothing. */
    private List<String> ended() {
        try {
            return ended.read();
        } catch (IOException e) {
            LOG.warn(
                    "which sessions have ended before is not known, or not kept: {}", e.toString());
            return List.of();
        }
    }

    /** What a file turns out to be. */
    private sealed interface Look {}

    private record Whole(Entry entry) implements Look {}

    private record Damaged(Path file, String how) implements Look {}

    private Look look(Path file, EntryFormat format) {
        try {
            return new Whole(entryIn(file, format));
        } catch (IOException | IllegalArgumentException e) {
            return new Damaged(file, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Renames an entry that is whole but cannot be used.
     *
     * @return what it is called now
     */
    public Path setAside(String network) throws IOException {
        return setAside(file(network));
    }

    private Path setAside(Path file) throws IOException {
        Path aside = directory.resolve(file.getFileName() + SET_ASIDE);
        Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        return aside;
    }

    private Entry entryIn(Path file, EntryFormat format) throws IOException {
        if (Files.size(file) > MAX_FILE_OCTETS) {
            throw new IOException("larger than " + MAX_FILE_OCTETS + " octets");
        }
        Entry entry = format.read(Files.readAllBytes(file));
        if (!file.equals(file(entry.network()))) {
            throw new IOException("holds the entry of another network, " + entry.network());
        }
        return entry;
    }

    private Path file(String network) {
        return directory.resolve(network + SUFFIX);
    }
}
