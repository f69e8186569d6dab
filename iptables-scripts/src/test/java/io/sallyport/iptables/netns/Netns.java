package io.sallyport.iptables.netns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * A real network namespace, alone in the world until it is joined to another by a veth pair.
 * Commands enter it with {@code nsenter --net}, which leaves mounts as they are.
 */
public final class Netns implements AutoCloseable {

    /** What a command printed, standard error included, and how it ended. */
    public record Result(int exit, String output) {
        public Result ok() {
            if (exit != 0) {
                throw new AssertionError("exit " + exit + ": " + output);
            }
            return this;
        }
    }

    private static final long TIMEOUT_SECONDS = 180;

    private final String name;

    private Netns(String name) {
        this.name = name;
    }

    /** A new namespace with its loopback up and a name that starts with {@code prefix}. */
    public static Netns create(String prefix) {
        Netns netns = new Netns(prefix + "-" + UUID.randomUUID().toString().substring(0, 8));
        host("ip", "netns", "add", netns.name).ok();
        netns.run("ip", "link", "set", "lo", "up").ok();
        return netns;
    }

    /**
     * Joins two namespaces: an interface in each, up, without addresses (IPv6 link-local ones
     * excepted).
     */
    public static void join(Netns left, String leftInterface, Netns right, String rightInterface) {
        host(
                        "ip",
                        "-n",
                        left.name,
                        "link",
                        "add",
                        leftInterface,
                        "type",
                        "veth",
                        "peer",
                        "name",
                        rightInterface,
                        "netns",
                        right.name)
                .ok();
        left.run("ip", "link", "set", leftInterface, "up").ok();
        right.run("ip", "link", "set", rightInterface, "up").ok();
    }

    public String name() {
        return name;
    }

    /** Adds an address without waiting for duplicate address detection. */
    public Netns address(String interfaceName, String cidr) {
        List<String> command =
                new ArrayList<>(List.of("ip", "address", "add", cidr, "dev", interfaceName));
        if (cidr.contains(":")) {
            command.add("nodad");
        }
        run(command.toArray(String[]::new)).ok();
        return this;
    }

    /** Adds a route: {@code default} or a block, by a gateway. */
    public Netns route(String destination, String gateway) {
        run("ip", gateway.contains(":") ? "-6" : "-4", "route", "add", destination, "via", gateway)
                .ok();
        return this;
    }

    /**
     * @param settings each {@code key=value}
     */
    public void sysctl(String... settings) {
        run(Stream.concat(Stream.of("sysctl", "-qw"), Stream.of(settings)).toArray(String[]::new))
                .ok();
    }

    /** Runs one {@code ip} that reads these lines, and fails if it refuses one. */
    public void ip(String lines) {
        feed(lines, "ip", "-batch", "-");
    }

    /** Runs a command in the namespace with this as its standard input, and fails if it does. */
    public void feed(String input, String... command) {
        try {
            Process process = start(command);
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + ": " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Runs a command in the namespace and waits for it, three minutes at most. */
    public Result run(String... command) {
        return finish(entered(command));
    }

    /** Runs a command in the host's namespace and waits for it. */
    public static Result host(String... command) {
        return finish(new ProcessBuilder(command));
    }

    /**
     * Starts a command in the namespace; the caller ends it. Standard error goes with standard
     * output.
     */
    public Process start(String... command) {
        try {
            return entered(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A builder for a command in the namespace, for tests that need its streams or environment. */
    public ProcessBuilder entered(String... command) {
        List<String> whole = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + name));
        whole.addAll(List.of(command));
        return new ProcessBuilder(whole);
    }

    @Override
    public void close() {
        host("ip", "netns", "delete", name);
    }

    /** What still runs then would keep its pipe open, and its reader waiting. */
    private static void endInTime(Process process, AtomicBoolean late) {
        try {
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                late.set(true);
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Result finish(ProcessBuilder builder) {
        try {
            Process process = builder.redirectErrorStream(true).start();
            process.getOutputStream().close();
            AtomicBoolean late = new AtomicBoolean();
            var guard = Thread.ofVirtual().start(() -> endInTime(process, late));
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            guard.join();
            if (late.get()) {
                throw new AssertionError(
                        "no end after "
                                + TIMEOUT_SECONDS
                                + " s: "
                                + builder.command()
                                + "\n"
                                + output);
            }
            return new Result(process.exitValue(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
