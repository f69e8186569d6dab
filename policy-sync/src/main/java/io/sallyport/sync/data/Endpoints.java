package io.sallyport.sync.data;

import io.sallyport.sync.document.Document;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** {@code endpoints.json}: a node and a control server may each have their part in it. */
final class Endpoints {
    private static final Object IN_THIS_PROCESS = new Object(); // a file's lock is a process's

    private final Path file;
    private final Path lock;

    Endpoints(Path directory) {
        this.file = directory.resolve("endpoints.json");
        this.lock = directory.resolve("endpoints.lock");
    }

    /** A file that is not there or makes no sense says nothing: what runs will say it again. */
    Map<String, String> read() throws IOException {
        Map<String, String> endpoints = new TreeMap<>();
        try {
            Document.json(Files.readString(file))
                    .fields()
                    .rest()
                    .forEach((key, value) -> endpoints.put(key, value.textOrNumber()));
            return endpoints;
        } catch (NoSuchFileException | IllegalArgumentException e) {
            return new TreeMap<>();
        }
    }

    void change(Consumer<Map<String, String>> change) throws IOException {
        synchronized (IN_THIS_PROCESS) {
            try (FileChannel channel =
                            FileChannel.open(
                                    lock,
                                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                                    PosixFilePermissions.asFileAttribute(
                                            PosixFilePermissions.fromString("rw-------")));
                    FileLock held = channel.lock()) {
                Map<String, String> endpoints = read();
                change.accept(endpoints);
                write(endpoints, held);
            }
        }
    }

    private void write(Map<String, String> endpoints, FileLock held) throws IOException {
        if (!held.isValid()) {
            throw new IOException("lost the lock of " + file);
        }
        if (endpoints.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        Path fresh = file.resolveSibling("endpoints.new");
        Map<String, Object> document = new TreeMap<>(endpoints);
        document.replaceAll((_, value) -> isNumber(value) ? Long.valueOf((String) value) : value);
        Files.writeString(fresh, Document.canonical(document) + "\n");
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static boolean isNumber(Object value) {
        return ((String) value).matches("[0-9]{1,18}");
    }
}
