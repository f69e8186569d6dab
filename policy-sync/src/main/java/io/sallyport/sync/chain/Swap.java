package io.sallyport.sync.chain;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** Puts a file where another was, whole or not at all. */
final class Swap {
    /** No runtime takes such a name for a configuration. */
    private static final String UNFINISHED = ".sallyport-new";

    /** What is older was left by a process that was killed. */
    private static final Duration LEFT = Duration.ofMinutes(1);

    private Swap() {}

    static void in(Path file, byte[] octets, String mode) throws IOException {
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
        // A name of its own: the installer before an update may be writing the same file.
        Path fresh =
                Files.createTempFile(
                        file.resolveSibling("."),
                        "." + file.getFileName() + ".",
                        UNFINISHED,
                        PosixFilePermissions.asFileAttribute(permissions));
        try {
            try (FileChannel channel =
                    FileChannel.open(fresh, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                ByteBuffer rest = ByteBuffer.wrap(octets);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.setPosixFilePermissions(fresh, permissions); // whatever the umask
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(fresh);
            throw e;
        }
        sync(file.resolveSibling("."));
    }

    /** Takes away what processes left that were killed while they wrote. */
    static void sweep(Path directory) {
        Instant limit = Instant.now().minus(LEFT);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, ".*" + UNFINISHED)) {
            for (Path file : left) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        && Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // It is not there yet, or another sweeps too. Such a file harms nobody.
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
