package io.sallyport.resolver.upstream;

import io.netty.channel.EventLoop;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One query to one server. Ends once: gives back what it held and tells its listener how; or is
 * dropped, and tells nobody. Its timer rings and ends nothing. Lives on one event loop.
 */
abstract sealed class Attempt implements Runnable permits UdpAttempt, StreamAttempt {

    /** How an attempt ended. */
    enum End {
        /** With a message that matches the query. */
        REPLY,
        /** With one that says the rest needs TCP. */
        TRUNCATED,
        /** With one that matches but for the case, over UDP. */
        OTHER_CASE,
        /** With a bare error of a server that may not know EDNS. */
        NO_EDNS,
        /** With more strangers' messages than chance brings. */
        FLOODED,
        /** With an error of the network, or a connection closed early. */
        UNREACHABLE,
        /** With a connection that had served before and is gone. */
        STALE,
        /** Without having been asked: there are too many queries on their way. */
        BUSY
    }

    /** Who is told. */
    interface Listener {
        /** With the message that ended it, or no octets. */
        void ended(Attempt attempt, End end, byte[] octets);

        /** Its timer rang, and it is still on its way. */
        void due(Attempt attempt);
    }

    private static final byte[] NOTHING = {};

    final Query query;
    final Server server;
    final EventLoop loop;
    private final Listener listener;

    /** When it went out; for a stream, when the connection took it. */
    long sentNanos = System.nanoTime();

    /** Whether its timer is to send a second query elsewhere, and not yet to give it up. */
    boolean hedged;

    /** Whether it was sent while another one was on its way. */
    boolean rival;

    /** Whether it is the first of its question. */
    boolean first;

    private boolean blamed;
    private boolean over;
    private @Nullable ScheduledFuture<?> timer;

    Attempt(Query query, Server server, EventLoop loop, Listener listener) {
        this.query = query;
        this.server = server;
        this.loop = loop;
        this.listener = listener;
    }

    /** Asks; may end before it returns. */
    abstract void start();

    /**
     * Gives back what the attempt held. Called once.
     *
     * @param answered whether anything is left that nobody waits for
     */
    abstract void release(boolean answered);

    /** Rings after this time. */
    final void arm(long nanos) {
        timer = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public final void run() {
        timer = null;
        if (!over) {
            listener.due(this);
        }
    }

    final void end(End end) {
        end(end, NOTHING);
    }

    final void end(End end, byte[] octets) {
        if (!over) {
            finish(true);
            listener.ended(this, end, octets);
        }
    }

    /** Nobody wants the answer any more. */
    final void drop() {
        if (!over) {
            finish(false);
        }
    }

    /** Whether it goes over a connection only because there is much to ask. */
    final boolean mayBeDatagram() {
        return first && query.carrier() == Query.Carrier.TCP;
    }

    final boolean isOver() {
        return over;
    }

    /** Its silence counts against the server; true the first time. */
    final boolean blame() {
        boolean first = !blamed;
        blamed = true;
        return first;
    }

    final boolean isBlamed() {
        return blamed;
    }

    private void finish(boolean answered) {
        over = true;
        if (timer != null) {
            timer.cancel(false);
        }
        release(answered);
    }
}
