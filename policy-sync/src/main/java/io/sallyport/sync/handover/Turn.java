package io.sallyport.sync.handover;

import io.sallyport.resolver.listen.Listener.Handed;
import io.sallyport.sync.data.DataDirectory;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to be the node of a data directory, and what the one before left. At any time one
 * process has it; the kernel takes it from a process that dies.
 */
public final class Turn implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Turn.class);

    /** It was given back before this was known. */
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    /** The node, as it is asked from another thread, one call at a time. */
    public interface Running {
        /**
         * Gives away everything but its sockets, by which it still answers.
         *
         * @throws IOException if it will not; then nothing has changed
         */
        void makeWay() throws IOException;

        /** Takes back what it gave away: nobody else wants it. */
        void resume();

        List<Handed> sockets();

        /** Another one answers now. Returns when all that was asked here is answered. */
        void leave();
    }

    private final DataDirectory data;
    private final List<Handed> sockets;
    private final @Nullable Predecessor predecessor;
    private final @Nullable Callers callers;
    private @Nullable FileLock lock;

    private Turn(
            DataDirectory data,
            FileLock lock,
            List<Handed> sockets,
            @Nullable Predecessor predecessor,
            @Nullable Callers callers) {
        this.data = data;
        this.lock = lock;
        this.sockets = List.copyOf(sockets);
        this.predecessor = predecessor;
        this.callers = callers;
    }

    /**
     * @throws IOException if another process has it
     */
    public static Turn now(DataDirectory data) throws IOException {
        FileLock lock = data.create().lock();
        if (lock == null) {
            throw new IOException(
                    "another node runs with the data directory "
                            + data.path()
                            + "; stop it, replace it with --take-over, or name another directory with"
                            + " --data");
        }
        return new Turn(data, lock, List.of(), null, null);
    }

    /**
     * From the node that runs, which answers until this one does; at once if there is none.
     *
     * @throws IOException if it does not hand over; then it goes on as before
     */
    public static Turn takeOver(DataDirectory data) throws IOException {
        FileLock takingOver = data.create().takeOverLock();
        if (takingOver == null) {
            throw new IOException("another process takes over this node just now; try again");
        }
        try {
            FileLock free = data.lock();
            return free == null
                    ? from(Predecessor.connect(data.handover()), data)
                    : new Turn(data, free, List.of(), null, null);
        } finally {
            takingOver.acquiredBy().close();
        }
    }

    private static Turn from(Predecessor predecessor, DataDirectory data) throws IOException {
        Callers callers = null;
        try {
            callers = Callers.wait(data.socket());
            yields(predecessor, callers);
            return after(predecessor, callers, data);
        } catch (IOException | RuntimeException e) {
            goBack(predecessor, callers);
            throw e;
        }
    }

    private static void yields(Predecessor predecessor, Callers callers) throws IOException {
        try {
            predecessor.yields();
        } catch (IOException | RuntimeException e) {
            callers.giveBack();
            throw e;
        }
    }

    /**
     * In this order: the one before goes on when it hears that this one has gone, and then hears
     * whoever called meanwhile.
     */
    private static void goBack(@Nullable Predecessor predecessor, @Nullable Callers callers)
            throws IOException {
        if (predecessor != null) {
            predecessor.close();
        }
        if (callers != null) {
            callers.leaveToOther();
        }
    }

    private static Turn after(Predecessor predecessor, Callers callers, DataDirectory data)
            throws IOException {
        FileLock lock = null;
        try {
            lock = data.lock(AT_ONCE);
            return new Turn(data, lock, predecessor.sockets(), predecessor, callers);
        } catch (IOException | RuntimeException e) {
            if (lock != null) {
                lock.acquiredBy().close();
            }
            throw e;
        }
    }

    /**
     * When the node that runs dies or ends; at once if there is none. Holds its sockets meanwhile:
     * what is asked between its death and the first look of this process waits in them.
     *
     * @param waiting told that there is one
     */
    public static Turn await(DataDirectory data, Runnable waiting) throws IOException {
        FileLock free = data.create().lock();
        if (free != null) {
            return new Turn(data, free, List.of(), null, null);
        }
        waiting.run();
        try (Lent lent = new Lent(data)) {
            LOG.info("standing by: another node runs with {}", data.path());
            FileLock lock = data.awaitLock();
            LOG.warn("the node that ran has ended; this one goes on in its place");
            return new Turn(data, lock, lent.taken(), null, null);
        }
    }

    /** The sockets of the node before. */
    public List<Handed> sockets() {
        return sockets;
    }

    /** This process answers by them: the one before may end. */
    public void serving() throws IOException {
        if (predecessor != null) {
            predecessor.serving();
        }
    }

    /** This process's API listens: whoever waits for it is put through. */
    public void listening() throws IOException {
        if (callers != null) {
            callers.putThrough();
        }
    }

    /**
     * Returns once no process before this one can tell or change anything, or this turn is closed.
     *
     * @throws InterruptedException if this thread is to end
     */
    public void awaitOnlyOne() throws InterruptedException {
        if (predecessor != null) {
            predecessor.awaitEnd();
        }
    }

    /** Whether a process before this one may still be there. */
    public boolean isOverlapping() {
        return predecessor != null;
    }

    /**
     * Hands over to whoever asks from now on, until this is closed.
     *
     * @return nothing to close where this system has no way to hand sockets over
     */
    public AutoCloseable handOver(Running node) throws IOException {
        return Line.isPossible() ? Handover.serve(data.handover(), node) : () -> {};
    }

    /** Gives it back for another process. */
    public synchronized void release() throws IOException {
        FileLock held = lock;
        lock = null;
        if (held != null) {
            held.acquiredBy().close();
        }
    }

    /**
     * After {@link #release}: nobody else wanted it.
     *
     * @throws IOException if somebody has it
     */
    public synchronized void again() throws IOException {
        lock = data.lock(AT_ONCE);
    }

    @Override
    public void close() throws IOException {
        try {
            release();
        } finally {
            goBack(predecessor, callers);
        }
    }
}
