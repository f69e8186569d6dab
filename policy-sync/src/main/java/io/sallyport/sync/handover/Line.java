package io.sallyport.sync.handover;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import io.sallyport.resolver.listen.Listener.Handed;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Unix socket between two processes: lines of text, and open sockets. */
final class Line implements AutoCloseable {
    /** As long as it takes. */
    static final Duration EVER = Duration.ofMillis(Integer.MAX_VALUE);

    /** The longest is a sentence about what went wrong. */
    private static final int MAX_OCTETS = 1024;

    /** Four addresses, a UDP socket for each of four loops and one for TCP, and room. */
    private static final int MAX_SOCKETS = 256;

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final short POLLIN = 1;

    private final Socket socket;

    private Line(Socket socket) {
        this.socket = socket;
    }

    /** Whether sockets can be handed on at all. */
    static boolean isPossible() {
        return Epoll.isAvailable();
    }

    /**
     * @throws IOException if nobody listens there
     */
    static Line connect(Path path) throws IOException {
        Line line = new Line(Socket.newSocketDomain());
        try {
            if (!line.socket.connect(new DomainSocketAddress(path.toString()))) {
                throw new IOException("nobody takes the call");
            }
            return line;
        } catch (IOException | RuntimeException e) {
            line.close();
            throw e;
        }
    }

    static Line listen(Path path) throws IOException {
        Line line = new Line(Socket.newSocketDomain());
        try {
            line.socket.bind(new DomainSocketAddress(path.toString()));
            line.socket.listen(8);
            return line;
        } catch (IOException | RuntimeException e) {
            line.close();
            throw e;
        }
    }

    /** The next who calls. */
    Line accept() throws IOException {
        while (true) {
            await(EVER);
            int descriptor = socket.accept(new byte[128]);
            if (descriptor >= 0) {
                return new Line(new Socket(descriptor));
            }
        }
    }

    /**
     * The next line; null when the other side has gone.
     *
     * @throws IOException if none comes in time
     */
    @Nullable String read(Duration patience) throws IOException {
        ByteBuffer octet = ByteBuffer.allocateDirect(1);
        StringBuilder text = new StringBuilder();
        while (text.length() < MAX_OCTETS) {
            await(patience);
            int count = socket.recv(octet, 0, 1);
            if (count < 0) {
                return null;
            }
            if (count == 0) {
                continue;
            }
            char letter = (char) (octet.get(0) & 0xff);
            if (letter == '\n') {
                return text.toString();
            }
            text.append(letter);
        }
        throw new IOException("the other process does not speak this language");
    }

    void write(String text) throws IOException {
        byte[] octets = (text.replace('\n', ' ') + "\n").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.min(octets.length, MAX_OCTETS));
        buffer.put(octets, 0, buffer.capacity()).put(buffer.capacity() - 1, (byte) '\n');
        int sent = 0;
        while (sent < buffer.capacity()) {
            sent += socket.send(buffer, sent, buffer.capacity());
        }
    }

    void send(List<Handed> sockets) throws IOException {
        write(Integer.toString(sockets.size()));
        for (Handed each : sockets) {
            write(each.stream() ? "tcp" : "udp");
            if (socket.sendFd(each.descriptor()) < 0) {
                throw new IOException("a socket could not be sent");
            }
        }
    }

    List<Handed> receive() throws IOException {
        List<Handed> sockets = new ArrayList<>();
        String count = read(PATIENCE);
        if (count == null
                || !count.matches("[0-9]{1,3}")
                || Integer.parseInt(count) > MAX_SOCKETS) {
            throw new IOException("the other process sent no sockets");
        }
        for (int i = 0; i < Integer.parseInt(count); i++) {
            boolean stream = "tcp".equals(read(PATIENCE));
            await(PATIENCE);
            int descriptor = socket.recvFd();
            if (descriptor < 0) {
                throw new IOException("a socket was not received");
            }
            sockets.add(new Handed(stream, descriptor));
        }
        return sockets;
    }

    /** Until something is there to be read, or the end. */
    private void await(Duration patience) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(8);
            poll.set(JAVA_INT, 0, socket.intValue());
            poll.set(JAVA_SHORT, 4, POLLIN);
            int ready = Poll.call(poll, (int) patience.toMillis());
            if (ready == 0) {
                throw new IOException("the other process is silent for " + patience);
            }
            if (!socket.isOpen()) {
                throw new IOException("closed");
            }
        }
    }

    /** Wakes whoever waits on it. */
    @Override
    public void close() {
        try {
            socket.shutdown();
        } catch (IOException e) {
            // not connected: nobody is to be told
        }
        try {
            socket.close();
        } catch (IOException e) {
            // close(2) frees the descriptor even then
        }
    }

    /** poll(2): a signal that comes between is only an early look. */
    private static final class Poll {
        @SuppressWarnings("restricted") // the C library is how one waits for a descriptor
        private static final MethodHandle CALL =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker().defaultLookup().findOrThrow("poll"),
                                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

        static int call(MemorySegment descriptors, int millis) {
            try {
                return (int) CALL.invokeExact(descriptors, 1L, millis);
            } catch (Throwable e) {
                throw new AssertionError("a system call throws nothing", e);
            }
        }
    }
}
