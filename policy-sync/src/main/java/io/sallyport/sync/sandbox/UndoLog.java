package io.sallyport.sync.sandbox;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.sync.host.Host;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one run has changed on the host, written down before each change: a directory with a log and
 * a lock that the living process holds. A directory whose lock is free is what a crash left.
 */
final class UndoLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UndoLog.class);
    private static final Path BASE = Path.of("/run/sallyport");

    private final Path directory;
    private final FileChannel lock;

    private UndoLog(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /** Work on the logs of all runs. */
    private interface Work<T> {
        T run() throws IOException;
    }

    /** Runs work while no other run starts, ends or changes a setting. */
    private static <T> T alone(Work<T> work) throws IOException {
        Files.createDirectories(BASE);
        try (FileChannel channel =
                        FileChannel.open(
                                BASE.resolve(".lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            return work.run();
        }
    }

    /** A new log for the run with this name. */
    static UndoLog create(String name) throws IOException {
        Path directory = BASE.resolve(name);
        return alone(() -> {
            Files.createDirectory(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            FileChannel channel = lockFile(directory);
            if (channel.tryLock() == null) {
                channel.close();
                throw new IOException(directory + " is in use by another run");
            }
            return new UndoLog(directory, channel);
        });
    }

    /** Undoes what runs that are no longer alive have left. */
    static void undoLeftovers() throws IOException {
        alone(() -> {
            for (Path directory : runs()) {
                try (FileChannel channel = lockFile(directory)) {
                    FileLock free = channel.tryLock();
                    if (free != null) {
                        LOG.info("undoing what an earlier run left: {}", directory);
                        new UndoLog(directory, channel).undo();
                    }
                }
            }
            return BASE;
        });
    }

    private static List<Path> runs() throws IOException {
        try (Stream<Path> listed = Files.list(BASE)) {
            return listed.filter(path -> path.getFileName().toString().startsWith("run-")).toList();
        }
    }

    Path directory() {
        return directory;
    }

    private Path steps() {
        return directory.resolve("undo");
    }

    /** Writes a step down; the step comes after. Words must not contain white space. */
    void note(String... words) throws IOException {
        append(steps(), String.join(" ", words));
    }

    private static void append(Path steps, String step) throws IOException {
        Files.writeString(steps, step + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /**
     * Changes a kernel setting and remembers how it was, or that another run has changed it and
     * this one needs it so.
     */
    void change(String key, String value) throws IOException {
        alone(() -> {
            String before = Host.setting(key);
            if (before.equals(value)) {
                note("needs", key);
            } else {
                note("setting", key, before);
                Host.change(key, value);
            }
            return key;
        });
    }

    /**
     * Undoes every step, the last one first, and forgets the run. A step that cannot be undone is
     * told and passed.
     */
    void undo() throws IOException {
        List<String> steps =
                Files.exists(steps())
                        ? new ArrayList<>(Files.readAllLines(steps()))
                        : new ArrayList<>();
        for (String step : steps.reversed()) {
            try {
                undo(List.of(step.split(" ", -1)));
            } catch (IOException | RuntimeException e) {
                LOG.warn("could not undo \"{}\": {}", step, e.getMessage());
            }
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void undo(List<String> step) throws IOException {
        switch (step.getFirst()) {
            case "setting" -> {
                if (!handedOver(step) && Host.hasSetting(step.get(1))) {
                    Host.change(step.get(1), step.get(2));
                }
            }
            case "needs" -> {
                // Whoever changed it puts it back.
            }
            case "interface" -> {
                if (Host.hasInterface(step.get(1))) {
                    Host.ip("link", "delete", step.get(1));
                }
            }
            case "firewall" -> {
                try (Firewall firewall = Firewall.open(installation(step))) {
                    firewall.uninstall();
                } catch (FirewallException e) {
                    throw new IOException(e.getMessage(), e);
                }
            }
            default -> throw new IOException("not a step that can be undone");
        }
    }

    /** A setting that another run still needs is that one's to put back. */
    private boolean handedOver(List<String> setting) throws IOException {
        for (Path other : runs()) {
            Path steps = other.resolve("undo");
            if (!other.equals(directory)
                    && Files.exists(steps)
                    && Files.readAllLines(steps).contains("needs " + setting.get(1))) {
                append(steps, String.join(" ", setting));
                return true;
            }
        }
        return false;
    }

    /** The step that undoes a firewall: its name and the resolver's addresses. */
    void noteFirewall(Firewall.Installation installation) throws IOException {
        note(
                "firewall",
                installation.id(),
                installation.dns4().getHostAddress(),
                installation.dns6().getHostAddress());
    }

    private static Firewall.Installation installation(List<String> step) {
        return new Firewall.Installation(
                step.get(1),
                (Inet4Address) InetAddress.ofLiteral(step.get(2)),
                (Inet6Address) InetAddress.ofLiteral(step.get(3)),
                Link.REDIRECTED,
                Link.PAGE,
                List.of());
    }

    private static FileChannel lockFile(Path directory) throws IOException {
        return FileChannel.open(
                directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            alone(() -> {
                undo();
                return directory;
            });
        }
    }
}
