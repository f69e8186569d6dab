package io.sallyport.sync.sandbox;

import io.sallyport.sync.host.Host;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command in its namespaces: started at once, let go when its network is ready. */
final class Inside implements AutoCloseable {
    /** Namespaces are made in milliseconds; longer means that the kernel refuses. */
    private static final long UNSHARE_MILLIS = 10_000;

    private static final List<String> NAMESPACES =
            List.of(
                    "--net",
                    "--mount",
                    "--pid",
                    "--ipc",
                    "--fork",
                    "--kill-child",
                    "--mount-proc",
                    "--propagation",
                    "private");
    private static final List<String> MOUNTS_ONLY =
            List.of("--mount", "--fork", "--kill-child", "--propagation", "private");

    /** An ordinary user may mount only where it is root, in a namespace of its own. */
    private static final List<String> OWN_USERS = List.of("--user", "--map-root-user");

    private final Process process;
    private final RandomAccessFile go;

    private Inside(Process process, RandomAccessFile go) {
        this.process = process;
        this.go = go;
    }

    /**
     * Starts the namespaces; the command waits in them.
     *
     * @param resolvConf the text that the command finds in /etc/resolv.conf
     * @param hidden a directory that it finds empty
     * @param network whether it gets a network of its own
     */
    static Inside start(
            Path directory,
            String resolvConf,
            Path hidden,
            boolean network,
            User user,
            List<String> command)
            throws IOException {
        Path up = directory.resolve("up");
        Path pipe = directory.resolve("go");
        Path sockets = directory.resolve("sockets");
        Host.run("mkfifo", "-m", "600", pipe.toString());
        Files.write(
                sockets, network ? HostSockets.paths() : List.of(), StandardCharsets.ISO_8859_1);
        List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "unshare"));
        words.addAll(network ? NAMESPACES : MOUNTS_ONLY);
        if (!Host.isRoot()) {
            words.addAll(OWN_USERS);
        }
        words.addAll(
                List.of(
                        "sh",
                        "-c",
                        script(),
                        "sallyport",
                        up.toString(),
                        pipe.toString(),
                        resolvConf));
        words.addAll(List.of(hidden.toString(), network ? "net" : "dns-only", sockets.toString()));
        words.addAll(user.prefix());
        words.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
        builder.environment().putAll(user.environment());
        if (network) {
            Syscalls.refuse();
        }
        // Both ends in one descriptor: opening it never blocks, whatever becomes of the other side.
        Inside inside = new Inside(builder.start(), new RandomAccessFile(pipe.toFile(), "rw"));
        inside.awaitNamespaces(up);
        return inside;
    }

    /** A process in the command's namespaces. */
    long pid() {
        return process.pid();
    }

    /** Lets the command go and returns its exit code when it has ended. */
    int run() throws IOException, InterruptedException {
        go.write("go\n".getBytes(StandardCharsets.UTF_8));
        return process.waitFor();
    }

    private void awaitNamespaces(Path up) throws IOException {
        long start = System.nanoTime();
        while (!Files.exists(up)) {
            if (!process.isAlive() || System.nanoTime() - start > UNSHARE_MILLIS * 1_000_000) {
                close();
                throw new IOException(
                        "the kernel made no namespaces for the command (unshare says why above);"
                                + " a container needs CAP_SYS_ADMIN for this");
            }
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    private static String script() {
        try (var stream = Inside.class.getResourceAsStream("inside.sh")) {
            if (stream == null) {
                throw new IllegalStateException("inside.sh is not in the program's jar");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills what is left of the command. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        go.close();
    }
}
