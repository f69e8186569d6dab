package io.sallyport.sync.data;

import io.sallyport.sync.host.Host;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One installation's directory, mode 0700: store, journal, the node's socket and its identity.
 *
 * @param path absolute
 */
public record DataDirectory(Path path) {
    /** Short enough for chain names, long enough that two installations on a host do not meet. */
    private static final int ID_LENGTH = 5;

    private static final long LOOK_NANOS = 1_000_000;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rwx------");
    private static final String ID_DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

    public DataDirectory {
        path = path.toAbsolutePath().normalize();
    }

    /** Where root, or anyone else, keeps an installation if nothing else is said. */
    public static DataDirectory byDefault() {
        String named = System.getenv("SALLYPORT_DATA");
        if (named != null && !named.isEmpty()) {
            return new DataDirectory(Path.of(named));
        }
        return new DataDirectory(Path.of(Host.isRoot() ? "/var/lib/sallyport" : "var"));
    }

    /**
     * Makes the directory if it is not there.
     *
     * @throws IOException if it cannot be made, or others may write into it and so swap its files
     */
    public DataDirectory create() throws IOException {
        try {
            Files.createDirectories(path, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (IOException e) {
            throw new IOException(
                    "cannot make the directory "
                            + path
                            + " ("
                            + reason(e)
                            + "); run as its owner or name another with --data",
                    e);
        }
        Set<PosixFilePermission> found = Files.getPosixFilePermissions(path);
        if (found.contains(PosixFilePermission.GROUP_WRITE)
                || found.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(
                    "others may write into "
                            + path
                            + "; run chmod 700 "
                            + path
                            + " or name another directory with --data");
        }
        int owner = (int) Files.getAttribute(path, "unix:uid");
        if (owner != 0 && owner != Host.uid() && !isCaller(owner)) {
            throw new IOException(
                    path
                            + " belongs to another user, who could swap its files; run chown on it or name"
                            + " another directory with --data");
        }
        return this;
    }

    /** Whether this is who called sudo, and so is root anyway. */
    private static boolean isCaller(int owner) {
        return Host.isRoot() && Integer.toString(owner).equals(System.getenv("SUDO_UID"));
    }

    private static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "there is a file of that name";
            default -> String.valueOf(failure.getMessage());
        };
    }

    public Path journal() {
        return path.resolve("journal");
    }

    /** The emergency denials in force, as the control server sent them last. */
    public Path emergency() {
        return path.resolve("emergency.json");
    }

    /** What a node's rules were made from when it started last. */
    public Path lastStart() {
        return path.resolve("last-start.json");
    }

    /** What the resolver told of: one JSON document a line, the older ones beside it. */
    public Path events() {
        return path.resolve("events.jsonl");
    }

    /** The node's API, a Unix socket. */
    public Path socket() {
        return path.resolve("node.sock");
    }

    /** Whether a node listens there now; one that was killed leaves its socket behind. */
    public boolean nodeRuns() {
        try (SocketChannel node = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            return node.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** The token of the first platform admin, written on the first start. */
    public Path adminToken() {
        return path.resolve("admin.token");
    }

    /** Where client commands find what runs here, by key; empty where nothing does. */
    public Map<String, String> endpoints() throws IOException {
        return new Endpoints(path).read();
    }

    /** Says where something is found; what others said stays. */
    public void announce(Map<String, String> endpoints) throws IOException {
        new Endpoints(path).change(known -> known.putAll(endpoints));
    }

    /** Takes back what was said. */
    public void withdraw(Set<String> keys) throws IOException {
        new Endpoints(path).change(known -> known.keySet().removeAll(keys));
    }

    /**
     * What names this installation's chains and sets, made on first use by the one that has the
     * lock. A crash leaves all of it or nothing.
     *
     * @throws IOException if the file holds something else
     */
    public String installation() throws IOException {
        Path file = path.resolve("installation");
        if (!Files.exists(file)) {
            Path fresh = path.resolve("installation.new");
            Files.writeString(fresh, freshId());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        String id = Files.readString(file).strip();
        if (!id.matches("[a-z0-9]{1,6}")) {
            throw new IOException(
                    file
                            + " should hold up to 6 lower-case letters and digits, not \""
                            + id
                            + "\"");
        }
        return id;
    }

    /** By which the node that runs is asked to hand over to another process. */
    public Path handover() {
        return path.resolve("handover.sock");
    }

    /**
     * Takes the directory for this process alone, until the lock's channel is closed or the process
     * dies.
     *
     * @return null if another process has it
     */
    public @Nullable FileLock lock() throws IOException {
        return tryLock("node.lock");
    }

    /**
     * As {@link #lock()}, of somebody who is just giving it back.
     *
     * @throws IOException if it is not given back in time
     */
    public FileLock lock(Duration patience) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < end) {
            FileLock lock = lock();
            if (lock != null) {
                return lock;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        throw new IOException("another process has the data directory " + path);
    }

    /** The right to ask for a handover: those who wait for the lock let it pass meanwhile. */
    public @Nullable FileLock takeOverLock() throws IOException {
        return tryLock("take-over.lock");
    }

    /**
     * As {@link #lock()}, when whoever has it dies, at that moment. A handover between two others
     * is let pass.
     */
    public FileLock awaitLock() throws IOException {
        while (true) {
            FileLock lock = awaitLock("node.lock");
            FileLock between = takeOverLock();
            if (between != null) {
                between.acquiredBy().close();
                return lock;
            }
            lock.acquiredBy().close();
            awaitLock("take-over.lock").acquiredBy().close();
        }
    }

    private @Nullable FileLock tryLock(String name) throws IOException {
        FileChannel file = lockFile(name);
        FileLock lock = file.tryLock();
        if (lock == null) {
            file.close();
        }
        return lock;
    }

    private FileLock awaitLock(String name) throws IOException {
        return lockFile(name).lock();
    }

    private FileChannel lockFile(String name) throws IOException {
        return FileChannel.open(
                path.resolve(name),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static String freshId() {
        SecureRandom random = new SecureRandom();
        StringBuilder id = new StringBuilder(ID_LENGTH);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_DIGITS.charAt(random.nextInt(ID_DIGITS.length())));
        }
        return id.toString();
    }
}
