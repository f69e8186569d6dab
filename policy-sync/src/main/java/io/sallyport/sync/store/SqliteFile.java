package io.sallyport.sync.store;

import io.sallyport.sync.data.DataDirectory;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The file of the store, and who may look into it: its owner. */
final class SqliteFile {
    private static final Set<PosixFilePermission> OWNER_FILE =
            PosixFilePermissions.fromString("rw-------");

    private SqliteFile() {}

    /** The file in its directory, both made if need be. */
    static Path in(Path data) throws IOException {
        return ownersOnly(new DataDirectory(data).create().path().resolve("sallyport.db"));
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
}
