package io.sallyport.sync.host;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** This host, in the network namespace this process lives in. */
public final class Host {
    /** IFNAMSIZ less the terminating zero. */
    private static final int MAX_INTERFACE_NAME = 15;

    /** ENODEV. */
    private static final int NO_DEVICE = 19;

    /** No more name servers than the C library reads. */
    private static final int MAX_NAME_SERVERS = 3;

    private static final int DNS = 53;
    private static final Splitter SPACES = Splitter.on(CharMatcher.whitespace()).omitEmptyStrings();

    private Host() {}

    /**
     * Whether an interface of this name exists. Asks the kernel, because {@code /sys/class/net} may
     * show another namespace and Java lists only interfaces that have addresses.
     */
    public static boolean hasInterface(String name) {
        return interfaceIndex(name) != 0;
    }

    /**
     * The kernel's number of an interface, which no later one of the name has; 0 if none has it.
     */
    public static int interfaceIndex(String name) {
        if (name.isEmpty() || name.length() > MAX_INTERFACE_NAME) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(IfNameToIndex.STATE);
            int index = (int) IfNameToIndex.CALL.invokeExact(state, arena.allocateFrom(name));
            int error = (int) IfNameToIndex.ERROR.get(state, 0L);
            if (index == 0 && error != NO_DEVICE) {
                // Such as no file descriptor left: whoever believes it gone would end a session.
                throw new IllegalStateException(
                        "the kernel does not say whether " + name + " exists: error " + error);
            }
            return index;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("if_nametoindex takes a string and returns a number", e);
        }
    }

    /** What the kernel calls this run of itself. */
    public static String boot() {
        return Boot.ID;
    }

    /** Whether a default route of this host, IPv4 or IPv6, leads through the interface. */
    public static boolean isUplink(String interfaceName) {
        // Columns: interface, destination, five more, mask; all in hexadecimal.
        boolean ipv4 =
                routes("/proc/net/route", "")
                        .anyMatch(words ->
                                words.getFirst().equals(interfaceName)
                                        && words.get(1).equals("00000000")
                                        && words.get(7).equals("00000000"));
        // Columns: destination, its length, …, interface; the kernel's own unreachable one is on
        // lo.
        return ipv4
                || routes("/proc/net/ipv6_route", "0".repeat(32) + " 00 ")
                        .anyMatch(words -> words.getLast().equals(interfaceName));
    }

    /** Those that begin so: a host has some for each sandbox. */
    private static Stream<List<String>> routes(String file, String begin) {
        try {
            Path path = Path.of(file);
            List<String> lines = Files.exists(path) ? Files.readAllLines(path) : List.of();
            return lines.stream()
                    .filter(line -> line.startsWith(begin))
                    .map(SPACES::splitToList)
                    .filter(words -> words.size() > 7);
        } catch (IOException e) {
            throw new UncheckedIOException("the host's routes cannot be read: " + file, e);
        }
    }

    /**
     * Adds an address to an interface, without duplicate address detection; does nothing if it is
     * there.
     */
    public static void addAddress(String interfaceName, InetAddress address, int prefix)
            throws IOException {
        String block = InetAddresses.toAddrString(address) + "/" + prefix;
        if (address instanceof java.net.Inet6Address) {
            Tool.run("ip", "address", "replace", block, "dev", interfaceName, "nodad");
        } else {
            Tool.run("ip", "address", "replace", block, "dev", interfaceName);
        }
    }

    /** Takes an address away again; does nothing if it is not there. */
    public static void removeAddress(String interfaceName, InetAddress address, int prefix)
            throws IOException {
        String block = InetAddresses.toAddrString(address) + "/" + prefix;
        if (Tool.run("ip", "-o", "address", "show", "dev", interfaceName)
                .contains(" " + block + " ")) {
            Tool.run("ip", "address", "del", block, "dev", interfaceName);
        }
    }

    /** Whether this process is root's, by number: accounts may have other names. */
    public static boolean isRoot() {
        return uid() == 0;
    }

    /** The number of the account that this process runs as. */
    public static int uid() {
        return owner(Path.of("/proc/self"), "unix:uid");
    }

    /** The number of the group that this process runs as. */
    public static int gid() {
        return owner(Path.of("/proc/self"), "unix:gid");
    }

    private static int owner(Path path, String attribute) {
        try {
            return (int) Files.getAttribute(path, attribute);
        } catch (IOException e) {
            throw new UncheckedIOException("Linux keeps this process in " + path, e);
        }
    }

    /** Runs {@code ip} with these arguments. */
    public static String ip(String... arguments) throws IOException {
        return Tool.run("ip", arguments);
    }

    /** Runs {@code ip} in the network namespace of a process. */
    public static String ipInside(long pid, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("--target", Long.toString(pid), "--net", "ip"));
        command.addAll(List.of(arguments));
        return Tool.run("nsenter", command.toArray(String[]::new));
    }

    /**
     * A login account.
     *
     * @param home its directory
     */
    public record Account(String name, long uid, long gid, String home) {}

    /**
     * Looks an account up by name or number.
     *
     * @throws IOException if there is none
     */
    public static Account account(String name) throws IOException {
        List<String> fields;
        try {
            fields = Splitter.on(':').splitToList(Tool.run("getent", "passwd", "--", name).strip());
        } catch (IOException e) {
            throw new IOException("this host has no user \"" + name + "\"", e);
        }
        return new Account(
                fields.get(0),
                Long.parseLong(fields.get(2)),
                Long.parseLong(fields.get(3)),
                fields.get(5));
    }

    /** Runs another system program to its end and returns what it printed. */
    public static String run(String program, String... arguments) throws IOException {
        return Tool.run(program, arguments);
    }

    /** Where a program is. */
    public static Path program(String name) throws IOException {
        return Tool.find(name);
    }

    /** Reads a setting below {@code /proc/sys}. */
    public static String setting(String key) throws IOException {
        return Files.readString(settingFile(key)).strip();
    }

    public static boolean hasSetting(String key) {
        return Files.exists(settingFile(key));
    }

    public static void change(String key, String value) throws IOException {
        Files.writeString(settingFile(key), value);
    }

    /** The name servers that this host itself uses. */
    public static List<InetSocketAddress> nameServers() throws IOException {
        List<InetSocketAddress> servers = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/etc/resolv.conf"))) {
            List<String> words = SPACES.splitToList(line);
            if (words.size() >= 2
                    && words.getFirst().equals("nameserver")
                    && servers.size() < MAX_NAME_SERVERS) {
                servers.add(new InetSocketAddress(InetAddress.ofLiteral(words.get(1)), DNS));
            }
        }
        return servers;
    }

    /** Interface names have dots (VLANs), so the parts of a key are separated by slashes. */
    private static Path settingFile(String key) {
        return Path.of("/proc/sys", key);
    }

    /** Asked once: it stays as long as any process of this host. */
    private static final class Boot {
        static final String ID;

        static {
            try {
                ID = setting("kernel/random/boot_id");
            } catch (IOException e) {
                throw new UncheckedIOException("every Linux has a boot_id", e);
            }
        }
    }

    private static final class IfNameToIndex {
        /** {@code unsigned int if_nametoindex(const char *ifname)}. */
        @SuppressWarnings(
                "restricted") // a downcall into the C library, the only way to ask this without a
        // socket
        static final MethodHandle CALL =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker().defaultLookup().findOrThrow("if_nametoindex"),
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
                                Linker.Option.captureCallState("errno"));

        static final StructLayout STATE = Linker.Option.captureStateLayout();
        static final VarHandle ERROR = STATE.varHandle(PathElement.groupElement("errno"));
    }
}
