package io.sallyport.resolver.upstream;

import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A datagram from a fresh, connected socket: the kernel draws the port and drops what comes from
 * elsewhere. Queries are far below the least MTU there is, so forged path MTUs (RFC 9715) have
 * nothing to work on.
 */
final class UdpAttempt extends Attempt implements Datagram.Receiver {
    /**
     * Chance brings none; who sends more is guessing ids, and TCP ends the game (RFC 5452 §9.3).
     */
    static final int MAX_STRANGERS = 10;

    private final LongAdder mismatched;
    private @Nullable Datagram datagram;
    private int strangers;

    UdpAttempt(
            Query query, Server server, EventLoop loop, LongAdder mismatched, Listener listener) {
        super(query, server, loop, listener);
        this.mismatched = mismatched;
    }

    @Override
    void start() {
        try {
            datagram = Datagram.open(loop, server.address(), this);
            datagram.send(query.octets());
        } catch (IOException | ChannelException e) { // no route, or no more file descriptors
            end(End.UNREACHABLE);
        }
    }

    @Override
    void release(boolean answered) {
        if (datagram != null) {
            datagram.close();
        }
    }

    @Override
    public void received(byte[] octets) {
        if (isOver()) {
            return;
        }
        boolean oversize = octets.length > Query.MAX_UDP; // cut by our buffer, and never asked for
        switch (query.match(octets, octets.length)) {
            case ANSWER -> end(oversize ? End.TRUNCATED : End.REPLY, octets);
            case TRUNCATED -> end(End.TRUNCATED);
            case NO_EDNS -> end(End.NO_EDNS);
            case OTHER_CASE -> {
                mismatched.increment();
                end(End.OTHER_CASE);
            }
            case STRANGER -> {
                mismatched.increment();
                if (++strangers >= MAX_STRANGERS) {
                    end(End.FLOODED);
                }
            }
        }
    }

    /** An ICMP error about this socket's own four addresses and ports. */
    @Override
    public void broken() {
        end(End.UNREACHABLE);
    }
}
