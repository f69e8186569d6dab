package io.sallyport.resolver.listen;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * recvmmsg(2) and sendmmsg(2). Pointers are passed as the 64-bit numbers that they are on x86-64
 * and AArch64, so that a call allocates nothing.
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

    private SystemCalls() {}

    @SuppressWarnings("restricted") // calling C is what this class is for; the launcher enables it
    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
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
}
