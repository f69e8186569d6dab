package io.sallyport.sync.handover;

import io.netty.channel.unix.Socket;
import io.sallyport.resolver.listen.Listener.Handed;
import io.sallyport.sync.data.DataDirectory;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of the node that runs, held by one that stands by. Nothing is read from them; they
 * only outlive the process that does.
 */
final class Lent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lent.class);

    /** One that is just starting listens soon. */
    private static final long AGAIN_MILLIS = 200;

    private final DataDirectory data;
    private final Thread borrower;
    private List<Handed> sockets = List.of();
    private boolean closed;

    Lent(DataDirectory data) {
        this.data = data;
        this.borrower = Thread.ofPlatform().daemon().name("standby").start(this::borrow);
    }

    private void borrow() {
        while (!isClosed()) {
            try (Predecessor node = Predecessor.connect(data.handover())) {
                keep(node.sockets());
                node.awaitDeath();
            } catch (IOException e) {
                LOG.debug("nothing is lent: {}", e.getMessage());
            }
            try {
                Thread.sleep(AGAIN_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void keep(List<Handed> fresh) {
        release(closed ? fresh : sockets);
        sockets = closed ? List.of() : fresh;
        LOG.info("holds sockets={} of the node that runs", sockets.size());
    }

    /** From now on they are the caller's. */
    synchronized List<Handed> taken() {
        closed = true;
        List<Handed> mine = sockets;
        sockets = List.of();
        return mine;
    }

    private static void release(List<Handed> sockets) {
        for (Handed each : sockets) {
            try {
                new Socket(each.descriptor()).close();
            } catch (IOException e) {
                LOG.debug("a lent socket: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        release(taken());
        borrower.interrupt();
    }
}
