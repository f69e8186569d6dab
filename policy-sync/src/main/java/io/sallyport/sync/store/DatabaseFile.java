package io.sallyport.sync.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The file of the store, and who may look into it: its owner. */
final class DatabaseFile {
    private static final Set<PosixFilePermission> OWNER_DIRECTORY =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE =
            PosixFilePermissions.fromString("rw-------");

    private DatabaseFile() {}

    /** Creates what is missing; refuses a directory in which others could swap the file. */
    static Path in(Path data) throws IOException {
        Path directory = data.toAbsolutePath().normalize();
        create(directory);
        Set<PosixFilePermission> found = Files.getPosixFilePermissions(directory);
        if (found.contains(PosixFilePermission.GROUP_WRITE)
                || found.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(
                    "others may write into "
                            + directory
                            + "; run chmod 700 "
                            + directory
                            + " or choose another --data directory");
        }
        return ownersOnly(directory.resolve("sallyport.db"));
    }

    /**
     * Made before SQLite would make it with the umask's rights; its -wal and -shm files take the
     * rights over.
     */
    private static Path ownersOnly(Path file) throws IOException {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_FILE));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isRegularFile(file)) {
                throw new IOException(file + " is not a file; move it away", e);
            }
            if (!Files.getPosixFilePermissions(file).equals(OWNER_FILE)) {
                Files.setPosixFilePermissions(file, OWNER_FILE); // a copy put back from elsewhere
            }
        } catch (AccessDeniedException e) {
            throw new IOException(
                    "may not write "
                            + file
                            + "; run as its owner or choose another --data directory",
                    e);
        }
        return file;
    }

    private static void create(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            try {
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
            } catch (IOException e) {
                throw new IOException(
                        "cannot create "
                                + directory
                                + " ("
                                + e.getClass().getSimpleName()
                                + "); run as its owner or choose another --data directory",
                        e);
            }
        }
    }
}
