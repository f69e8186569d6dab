package io.sallyport.sync.handover;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
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

    /**
     * Whoever listened there does so again. If it has stopped and listens anew, as it does after a
     * handover that it broke off, the name is its own already.
     */
    void giveBack() throws IOException {
        if (identity.equals(identity(socket))) {
            Files.move(before, socket, StandardCopyOption.ATOMIC_MOVE);
        }
        close();
    }

    /** Another listens there now. */
    void putThrough() throws IOException {
        listening.configureBlocking(false);
        for (SocketChannel each = listening.accept(); each != null; each = listening.accept()) {
            SocketChannel caller = each;
            Thread.ofVirtual().name("put-through").start(() -> putThrough(caller));
        }
        close();
    }

    private void putThrough(SocketChannel caller) {
        try (caller;
                SocketChannel node = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            caller.configureBlocking(true);
            Thread there = Thread.ofVirtual().start(() -> pass(caller, node));
            pass(node, caller);
            there.join();
        } catch (IOException e) {
            LOG.debug("a call was lost: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pass(SocketChannel from, SocketChannel to) {
        try {
            InputStream in = Channels.newInputStream(from);
            OutputStream out = Channels.newOutputStream(to);
            in.transferTo(out);
            to.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("a call has ended: {}", e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(before);
        listening.close();
    }
}
