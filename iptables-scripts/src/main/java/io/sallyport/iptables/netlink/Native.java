package io.sallyport.iptables.netlink;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The seven functions of the C library that a netlink socket needs. Numbers are those of Linux on
 * x86-64 and AArch64.
 */
final class Native {

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    private static final int NETLINK_NETFILTER = 12;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVTIMEO = 20;
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;

    /** A dump answers in parts of up to 32 kB; some of them wait here while one is read. */
    private static final int RECEIVE_BUFFER = 1 << 20;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout()
                    .byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET =
            handle("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            handle("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SETSOCKOPT =
            handle(
                    "setsockopt",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SEND =
            handle(
                    "send",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECV =
            handle(
                    "recv",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle CLOSE =
            handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle OPEN =
            handle(
                    "open",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle SETNS =
            handle("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

    private Native() {}

    @SuppressWarnings("restricted") // calling C is what this class is for; the launcher enables it
    private static MethodHandle handle(
            String name, FunctionDescriptor descriptor, Linker.Option... more) {
        Linker.Option[] options =
                Stream.concat(Stream.of(ERRNO), Stream.of(more)).toArray(Linker.Option[]::new);
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
    }

    static MemorySegment state(Arena arena) {
        return arena.allocate(Linker.Option.captureStateLayout());
    }

    private static int errno(MemorySegment state) {
        return state.get(JAVA_INT, ERRNO_OFFSET);
    }

    /** A bound socket that waits for an answer no longer than the given milliseconds. */
    static int socket(int timeoutMillis) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = state(arena);
            int socket =
                    (int)
                            SOCKET.invokeExact(
                                    state, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_NETFILTER);
            check("socket", socket, state);
            MemorySegment time = arena.allocate(JAVA_LONG, 2);
            time.setAtIndex(JAVA_LONG, 1, timeoutMillis * 1000L);
            check(
                    "SO_RCVTIMEO",
                    (int) SETSOCKOPT.invokeExact(state, socket, SOL_SOCKET, SO_RCVTIMEO, time, 16),
                    state);
            MemorySegment size = arena.allocateFrom(JAVA_INT, RECEIVE_BUFFER);
            check(
                    "SO_RCVBUF",
                    (int) SETSOCKOPT.invokeExact(state, socket, SOL_SOCKET, SO_RCVBUF, size, 4),
                    state);
            MemorySegment address = arena.allocate(12, 4);
            address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
            check("bind", (int) BIND.invokeExact(state, socket, address, 12), state);
            return socket;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Moves the calling thread, and it alone, into a network namespace, for good. */
    static void enter(Path namespace) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = state(arena);
            int file =
                    (int)
                            OPEN.invokeExact(
                                    state,
                                    arena.allocateFrom(namespace.toString()),
                                    O_RDONLY_CLOEXEC);
            check("open " + namespace, file, state);
            int entered = (int) SETNS.invokeExact(state, file, CLONE_NEWNET);
            int reason = errno(state);
            close(file);
            if (entered < 0) {
                throw new IOException("setns " + namespace + ": errno " + reason);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Sends a message; a negative result is the errno. */
    static long send(int socket, MemorySegment message, long length, MemorySegment state) {
        try {
            long sent = (long) SEND.invokeExact(state, socket, message, length, 0);
            return sent < 0 ? -errno(state) : sent;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Receives a message; a negative result is the errno. */
    static long receive(int socket, MemorySegment into, MemorySegment state) {
        try {
            long received = (long) RECV.invokeExact(state, socket, into, into.byteSize(), 0);
            return received < 0 ? -errno(state) : received;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static void close(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) CLOSE.invokeExact(state(arena), descriptor);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static void check(String what, int result, MemorySegment state) throws IOException {
        if (result < 0) {
            throw new IOException("netlink: " + what + ": errno " + errno(state));
        }
    }
}
