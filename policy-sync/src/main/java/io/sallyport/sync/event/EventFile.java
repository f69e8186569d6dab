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
    /** Some 40,000 lines: a month of a node where something happens each minute. */
    static final long MOST_OCTETS = 8 << 20;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    private final Path path;
    private final long most;
    private @Nullable FileChannel channel;
    private boolean failing;

    EventFile(Path path) {
        this(path, MOST_OCTETS);
    }

    EventFile(Path path, long most) {
        this.path = path;
        this.most = most;
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
        ByteBuffer octets = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            FileChannel open = channel == null ? open() : channel;
            if (open.size() + octets.remaining() > most) {
                open = rotate();
            }
            while (octets.hasRemaining()) {
                open.write(octets);
            }
            failing = false;
            return null;
        } catch (IOException e) {
            String problem = failing ? null : "cannot write events to " + path + ": " + e;
            failing = true;
            close();
            return problem;
        }
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
