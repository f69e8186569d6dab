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

/**
 * The host of a world as systemd boots it, a real one as process 1 of a container that has the
 * world's network: the program in {@code /usr/bin}, the units where an administrator puts them.
 */
final class BootedHost implements AutoCloseable {
    private static final Path UNITS = Path.of("..", "docs", "systemd");
    private static final List<String> SERVICES =
            List.of(
                    "sallyport-node.service",
                    "sallyport-standby.service",
                    "sallyport-control.service");

    /** What a container has no use for, and this machine's packages may have brought. */
    private static final List<String> MASKED =
            List.of(
                    "systemd-networkd",
                    "systemd-resolved",
                    "systemd-timesyncd",
                    "systemd-logind",
                    "systemd-udevd",
                    "console-getty");

    private final Path root;
    private final Process container;
    private final long init;

    private BootedHost(Path root, Process container, long init) {
        this.root = root;
        this.container = container;
        this.init = init;
    }

    static BootedHost boot(World world, Path directory) throws IOException {
        Path root = Files.createDirectory(directory.resolve("root"));
        Path overUsr = directory.resolve("usr");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "systemd-nspawn",
                                "--quiet",
                                "--register=no",
                                "--keep-unit",
                                "--machine=h" + UUID.randomUUID().toString().substring(0, 8),
                                "--directory=" + root,
                                "--overlay-ro=/usr:" + overUsr + ":/usr",
                                "--network-namespace-path=/run/netns/" + world.host().name(),
                                "--capability=CAP_NET_ADMIN,CAP_NET_RAW",
                                "--console=pipe",
                                "--bind-ro=" + System.getProperty("java.home") + ":/opt/java"));
        etc(root);
        Files.createDirectories(overUsr.resolve("bin"));
        program(overUsr.resolve("bin"), classPath(command));
        command.add("--boot");
        Path log = directory.resolve("boot.log");
        Process container =
                new ProcessBuilder(command)
                        .redirectInput(new File("/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        Gate.await("process 1 runs", () -> container.children().findFirst().isPresent());
        long init = container.children().findFirst().orElseThrow().pid();
        BootedHost host = new BootedHost(root, container, init);
        Gate.await(
                "systemd has started all it has",
                () ->
                        host.run("systemctl", "is-system-running")
                                .output()
                                .strip()
                                .equals("running"));
        return host;
    }

    private static void etc(Path root) throws IOException {
        for (String each : List.of("var/lib", "var/log", "run", "tmp", "root", "usr", "opt")) {
            Files.createDirectories(root.resolve(each));
        }
        for (String each : List.of("bin", "sbin", "lib", "lib64")) {
            Files.createSymbolicLink(root.resolve(each), Path.of("usr", each));
        }
        Path units = Files.createDirectories(root.resolve("etc/systemd/system"));
        for (String each :
                List.of("passwd", "group", "protocols", "services", "ld.so.cache", "os-release")) {
            Netns.host(
                    "cp", "-aL", "--no-preserve=links", "/etc/" + each, root.resolve("etc") + "/");
        }
        Netns.host("rm", "-rf", root.resolve("etc/alternatives").toString()).ok();
        Netns.host("cp", "-a", "/etc/alternatives", root.resolve("etc") + "/").ok();
        Files.writeString(root.resolve("etc/machine-id"), "");
        for (String each : MASKED) {
            Files.createSymbolicLink(units.resolve(each + ".service"), Path.of("/dev/null"));
        }
        Files.createSymbolicLink(
                units.resolve("default.target"), Path.of("/usr/lib/systemd/system/basic.target"));
        for (String each : SERVICES) {
            Files.copy(UNITS.resolve(each), units.resolve(each));
        }
        Files.createDirectory(root.resolve("etc/sallyport"));
    }

    /** Mounts what the program is made of, and returns where. */
    private static String classPath(List<String> command) {
        List<String> inside = new ArrayList<>();
        for (String each :
                Splitter.on(File.pathSeparator).split(System.getProperty("java.class.path"))) {
            if (Files.exists(Path.of(each))) {
                String place =
                        "/opt/sallyport/" + inside.size() + (each.endsWith(".jar") ? ".jar" : "");
                command.add("--bind-ro=" + each + ":" + place);
                inside.add(place);
            }
        }
        return String.join(":", inside);
    }

    private static void program(Path bin, String classPath) throws IOException {
        Path program = bin.resolve("sallyport");
        Files.writeString(
                program,
                """
                #!/bin/sh
                exec /opt/java/bin/java --enable-native-access=ALL-UNNAMED \\
                    --sun-misc-unsafe-memory-access=allow -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
                    -cp %s io.sallyport.sync.Sallyport "$@"
                """
                        .formatted(classPath));
        Path takeOver = bin.resolve("sallyport-take-over");
        Files.copy(UNITS.resolve("sallyport-take-over"), takeOver);
        Netns.host("chmod", "755", program.toString(), takeOver.toString()).ok();
    }

    /** Runs a command beside its services, as an administrator who has logged in. */
    Result run(String... command) {
        List<String> whole = new ArrayList<>(List.of("nsenter", "--all", "--target=" + init, "--"));
        whole.addAll(List.of(command));
        return Netns.host(whole.toArray(String[]::new));
    }

    /** One property of a unit. */
    String property(String unit, String name) {
        return run("systemctl", "show", "--value", "--property=" + name, unit)
                .ok()
                .output()
                .strip();
    }

    /** All that a unit has said. */
    String log(String unit) {
        return run("journalctl", "--no-pager", "--output=cat", "--unit=" + unit).output();
    }

    /** A file of it as this process sees it. */
    Path file(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    void write(String absolute, String text) {
        try {
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
