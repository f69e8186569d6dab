package io.sallyport.sync.gate;

import com.google.common.base.Splitter;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.World;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The host of a world as a real systemd boots it, process 1 of a container that has the world's
 * network: the program and the units are where an administrator puts them.
 */
final class BootedHost implements AutoCloseable {
    private static final Path UNITS = Path.of("..", "docs", "systemd");

    /** A system whose programs are this machine's, and whose services are only ours. */
    private static final String INSTALL =
            """
            cd "$0" && mkdir -p root/opt root/usr root/var root/etc/systemd/system usr/bin
            ln -s usr/bin usr/sbin usr/lib usr/lib64 root
            cp -aL /etc/passwd /etc/group /etc/protocols /etc/os-release root/etc
            : >root/etc/machine-id
            cp "$1"/*.service root/etc/systemd/system
            cp "$1"/sallyport-take-over usr/bin
            printf '#!/bin/sh\\nexec %s "$@"\\n' "$2" >usr/bin/sallyport
            chmod 755 usr/bin/*
            """;

    private final Path directory;
    private final Process container;

    private BootedHost(Path directory, Process container) {
        this.directory = directory;
        this.container = container;
    }

    /**
     * @param directory where its files are made
     * @return one that may not be up yet
     */
    static BootedHost start(World world, Path directory) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "systemd-nspawn",
                                "--quiet",
                                "--register=no",
                                "--keep-unit",
                                "--console=pipe",
                                "--machine=h" + UUID.randomUUID().toString().substring(0, 8),
                                "--directory=" + directory.resolve("root"),
                                "--bind-ro=/etc/alternatives",
                                "--overlay-ro=/usr:" + directory.resolve("usr") + ":/usr",
                                "--network-namespace-path=/run/netns/" + world.host().name(),
                                "--capability=CAP_NET_ADMIN,CAP_NET_RAW"));
        String program = program(command);
        Netns.host("sh", "-euc", INSTALL, directory.toString(), absolute(UNITS), program).ok();
        command.addAll(List.of("--boot", "systemd.unit=basic.target"));
        return new BootedHost(
                directory,
                new ProcessBuilder(command)
                        .redirectInput(new File("/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("boot.log").toFile())
                        .start());
    }

    void up() {
        await(
                "systemd has started all it has",
                () -> run("systemctl", "is-system-running", "--wait").exit() == 0);
    }

    private static String absolute(Path path) {
        return path.toAbsolutePath().normalize().toString();
    }

    /**
     * Mounts what the program is made of where the units let it be seen, and tells how to run it.
     */
    private static String program(List<String> command) {
        String classPath = System.getProperty("java.class.path");
        List<String> inside = new ArrayList<>();
        for (String each : Splitter.on(File.pathSeparator).split(classPath)) {
            if (Files.exists(Path.of(each))) {
                inside.add("/opt/" + inside.size() + (each.endsWith(".jar") ? ".jar" : ""));
                command.add("--bind-ro=" + each + ":" + inside.getLast());
            }
        }
        String java = System.getProperty("java.home");
        command.add("--bind-ro=" + java + ":/opt/java");
        return String.join(" ", World.sallyport())
                .replace(classPath, String.join(File.pathSeparator, inside))
                .replace(java, "/opt/java");
    }

    /** Runs a command beside its services, as an administrator who has logged in. */
    Result run(String... command) {
        long init = container.children().mapToLong(ProcessHandle::pid).findFirst().orElse(0);
        List<String> whole = new ArrayList<>(List.of("nsenter", "--all", "--target=" + init, "--"));
        whole.addAll(List.of(command));
        return Netns.host(whole.toArray(String[]::new));
    }

    void await(String what, BooleanSupplier condition) {
        try {
            Gate.await(what, condition);
        } catch (AssertionError e) {
            throw new AssertionError(log(), e);
        }
    }

    /** One property of a unit. */
    String property(String unit, String name) {
        return run("systemctl", "show", "--value", "--property=" + name, unit)
                .ok()
                .output()
                .strip();
    }

    /** All that it and its services have said. */
    String log() {
        try {
            return Files.readString(directory.resolve("boot.log"))
                    + run("journalctl", "--output=short-monotonic", "--unit=sallyport-*").output();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of it as this process sees it. */
    Path file(String absolute) {
        return directory.resolve("root" + absolute);
    }

    void write(String absolute, String text) {
        try {
            Files.createDirectories(file(absolute).getParent());
            Files.writeString(file(absolute), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        container.descendants().forEach(ProcessHandle::destroyForcibly);
        container.destroyForcibly();
        try {
            if (!container.waitFor(30, TimeUnit.SECONDS)) {
                throw new AssertionError("the container does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
