package io.sallyport.helm;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.engine.Engine;
import io.sallyport.sync.engine.Rootfs;
import io.sallyport.sync.world.World;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A host with an engine that has the image, made by the launcher. */
record ImageHost(World world, Engine engine) implements AutoCloseable {
    static final String REPOSITORY = "sallyport-test/node";
    static final String TAG = "1";
    static final String IMAGE = REPOSITORY + ":" + TAG;

    private static final String JDK = "sallyport-test/jdk:1";
    private static final String BASE = "sallyport-test/base:1";
    private static final long PATIENCE_SECONDS = 60;

    static ImageHost make(Path directory) {
        World world = World.start();
        ImageHost made = new ImageHost(world, Engine.start(world::asHost));
        made.image(directory);
        return made;
    }

    private void image(Path directory) {
        Path java = Path.of(System.getProperty("java.home"));
        Rootfs jdk =
                Rootfs.in(directory.resolve("jdk"))
                        .programs("sh", "mv", "mkdir", "rm", "find", "sed", "cat", "uname")
                        .tree(java, "java");
        engine.image(jdk, JDK, "ENV PATH=/java/bin:/bin");
        Rootfs base =
                Rootfs.in(directory.resolve("base"))
                        .programs("sh", "cat", "rm", "touch", "grep")
                        .programs("ip", "ipset", "conntrack", "setcap")
                        .programs("iptables", "iptables-restore", "iptables-save", "nsenter")
                        .programs("ip6tables", "ip6tables-restore", "ip6tables-save")
                        // By these the chart's first container hands over its directories.
                        .programs("stat", "chmod", "chown", "ln")
                        .extensions()
                        .libraries(java.resolve("bin/java"))
                        .libraries(java.resolve("lib/server/libjvm.so"));
        engine.image(base, BASE, "ENV PATH=/bin");
        Netns.host(
                        "env",
                        "DOCKER_HOST=" + engine.host(),
                        Path.of("../sallyport").toAbsolutePath().toString(),
                        "image",
                        IMAGE,
                        "--build-arg",
                        "JDK=" + JDK,
                        "--build-arg",
                        "BASE=" + BASE)
                .ok();
    }

    Result inside(String container, String... command) {
        List<String> words = new ArrayList<>(List.of("exec", container));
        words.addAll(List.of(command));
        return engine.docker(words.toArray(String[]::new));
    }

    String log(String container) {
        return engine.docker("logs", container).output();
    }

    /** A line of what the kernel says about a container's first process. */
    String status(String container, String field) {
        return inside(container, "cat", "/proc/1/status")
                .ok()
                .output()
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    boolean runs(String container) {
        return engine.docker("inspect", "--format={{.State.Running}}", container)
                .output()
                .strip()
                .equals("true");
    }

    /** Until it is so, a minute at most, and only while the container runs. */
    void await(String container, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (!runs(container) || System.nanoTime() > end) {
                throw new AssertionError(container + ": " + log(container));
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        engine.close();
        world.close();
    }
}
