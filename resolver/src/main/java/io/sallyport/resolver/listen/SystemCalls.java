package io.sallyport.resolver.listen;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * recvmmsg(2), sendmmsg(2) and, by syscall(2), what the C library has no name for. Pointers are
 * passed as the 64-bit numbers that they are on x86-64 and AArch64, so that a call allocates
 * nothing.
 */
final class SystemCalls {
    /** MSG_DONTWAIT: epoll says when there is something. */
    private static final int DO_NOT_WAIT = 0x40;

    private static final MethodHandle RECVMMSG =
            handle(
                    "recvmmsg",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle SENDMMSG =
            handle(
                    "sendmmsg",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));

    /** x86-64 has a table of its own; AArch64 has the one of all newer architectures. */
    private static final boolean X86 = "amd64".equals(System.getProperty("os.arch"));

    private static final long SCHED_SETATTR = X86 ? 314 : 274;
    private static final long SCHED_GETATTR = X86 ? 315 : 275;
    private static final MethodHandle SYSCALL =
            handle(
                    "syscall",
                    FunctionDescriptor.of(
                            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                    Linker.Option.firstVariadicArg(1));

    private SystemCalls() {}

    @SuppressWarnings("restricted") // calling C is what this class is for; the launcher enables it
    private static MethodHandle handle(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
    }

    /**
     * @param headers the address of an array of {@code struct mmsghdr}
     * @return how many datagrams came, or -1 for none
     */
    static int receive(int socket, long headers, int count) {
        try {
            return (int) RECVMMSG.invokeExact(socket, headers, count, DO_NOT_WAIT, 0L);
        } catch (Throwable e) {
            throw new AssertionError("a system call throws nothing", e);
        }
    }

    /**
     * @return how many datagrams were taken, or -1 if the first was not
     */
    static int send(int socket, long headers, int count) {
        try {
            return (int) SENDMMSG.invokeExact(socket, headers, count, DO_NOT_WAIT);
        } catch (Throwable e) {
            throw new AssertionError("a system call throws nothing", e);
        }
    }

    /**
     * Reads how the calling thread is scheduled into a {@code struct sched_attr}; 0 if it could.
     */
    static long scheduling(MemorySegment attributes) {
        return call(SCHED_GETATTR, attributes.address(), attributes.byteSize());
    }

    /** Schedules the calling thread by a {@code struct sched_attr}; 0 if it may. */
    static long schedule(MemorySegment attributes) {
        return call(SCHED_SETATTR, attributes.address(), 0);
    }

    /** Of the calling thread, which is thread 0. */
    private static long call(long number, long attributes, long size) {
        try {
            return (long) SYSCALL.invokeExact(number, 0L, attributes, size, 0L);
        } catch (Throwable e) {
            throw new AssertionError("a system call throws nothing", e);
        }
    }
}
