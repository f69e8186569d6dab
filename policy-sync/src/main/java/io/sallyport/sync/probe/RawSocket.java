package io.sallyport.sync.probe;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A Linux socket of any kind, for packets that Java's own sockets cannot make. Used by one thread.
 */
final class RawSocket implements AutoCloseable {
    static final int INET4 = 2;
    static final int INET6 = 10;
    static final int PACKET = 17;
    static final int STREAM = 1;
    static final int DATAGRAM = 2;
    static final int RAW = 3;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RECEIVE_TIMEOUT = 20;
    private static final int SO_SEND_TIMEOUT = 21;
    private static final int LONGEST_PACKET = 65_535;
    private static final int LONGEST_ADDRESS = 28;
    private static final int EAGAIN = 11;
    private static final Map<Integer, String> ERRORS =
            Map.of(
                    1,
                    "not permitted",
                    13,
                    "prohibited",
                    EAGAIN,
                    "silence",
                    22,
                    "invalid to this kernel",
                    93,
                    "protocol not in this kernel",
                    97,
                    "address family not in this kernel",
                    101,
                    "no route",
                    111,
                    "refused",
                    113,
                    "refused by a router, or no route",
                    115,
                    "silence");

    /** The kernel said no. */
    static final class Refusal extends IOException {
        private static final long serialVersionUID = 1L;

        Refusal(int error) {
            super(ERRORS.getOrDefault(error, "error " + error));
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }

    /** A packet that came in; raw IPv4 packets start with their IP header. */
    record Received(ByteBuffer content, InetAddress sender) {}

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERROR = STATE.varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle SOCKET =
            function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle OPTION =
            function(
                    "setsockopt",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle CONNECT =
            function("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SEND =
            function(
                    "sendto",
                    FunctionDescriptor.of(
                            JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle RECEIVE =
            function(
                    "recvfrom",
                    FunctionDescriptor.of(
                            JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment state = arena.allocate(STATE);
    private final MemorySegment packet = arena.allocate(LONGEST_PACKET);
    private final MemorySegment address = arena.allocate(LONGEST_ADDRESS);
    private final int file;

    private RawSocket(int domain, int type, int protocol) throws Refusal {
        try {
            file =
                    (int)
                            checked(
                                    call(() ->
                                            (int)
                                                    SOCKET.invokeExact(
                                                            state, domain, type, protocol)));
        } catch (Refusal e) {
            arena.close();
            throw e;
        }
    }

    /**
     * @throws Refusal without CAP_NET_RAW, for raw and packet sockets
     */
    static RawSocket open(int domain, int type, int protocol) throws Refusal {
        return new RawSocket(domain, type, protocol);
    }

    /** How long receiving and connecting wait. */
    void patience(Duration time) throws Refusal {
        ByteBuffer timeval = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
        timeval.putLong(time.toSeconds()).putLong(time.toNanosPart() / 1000);
        option(SOL_SOCKET, SO_RECEIVE_TIMEOUT, timeval.array());
        option(SOL_SOCKET, SO_SEND_TIMEOUT, timeval.array());
    }

    void option(int level, int name, byte... value) throws Refusal {
        MemorySegment memory =
                packet.asSlice(0, value.length).copyFrom(MemorySegment.ofArray(value));
        checked(
                call(() ->
                        (int) OPTION.invokeExact(state, file, level, name, memory, value.length)));
    }

    void connect(byte[] destination) throws Refusal {
        address.copyFrom(MemorySegment.ofArray(destination));
        checked(call(() -> (int) CONNECT.invokeExact(state, file, address, destination.length)));
    }

    void send(byte[] content, byte[] destination) throws Refusal {
        packet.copyFrom(MemorySegment.ofArray(content));
        address.copyFrom(MemorySegment.ofArray(destination));
        checked(
                call(() ->
                        (long)
                                SEND.invokeExact(
                                        state,
                                        file,
                                        packet,
                                        (long) content.length,
                                        0,
                                        address,
                                        destination.length)));
    }

    /** The next packet, or nothing within the patience. */
    Optional<Received> receive() throws IOException {
        MemorySegment length = arena.allocate(JAVA_INT);
        length.set(JAVA_INT, 0, LONGEST_ADDRESS);
        long received =
                call(() ->
                        (long)
                                RECEIVE.invokeExact(
                                        state,
                                        file,
                                        packet,
                                        (long) LONGEST_PACKET,
                                        0,
                                        address,
                                        length));
        if (received < 0) {
            if ((int) ERROR.get(state, 0L) == EAGAIN) {
                return Optional.empty();
            }
            throw new Refusal((int) ERROR.get(state, 0L));
        }
        byte[] content = packet.asSlice(0, received).toArray(JAVA_BYTE);
        boolean six = address.get(JAVA_SHORT, 0) == INET6;
        byte[] sender = address.asSlice(six ? 8 : 4, six ? 16 : 4).toArray(JAVA_BYTE);
        return Optional.of(
                new Received(ByteBuffer.wrap(content), InetAddress.getByAddress(sender)));
    }

    @Override
    public void close() {
        call(() -> (int) CLOSE.invokeExact(state, file));
        arena.close();
    }

    /** {@code struct sockaddr_in} or {@code sockaddr_in6}. */
    static byte[] socketAddress(InetAddress address, int port) {
        return address instanceof Inet6Address
                ? six(address.getAddress(), port)
                : ByteBuffer.allocate(16)
                        .order(ByteOrder.nativeOrder())
                        .putShort((short) INET4)
                        .order(ByteOrder.BIG_ENDIAN)
                        .putShort((short) port)
                        .put(address.getAddress())
                        .array();
    }

    /** The IPv4-mapped form of an IPv4 address as a {@code sockaddr_in6}. */
    static byte[] mapped(InetAddress four, int port) {
        byte[] octets = new byte[16];
        octets[10] = (byte) 0xff;
        octets[11] = (byte) 0xff;
        System.arraycopy(four.getAddress(), 0, octets, 12, 4);
        return six(octets, port);
    }

    private static byte[] six(byte[] octets, int port) {
        return ByteBuffer.allocate(LONGEST_ADDRESS)
                .order(ByteOrder.nativeOrder())
                .putShort((short) INET6)
                .order(ByteOrder.BIG_ENDIAN)
                .putShort((short) port)
                .putInt(0)
                .put(octets)
                .array();
    }

    private interface Call {
        long make() throws Throwable;
    }

    private static long call(Call call) {
        try {
            return call.make();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private long checked(long status) throws Refusal {
        if (status < 0) {
            throw new Refusal((int) ERROR.get(state, 0L));
        }
        return status;
    }

    @SuppressWarnings("restricted") // the C library is the only way to these sockets
    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                descriptor,
                Linker.Option.captureCallState("errno"));
    }
}
