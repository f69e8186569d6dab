package io.sallyport.resolver.upstream;

import io.netty.channel.EventLoop;

/**
 * One query to one server over a socket of its own. Ends once: closes the socket and tells its
 * exchange how. Lives on one event loop.
 */
abstract sealed class Attempt permits UdpAttempt, TcpAttempt {

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
        /** Without an answer in time. */
        SILENT
    }

    /** Who is told. */
    interface Listener {
        /** With the message that ended it, or no octets. */
        void ended(End end, byte[] octets);
    }

    private static final byte[] NOTHING = {};

    final Query query;
    private final Listener listener;
    private boolean over;

    Attempt(Query query, Listener listener) {
        this.query = query;
        this.listener = listener;
    }

    /** Opens the socket and asks; may end before it returns. */
    abstract void start(EventLoop loop, Server server);

    /** Closes the socket and gives back what the attempt held. Called once. */
    abstract void release();

    /** The time is over. */
    void expire() {
        end(End.SILENT);
    }

    final void end(End end) {
        end(end, NOTHING);
    }

    final void end(End end, byte[] octets) {
        if (!over) {
            over = true;
            release();
            listener.ended(end, octets);
        }
    }

    final boolean isOver() {
        return over;
    }
}
