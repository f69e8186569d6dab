package io.sallyport.resolver.upstream;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.upstream.stream.Streams;

/** A query over one of the server's connections (RFC 7766, RFC 7858). */
final class StreamAttempt extends Attempt implements Streams.Call {
    private final Randomness randomness;
    private final boolean fresh;

    /**
     * @param fresh over a connection that has not served before
     */
    StreamAttempt(
            Query query,
            Server server,
            EventLoop loop,
            Randomness randomness,
            boolean fresh,
            Listener listener) {
        super(query, server, loop, listener);
        this.randomness = randomness;
        this.fresh = fresh;
    }

    @Override
    void start() {
        server.streams().send(loop, this, fresh);
    }

    @Override
    void release(boolean answered) {
        if (!answered) {
            server.streams().cancel(loop, this, isBlamed());
        }
    }

    @Override
    public int id() {
        return query.id();
    }

    @Override
    public void redraw() {
        query.redraw(randomness);
    }

    @Override
    public byte[] octets() {
        return query.octets();
    }

    @Override
    public void sent(long nowNanos) {
        sentNanos = nowNanos;
    }

    @Override
    public boolean answered(byte[] message) {
        return switch (query.match(message, message.length)) {
            case ANSWER, OTHER_CASE -> ended(End.REPLY, message); // nobody off the path sent it
            case NO_EDNS -> ended(End.NO_EDNS, message);
            case TRUNCATED -> ended(End.UNREACHABLE, message); // there is no more room anywhere
            case STRANGER -> false;
        };
    }

    @Override
    public void lost(Streams.Loss loss) {
        switch (loss) {
            case UNREACHABLE -> end(End.UNREACHABLE);
            case STALE -> end(End.STALE);
            case BUSY -> end(End.BUSY);
        }
    }

    private boolean ended(End end, byte[] message) {
        end(end, message);
        return true;
    }
}
