package io.sallyport.sync.event;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines, readable by its owner only, and one older one beside it: together at most twice
 * {@link #MOST_OCTETS}. Used by one thread.
 */
final class EventFile {
    /**
     * Some 40,000 lines. A network has at most eight a minute, with domains of its choice at their
     * longest 4 kB: the two files hold three days of the worst that one can do.
     */
    static final long MOST_OCTETS = 8 << 20;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    /** How octets get there: some of them, or none and a reason. */
    @FunctionalInterface
    interface Writing {
        int write(FileChannel channel, ByteBuffer octets) throws IOException;
    }

    private final Path path;
    private final long most;
    private final Writing writing;
    private @Nullable FileChannel channel;
    private boolean failing;

    /** Whether the last line may lack its end. */
    private boolean torn;

    EventFile(Path path) {
        this(path, MOST_OCTETS, FileChannel::write);
    }

    EventFile(Path path, long most, Writing writing) {
        this.path = path;
        this.most = most;
        this.writing = writing;
    }

    FileChannel open() throws IOException {
        FileChannel opened =
                FileChannel.open(
                        path,
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                        PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.setPosixFilePermissions(path, OWNER_ONLY);
        channel = opened;
        return opened;
    }

    /**
     * Writes a line.
     *
     * @return what is wrong, once for each time that it goes wrong; null if nothing is
     */
    @Nullable String append(String line) {
        String whole = (torn ? "\n" : "") + line + "\n";
        ByteBuffer octets = ByteBuffer.wrap(whole.getBytes(StandardCharsets.UTF_8));
        try {
            FileChannel open = channel == null ? open() : channel;
            if (open.size() + octets.remaining() > most) {
                open = rotate();
            }
            while (octets.hasRemaining()) {
                writing.write(open, octets);
            }
            torn = false;
            failing = false;
            return null;
        } catch (IOException e) {
            String problem = failing ? null : "cannot write events to " + path + ": " + e;
            failing = true;
            int written = octets.position();
            torn = written == 0 ? torn : octets.get(written - 1) != '\n';
            close();
            return problem;
        }
    }

    /** Whether the last line did not get there. */
    boolean isFailing() {
        return failing;
    }

    private FileChannel rotate() throws IOException {
        close();
        Files.move(
                path,
                path.resolveSibling(path.getFileName() + ".1"),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
        return open();
    }

    void close() {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                failing = true; // the next line tells
            }
        }
    }
}
