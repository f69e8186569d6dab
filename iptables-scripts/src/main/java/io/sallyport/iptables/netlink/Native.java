package io.sallyport.iptables.netlink;

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

/**
 * The eight functions of the C library that a netlink socket needs. Numbers are those of Linux on
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

    /**
     * One shape for all: for each other one Java would make a dozen classes at every start. Both
     * architectures pass numbers and pointers in registers of 64 bits, and a function does not look
     * at those that it has no parameters for.
     */
    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private static final MethodHandle SOCKET = handle("socket");
    private static final MethodHandle BIND = handle("bind");
    private static final MethodHandle SETSOCKOPT = handle("setsockopt");
    private static final MethodHandle SEND = handle("send");
    private static final MethodHandle RECV = handle("recv");
    private static final MethodHandle CLOSE = handle("close");
    private static final MethodHandle OPEN = handle("open");
    private static final MethodHandle SETNS = handle("setns");

    private Native() {}

    @SuppressWarnings("restricted") // calling C is what this class is for; the launcher enables it
    private static MethodHandle handle(String name) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), SHAPE, ERRNO);
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
            int socket = call(SOCKET, state, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_NETFILTER, 0, 0);
            check("socket", socket, state);
            long time = arena.allocateFrom(JAVA_LONG, 0, timeoutMillis * 1000L).address();
            check(
                    "SO_RCVTIMEO",
                    call(SETSOCKOPT, state, socket, SOL_SOCKET, SO_RCVTIMEO, time, 16),
                    state);
            long size = arena.allocateFrom(JAVA_INT, RECEIVE_BUFFER).address();
            check(
                    "SO_RCVBUF",
                    call(SETSOCKOPT, state, socket, SOL_SOCKET, SO_RCVBUF, size, 4),
                    state);
            MemorySegment address = arena.allocate(12, 4);
            address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
            check("bind", call(BIND, state, socket, address.address(), 12, 0, 0), state);
            return socket;
        }
    }

    /** Moves the calling thread, and it alone, into a network namespace, for good. */
    static void enter(Path namespace) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = state(arena);
            long path = arena.allocateFrom(namespace.toString()).address();
            int file = call(OPEN, state, path, O_RDONLY_CLOEXEC, 0, 0, 0);
            check("open " + namespace, file, state);
            int entered = call(SETNS, state, file, CLONE_NEWNET, 0, 0, 0);
            int reason = errno(state);
            close(file);
            if (entered < 0) {
                throw new IOException("setns " + namespace + ": errno " + reason);
            }
        }
    }

    /** Sends a message; a negative result is the errno. */
    static long send(int socket, MemorySegment message, long length, MemorySegment state) {
        try {
            long sent =
                    (long)
                            SEND.invokeExact(
                                    state, (long) socket, message.address(), length, 0L, 0L);
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
            long received =
                    (long)
                            RECV.invokeExact(
                                    state, (long) socket, into.address(), into.byteSize(), 0L, 0L);
            return received < 0 ? -errno(state) : received;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static void close(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = call(CLOSE, state(arena), descriptor, 0, 0, 0, 0);
        }
    }

    /** Of a function that returns an int, and once in a while. */
    private static int call(
            MethodHandle function, MemorySegment state, long a, long b, long c, long d, long e) {
        try {
            return (int) (long) function.invokeExact(state, a, b, c, d, e);
        } catch (RuntimeException | Error unchecked) {
            throw unchecked;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void check(String what, int result, MemorySegment state) throws IOException {
        if (result < 0) {
            throw new IOException("netlink: " + what + ": errno " + errno(state));
        }
    }
}
