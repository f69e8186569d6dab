package io.sallyport.resolver.querylog;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of entries. When somebody renames it or makes another one, that is gone on with; when
 * nobody does, it is set aside by itself before it fills the disk, one older file at most.
 */
final class LogFile implements Sink {
    /** A disk that this log has filled takes no new session either. */
    private static final long MAX_OCTETS = 256L << 20;

    /** Longer than two processes write side by side. */
    private static final Duration ABANDONED = Duration.ofSeconds(30);

    private final Path path;
    private final Format format;
    private final long most;
    private @Nullable FileChannel channel;
    private @Nullable Object key;

    private LogFile(Path path, Format format, long most) {
        this.path = path;
        this.format = format;
        this.most = most;
    }

    static LogFile open(Path path, Format format) throws IOException {
        return open(path, format, MAX_OCTETS);
    }

    static LogFile open(Path path, Format format, long most) throws IOException {
        LogFile file = new LogFile(path, format, most);
        if (file.isBegun()) {
            file.setAside();
        }
        file.reopen();
        return file;
    }

    /** Whether there is a stream already, behind which no other may begin. */
    private boolean isBegun() throws IOException {
        return !format.continues() && Files.exists(path) && Files.size(path) > 0;
    }

    @Override
    public void attend() throws IOException {
        if (channel == null || !isStillThere(channel)) {
            end();
            reopen();
        }
    }

    /** The size tells what was put in its place in the moment when it was opened. */
    private boolean isStillThere(FileChannel open) throws IOException {
        try {
            BasicFileAttributes there = attributes();
            return there.fileKey().equals(key) && there.size() == open.size();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class);
    }

    /** A node that takes over has a stream of its own, for the seconds until this one ends. */
    private void reopen() throws IOException {
        if (isBegun()) {
            Instant written = Files.getLastModifiedTime(path).toInstant();
            if (written.isAfter(Instant.now().minus(ABANDONED))) {
                throw new IOException(path + " is being written by another process");
            }
            setAside();
        }
        FileChannel opened =
                FileChannel.open(
                        path,
                        Set.of(WRITE, APPEND, CREATE, LinkOption.NOFOLLOW_LINKS),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        boolean ready = false;
        try {
            key = attributes().fileKey();
            put(opened, format.beginning());
            channel = opened;
            ready = true;
        } finally {
            if (!ready) {
                opened.close();
            }
        }
    }

    private void setAside() throws IOException {
        Path aside = path.resolveSibling(path.getFileName() + ".1");
        Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void write(List<Entry> entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Entry entry : entries) {
            format.write(entry, out);
        }
        FileChannel open = channel;
        if (open == null) {
            throw new IOException(path + " is not open");
        }
        if (open.size() + out.size() > most && open.size() > format.beginning().length) {
            end();
            setAside();
            reopen();
            open = channel;
        }
        if (open != null) {
            put(open, out.toByteArray());
        }
    }

    /** A full disk may take a part: that is taken back. */
    private static void put(FileChannel open, byte[] octets) throws IOException {
        long before = open.size();
        ByteBuffer left = ByteBuffer.wrap(octets);
        try {
            while (left.hasRemaining()) {
                open.write(left);
            }
        } catch (IOException e) {
            takeBack(open, before, e);
            throw e;
        }
    }

    private static void takeBack(FileChannel open, long before, IOException why) {
        try {
            open.truncate(before);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    @Override
    public void end() {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            try (open) {
                put(open, format.end());
            } catch (IOException e) {
                // What was written before is whole.
            }
        }
    }

    @Override
    public void cut() {
        // A file keeps nobody waiting.
    }
}
