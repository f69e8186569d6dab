package io.sallyport.sync.sandbox;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The system calls by which a command could have something fetched beyond its namespaces, refused
 * by a seccomp filter. Sockets of most families (vsock to the hypervisor before all) and kernel
 * keys (whose upcalls are answered by programs of the host) belong to no network namespace; what is
 * typed into the terminal (TIOCSTI) is run by the shell outside. io_uring makes sockets that no
 * filter sees, and so do the 32-bit ABIs.
 */
final class Syscalls {

    /** Numbers that differ from machine to machine; include/uapi/asm-generic/unistd.h and asm/. */
    private record Numbers(
            int arch, int addKey, int requestKey, int keyctl, int socket, int ioctl) {}

    private static final Numbers X86_64 = new Numbers(0xc000003e, 248, 249, 250, 41, 16);
    private static final Numbers AARCH64 = new Numbers(0xc00000b7, 217, 218, 219, 198, 29);
    private static final int IO_URING_SETUP = 425;

    /** From here on numbers are of the x32 ABI. */
    private static final int X32 = 0x40000000;

    /** UNIX, INET, INET6, NETLINK, PACKET: what a network namespace keeps apart. */
    private static final List<Integer> FAMILIES = List.of(1, 2, 10, 16, 17);

    /** TIOCSTI and TIOCLINUX. */
    private static final List<Integer> TYPING = List.of(0x5412, 0x541c);

    private static final int PR_SET_SECCOMP = 22;
    private static final long MODE_FILTER = 2;

    private static final int LOAD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_AT_LEAST = 0x35;
    private static final int RETURN = 0x06;

    /**
     * Offsets in struct seccomp_data; of the arguments the lower half, as the kernel takes them.
     */
    private static final int NUMBER = 0;

    private static final int ARCH = 4;
    private static final int FIRST_ARGUMENT = 16;
    private static final int SECOND_ARGUMENT = 24;

    private static final int ALLOW = 0x7fff0000;
    private static final int REFUSE_EPERM = 0x00050001;
    private static final int REFUSE_EAFNOSUPPORT = 0x00050061;

    private Syscalls() {}

    /**
     * Refuses them to this thread and to every process that it starts from now on. Takes
     * CAP_SYS_ADMIN.
     *
     * @throws IOException if the kernel or the machine is one without such filters
     */
    @SuppressWarnings("restricted") // a downcall into the C library: prctl(2)
    static void refuse() throws IOException {
        Linker linker = Linker.nativeLinker();
        MethodHandle prctl =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("prctl"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.ADDRESS),
                        Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer code = program(numbers());
            MemorySegment filter = arena.allocate(code.remaining(), 8);
            filter.copyFrom(MemorySegment.ofBuffer(code));
            MemorySegment program = arena.allocate(16, 8);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) (code.remaining() / 8));
            program.set(ValueLayout.ADDRESS, 8, filter);
            if ((int) prctl.invokeExact(PR_SET_SECCOMP, MODE_FILTER, program) != 0) {
                throw new IOException(
                        "the kernel took no filter of system calls (seccomp), without which the"
                                + " command could leave its network");
            }
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("prctl(2) takes a number, a mode and an address", e);
        }
    }

    private static Numbers numbers() throws IOException {
        String machine = System.getProperty("os.arch", "");
        return switch (machine) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default ->
                    throw new IOException(
                            "run knows the system calls of x86-64 and arm64, not of " + machine);
        };
    }

    private static ByteBuffer program(Numbers numbers) {
        List<int[]> code = new ArrayList<>();
        load(code, ARCH);
        unless(code, numbers.arch, REFUSE_EPERM);
        load(code, NUMBER);
        code.add(new int[] {JUMP_IF_AT_LEAST, 0, 1, X32});
        give(code, REFUSE_EPERM);
        for (int number :
                List.of(numbers.addKey, numbers.requestKey, numbers.keyctl, IO_URING_SETUP)) {
            when(code, number, REFUSE_EPERM);
        }
        // Another call than ioctl jumps over what judges ioctl.
        code.add(new int[] {JUMP_IF_EQUAL, 0, 2 + 2 * TYPING.size(), numbers.ioctl});
        load(code, SECOND_ARGUMENT);
        TYPING.forEach(request -> when(code, request, REFUSE_EPERM));
        give(code, ALLOW);
        code.add(new int[] {JUMP_IF_EQUAL, 1, 0, numbers.socket});
        give(code, ALLOW);
        load(code, FIRST_ARGUMENT);
        FAMILIES.forEach(family -> when(code, family, ALLOW));
        give(code, REFUSE_EAFNOSUPPORT);
        return octets(code);
    }

    /** struct sock_filter: a code, two jumps, an operand. */
    private static ByteBuffer octets(List<int[]> code) {
        ByteBuffer octets = ByteBuffer.allocate(code.size() * 8).order(ByteOrder.nativeOrder());
        for (int[] step : code) {
            octets.putShort((short) step[0]).put((byte) step[1]).put((byte) step[2]);
            octets.putInt(step[3]);
        }
        return octets.flip();
    }

    private static void load(List<int[]> code, int offset) {
        code.add(new int[] {LOAD, 0, 0, offset});
    }

    private static void give(List<int[]> code, int verdict) {
        code.add(new int[] {RETURN, 0, 0, verdict});
    }

    private static void when(List<int[]> code, int value, int verdict) {
        code.add(new int[] {JUMP_IF_EQUAL, 0, 1, value});
        give(code, verdict);
    }

    private static void unless(List<int[]> code, int value, int verdict) {
        code.add(new int[] {JUMP_IF_EQUAL, 1, 0, value});
        give(code, verdict);
    }
}
