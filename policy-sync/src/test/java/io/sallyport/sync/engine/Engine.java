package io.sallyport.sync.engine;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One Docker engine: its own directories, its own socket, the network namespace that it was started
 * in. Tests that use Testcontainers find the engine that was started last.
 */
public final class Engine implements AutoCloseable {
    /** The image of {@link #tools()}. */
    public static final String TOOLS = "sallyport-test/tools:1";

    private static final long PATIENCE_SECONDS = 60;

    /** How the engine's process is started: in which namespaces, with which resolv.conf. */
    public interface Entry {
        ProcessBuilder enter(String... command);
    }

    private final Entry entry;
    private final Path directory;
    private Process process;

    private Engine(Entry entry, Path directory) {
        this.entry = entry;
        this.directory = directory;
        this.process = launch();
    }

    /** An engine that answers, such as {@code Engine.start(netns::entered)}. */
    public static Engine start(Entry entry) {
        try {
            Engine engine = new Engine(entry, Files.createTempDirectory("sallyport-engine"));
            EngineStrategy.use(engine.host());
            return engine;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path socket() {
        return directory.resolve("docker.sock");
    }

    /** As {@code DOCKER_HOST} wants it. */
    public String host() {
        return "unix://" + socket();
    }

    public long pid() {
        return process.pid();
    }

    /** Runs the engine's own command line, a minute at most. */
    public Result docker(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker", "--host", host()));
        command.addAll(List.of(arguments));
        return Netns.host(command.toArray(String[]::new));
    }

    /** Imports a tree of files as an image. */
    public void image(Rootfs rootfs, String name, String... changes) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "tar -C \"$0\" -c . | \"$@\""));
        command.addAll(
                List.of(rootfs.directory().toString(), "docker", "--host", host(), "import"));
        for (String change : changes) {
            command.addAll(List.of("--change", change));
        }
        command.addAll(List.of("-", name));
        Netns.host(command.toArray(String[]::new)).ok();
    }

    /** The image {@link #TOOLS}: a shell, {@code curl}, {@code dig}, {@code busybox}. */
    public Engine tools() {
        Path tree = directory.resolve("tools");
        image(
                Rootfs.in(tree).programs("sh", "curl", "dig", "busybox", "sleep", "cat"),
                TOOLS,
                "CMD [\"sleep\", \"1000000\"]",
                "ENV PATH=/bin");
        delete(tree);
        return this;
    }

    /** Ends the engine as a service manager does, or as a crash does, and starts it again. */
    public void restart(boolean crash) {
        stop(crash);
        process = launch();
    }

    @Override
    public void close() {
        docker("ps", "-aq")
                .output()
                .lines()
                .filter(line -> line.matches("[0-9a-f]+"))
                .forEach(id -> docker("rm", "-f", id));
        stop(false);
        Netns.host(
                "sh", "-c", "grep -o \"$0[^ ]*\" /proc/mounts | xargs -r umount", directory + "/");
        delete(directory);
    }

    private Process launch() {
        try {
            Path log = directory.resolve("log");
            Process started =
                    entry.enter(
                                    "dockerd",
                                    "--data-root=" + directory.resolve("data"),
                                    "--exec-root=" + directory.resolve("exec"),
                                    "--pidfile=" + directory.resolve("pid"),
                                    "--host=" + host(),
                                    "--storage-driver=overlay2",
                                    // Neither may be one of this machine's own networks.
                                    "--bip=198.18.0.1/24",
                                    "--default-address-pool=base=198.18.128.0/17,size=24")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start();
            await(() -> {
                if (!started.isAlive()) {
                    throw new AssertionError("the engine ended: " + log());
                }
                return docker("version").exit() == 0;
            });
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void stop(boolean crash) {
        List<ProcessHandle> family = process.descendants().toList();
        if (crash) {
            // The containers' shims are nobody's children, so containers live on.
            process.destroyForcibly();
            family.forEach(ProcessHandle::destroyForcibly);
            // Where nobody reaps it, the dead containerd would pass for a living one.
            delete(directory.resolve("exec/containerd/containerd.pid"));
        } else {
            process.destroy();
        }
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                family.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private String log() {
        try {
            List<String> lines =
                    Files.readAllLines(directory.resolve("log"), StandardCharsets.UTF_8);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("the engine does not answer: " + log());
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    private static void delete(Path tree) {
        // Not with Java's own walk: an image holds files that it cannot name.
        Netns.host("rm", "-rf", "--one-file-system", tree.toString()).ok();
    }
}
