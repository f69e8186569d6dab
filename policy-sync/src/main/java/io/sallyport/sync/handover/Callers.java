package io.sallyport.sync.handover;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whoever calls the node's API while nobody can answer: the call waits in the kernel, and is put
 * through when the next node listens.
 */
final class Callers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Callers.class);

    /** Orchestrators that start sessions just then; more are refused by the kernel. */
    private static final int MOST = 128;

    /** Somebody who listened before does so again, if he lives. */
    private static final Duration SOON = Duration.ofSeconds(2);

    /** A caller's. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** After an answer. */
    private static final Duration QUIET = Duration.ofMillis(200);

    private static final Duration LOOK = Duration.ofMillis(5);

    private final ServerSocketChannel listening;
    private final Path socket;
    private final Path before;

    /** By which this listener is told from another at the same path. */
    private final Object identity;

    private Callers(ServerSocketChannel listening, Path socket, Path before, Object identity) {
        this.listening = listening;
        this.socket = socket;
        this.before = before;
        this.identity = identity;
    }

    /** Takes the place of whoever listens at a Unix socket; those who are there stay with it. */
    static Callers wait(Path socket) throws IOException {
        Path fresh = socket.resolveSibling(socket.getFileName() + ".wait");
        Path before = socket.resolveSibling(socket.getFileName() + ".old");
        Files.deleteIfExists(fresh);
        Files.deleteIfExists(before);
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listening.bind(UnixDomainSocketAddress.of(fresh), MOST);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
            Object identity = identity(fresh);
            Files.createLink(before, socket);
            Files.move(fresh, socket, StandardCopyOption.ATOMIC_MOVE);
            return new Callers(listening, socket, before, identity);
        } catch (IOException e) {
            listening.close();
            throw e;
        }
    }

    private static Object identity(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /** Another listens there now. */
    void putThrough() throws IOException {
        List<SocketChannel> callers = take();
        close();
        callers.forEach(this::call);
    }

    private List<SocketChannel> take() throws IOException {
        List<SocketChannel> callers = new ArrayList<>();
        listening.configureBlocking(false);
        for (SocketChannel each = listening.accept(); each != null; each = listening.accept()) {
            callers.add(each);
        }
        return callers;
    }

    private Call call(SocketChannel caller) {
        Call call = new Call(caller);
        Thread.ofVirtual().name("put-through").start(call::run);
        return call;
    }

    /**
     * Whoever listened there never stopped. If it did, and listens anew, as it does after a
     * handover that it broke off, the name is its own already.
     */
    void giveBack() throws IOException {
        if (isOurs()) {
            Files.move(before, socket, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /**
     * This process ends: whoever called is put through to the one that listens there instead, as
     * soon as one does. Returns when they are answered, or after as long as a caller waits. Nothing
     * if they were put through before.
     */
    void leaveToOther() throws IOException {
        if (!listening.isOpen()) {
            return;
        }
        long begin = System.nanoTime();
        List<SocketChannel> callers = take();
        try {
            while (!anotherListens() && left(begin, callers.isEmpty() ? SOON : PATIENCE) > 0) {
                Thread.sleep(LOOK);
                callers.addAll(take());
            }
            callers.addAll(take());
            close();
            List<Call> calls = callers.stream().map(this::call).toList();
            while (!calls.stream().allMatch(Call::isAnswered) && left(begin, PATIENCE) > 0) {
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    private static long left(long begin, Duration patience) {
        return begin + patience.toNanos() - System.nanoTime();
    }

    /** A name may also be left over by a process that has ended, or is just about to be taken. */
    private boolean anotherListens() throws IOException {
        if (isOurs()) {
            return false;
        }
        try (SocketChannel other = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return other.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether nobody else has taken the name. */
    private boolean isOurs() throws IOException {
        try {
            return identity.equals(identity(socket));
        } catch (NoSuchFileException e) {
            return true; // somebody is just about to
        }
    }

    /** One who called; his connection may outlive what he asked. */
    private final class Call {
        private final SocketChannel caller;
        private volatile boolean waits;
        private volatile boolean ended;
        private volatile long last = System.nanoTime();

        Call(SocketChannel caller) {
            this.caller = caller;
        }

        boolean isAnswered() {
            return ended || (!waits && System.nanoTime() - last > QUIET.toNanos());
        }

        void run() {
            try (caller;
                    SocketChannel node = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                caller.configureBlocking(true);
                Thread there = Thread.ofVirtual().start(() -> pass(caller, node, true));
                pass(node, caller, false);
                there.join();
            } catch (IOException e) {
                LOG.debug("a call was lost: {}", e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                ended = true;
            }
        }

        private void pass(SocketChannel from, SocketChannel to, boolean asking) {
            ByteBuffer octets = ByteBuffer.allocate(1 << 14);
            try {
                while (from.read(octets) >= 0) {
                    waits = asking;
                    last = System.nanoTime();
                    octets.flip();
                    while (octets.hasRemaining()) {
                        to.write(octets);
                    }
                    octets.clear();
                }
                to.shutdownOutput();
            } catch (IOException e) {
                LOG.debug("a call has ended: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(before);
        listening.close();
    }
}
