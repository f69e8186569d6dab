package io.sallyport.sync.world;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A namespace behind the host with a cable, one IPv4 and one IPv6 address, default routes to the
 * host and a resolv.conf of its own, which names Sallyport's default address until told otherwise.
 */
public final class Sandbox implements AutoCloseable {
    /** All sandboxes' addresses, for the internet's way back. */
    static final String ALL4 = "10.201.0.0/16";

    static final String ALL6 = "fd5a:11::/32";

    private static final String BIND_MOUNT = "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"";

    private final Netns netns;
    private final String interfaceName;
    private final int number;
    private final Path directory;
    private Path resolvConf;

    Sandbox(Netns host, String interfaceName, int number, Path directory) {
        this.interfaceName = interfaceName;
        this.number = number;
        this.directory = directory;
        this.netns = Netns.create("world-sandbox");
        this.resolvConf = resolvConf(directory, interfaceName, "169.254.53.53");
        Cabling.quick(netns);
        Netns.join(host, interfaceName, netns, "eth0");
        host.ip(
                """
                address add %s/30 dev %s
                address add %s/64 dev %s nodad
                """
                        .formatted(gateway4(), interfaceName, gateway6(), interfaceName));
        netns.ip(
                """
                address add %s/30 dev eth0
                address add %s/64 dev eth0 nodad
                route add default via %s
                route add ::/0 via %s
                """
                        .formatted(address4(), address6(), gateway4(), gateway6()));
    }

    public Netns netns() {
        return netns;
    }

    /** The host side of the cable; inside the sandbox it is {@code eth0}. */
    public String interfaceName() {
        return interfaceName;
    }

    public String address4() {
        return "10.201." + number + ".2";
    }

    public String address6() {
        return "fd5a:11:" + number + "::2";
    }

    /** The host's end of the cable. */
    public String gateway4() {
        return "10.201." + number + ".1";
    }

    public String gateway6() {
        return "fd5a:11:" + number + "::1";
    }

    /** What the sandbox's resolv.conf says from now on. */
    public Sandbox nameservers(String... addresses) {
        resolvConf = resolvConf(directory, interfaceName, addresses);
        return this;
    }

    /** The same, line by line: search lists, options. */
    public Sandbox resolvConf(String... lines) {
        try {
            resolvConf =
                    Files.writeString(
                            directory.resolve(interfaceName + ".resolv.conf"),
                            String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Runs a command as root of the sandbox, a minute at most. */
    public Result run(String... command) {
        return netns.run(withResolvConf(resolvConf, command));
    }

    /** A builder for a command in the sandbox, for tests that need its streams or let it run on. */
    public ProcessBuilder entered(String... command) {
        return netns.entered(withResolvConf(resolvConf, command));
    }

    /** Runs the program in the sandbox, from this JVM's class path. */
    public Result runSallyport(String... arguments) {
        return run(sallyport(arguments).toArray(String[]::new));
    }

    @Override
    public void close() {
        Cabling.remove(netns);
    }

    /** From this JVM's class path, or by the launcher that {@code sallyport.launcher} names. */
    static List<String> sallyport(String... arguments) {
        String launcher = System.getProperty("sallyport.launcher");
        if (launcher != null) {
            return Stream.concat(Stream.of(launcher), Stream.of(arguments)).toList();
        }
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.sallyport.sync.Sallyport"));
        command.addAll(List.of(arguments));
        return command;
    }

    static Path resolvConf(Path directory, String name, String... addresses) {
        try {
            return Files.writeString(
                    directory.resolve(name + ".resolv.conf"),
                    Stream.of(addresses)
                            .map(address -> "nameserver " + address + "\n")
                            .collect(Collectors.joining()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command in a mount namespace of its own, in which resolv.conf is this one. */
    static String[] withResolvConf(Path file, String... command) {
        List<String> whole =
                new ArrayList<>(
                        List.of("unshare", "--mount", "sh", "-c", BIND_MOUNT, file.toString()));
        whole.addAll(List.of(command));
        return whole.toArray(String[]::new);
    }
}
