package io.sallyport.sync.node;

import io.sallyport.resolver.Resolver;
import io.sallyport.resolver.listen.Listener.Handed;
import io.sallyport.sync.handover.Turn;
import io.sallyport.sync.page.Page;
import io.sallyport.sync.session.Sessions;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node hands over. First go those who change something, last the lock; names are answered and
 * addresses pinned all the while.
 */
record Leaving(
        Turn turn,
        Office office,
        Telling telling,
        Sessions.Kept kept,
        Reconciler reconciler,
        Optional<Kubernetes> kubernetes,
        Node.Beside beside,
        Resolver resolver,
        Page page,
        Runnable left)
        implements Turn.Running {
    private static final Logger LOG = LoggerFactory.getLogger(Leaving.class);

    /** From a connection to its request. */
    private static final long LAST_CALL_NANOS = 50_000_000;

    @Override
    public void makeWay() throws IOException {
        try {
            // Callers already reach the next one; who reached this one before is to be heard.
            LockSupport.parkNanos(LAST_CALL_NANOS);
            office.close();
            kubernetes.ifPresent(Kubernetes::rest);
            telling.rest();
            kept.rest();
            reconciler.rest();
            beside.rest();
            turn.release();
        } catch (IOException | RuntimeException e) {
            again();
            throw e;
        }
    }

    @Override
    public void resume() {
        try {
            turn.again();
            again();
        } catch (IOException e) {
            LOG.error("cannot go on as the node: {}", e.getMessage());
            left.run();
        }
    }

    private void again() throws IOException {
        reconciler.resume();
        kept.resume();
        telling.resume();
        kubernetes.ifPresent(Kubernetes::resume);
        beside.resume();
        office.reopen();
    }

    @Override
    public List<Handed> sockets() {
        return resolver.sockets();
    }

    @Override
    public void leave() {
        page.close();
        resolver.leave();
        left.run();
    }
}
